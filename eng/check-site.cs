// Checks the links of a built site: every relative one leads to a file, every anchor to an element; others are listed.
//   dotnet run eng/check-site.cs -- FOLDER
using System.Net;
using System.Text.RegularExpressions;

var root = Path.GetFullPath(args[0]);
var links = new Regex("<(?:a|img|link|script)\\b[^>]*?\\s(?:href|src)=\"([^\"]*)\"");
var ids = new Regex("\\s(?:id|name)=\"([^\"]*)\"");
var anchors = new Dictionary<string, HashSet<string>>();
var faults = new List<string>();
var hosts = new SortedDictionary<string, int>(StringComparer.Ordinal);
var count = 0;

foreach (var page in Directory.EnumerateFiles(root, "*.html", SearchOption.AllDirectories).Order())
    foreach (Match link in links.Matches(File.ReadAllText(page)))
    {
        count++;
        var target = WebUtility.HtmlDecode(link.Groups[1].Value);
        if (Fault(page, target) is { } fault) faults.Add($"{Path.GetRelativePath(root, page)}: {target}: {fault}");
    }

foreach (var fault in faults) Console.Error.WriteLine(fault);
Console.WriteLine($"elsewhere, not visited: {string.Join(", ", hosts.Select(h => $"{h.Key} {h.Value}"))}");
Console.WriteLine($"{count} links, {faults.Count} of them dead");
return count > 0 && faults.Count == 0 ? 0 : 1;

string? Fault(string page, string target)
{
    if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out var uri))
    {
        hosts[uri.Host] = hosts.GetValueOrDefault(uri.Host) + 1;
        return uri.Scheme is "https" or "mailto" ? null : "no https address";
    }

    var parts = target.Split('#', 2);
    var path = Uri.UnescapeDataString(parts[0].Split('?')[0]);
    var file = path.Length == 0 ? page : Path.GetFullPath(path, Path.GetDirectoryName(page)!);
    if (!File.Exists(file)) return "no such file";
    return parts.Length == 1 || parts[1].Length == 0 || Anchors(file).Contains(Uri.UnescapeDataString(parts[1])) ? null
        : "no such anchor";
}

HashSet<string> Anchors(string file) =>
    anchors.TryGetValue(file, out var known) ? known
        : anchors[file] = ids.Matches(File.ReadAllText(file)).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).ToHashSet();
