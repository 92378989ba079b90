using System.Globalization;

namespace VggCifar.Tests.Reporting;

/// <summary>
/// What a terminal of so many columns shows after some output: enough of one for cursor moves, erasing and the wrapping of
/// long lines.
/// </summary>
internal static class Screen
{
    public static IReadOnlyList<string> Of(string output, int width)
    {
        var rows = new List<char[]>();
        var (row, column) = (0, 0);
        for (var i = 0; i < output.Length; i++)
        {
            switch (output[i])
            {
                case '\n':
                    (row, column) = (row + 1, 0);
                    break;
                case '\r':
                    column = 0;
                    break;
                case '\u001b' when output[i + 1] == '[':
                    var end = i + 2;
                    while (!char.IsLetter(output[end])) end++;
                    Control(output[end], output[(i + 2)..end]);
                    i = end;
                    break;
                default:
                    if (column == width)
                        (row, column) = (row + 1, 0);
                    Row()[column++] = output[i];
                    break;
            }
        }
        return [.. rows.Select(cells => new string(cells).TrimEnd())];

        char[] Row()
        {
            while (rows.Count <= row) rows.Add([.. Enumerable.Repeat(' ', width)]);
            return rows[row];
        }

        void Control(char command, string argument)
        {
            var number = int.TryParse(argument, NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? n : 1;
            if (command == 'A') row = Math.Max(0, row - number);
            else if (command == 'B') row += number;
            else if (command == 'C') column = Math.Min(width - 1, column + number);
            else if (command == 'G') column = number - 1;
            else if (command == 'K') Array.Fill(
                Row(), ' ', argument is "1" or "2" ? 0 : column,
                argument == "1" ? column : width - (argument == "2" ? 0 : column));
        }
    }
}
