using System;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Writes a copy of a Markdown page whose relative links and pictures, outside of code, are absolute.</summary>
public sealed class AbsoluteLinks : Task
{
    // [text](target), ![text](target), and [name]: target at the start of a line.
    private static readonly Regex Link = new Regex(@"(?<=\]\(|^\[[^\]]+\]:\s+)[^)\s]+");
    private static readonly Regex Absolute = new Regex("^([a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase);
    private static readonly Regex Picture = new Regex(@"\.(png|jpe?g|gif|svg)$", RegexOptions.IgnoreCase);

    /// <summary>The page; only read.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the copy goes.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>Where people read the page: its links are relative to this.</summary>
    [Required]
    public string Page { get; set; }

    /// <summary>Where the page's own text is served: its pictures are relative to this.</summary>
    [Required]
    public string Pictures { get; set; }

    public override bool Execute()
    {
        Uri page = new Uri(Page), pictures = new Uri(Pictures);
        string Resolve(Match link) => Absolute.IsMatch(link.Value) ? link.Value
            : new Uri(Picture.IsMatch(link.Value) ? pictures : page, link.Value).AbsoluteUri;

        var copy = new StringBuilder();
        var code = false;
        foreach (var line in File.ReadAllLines(Source))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) code = !code;
            copy.Append(code ? line : Link.Replace(line, Resolve)).Append('\n');
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        File.WriteAllText(Destination, copy.ToString());
        return true;
    }
}
