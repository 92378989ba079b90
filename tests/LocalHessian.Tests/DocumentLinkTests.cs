using System.Text.RegularExpressions;
using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests;

/// <summary>No link of a page leads nowhere: files and headings exist, addresses elsewhere have the form of one.</summary>
[Trait("Category", "Repository")]
public partial class DocumentLinkTests
{
    public static TheoryData<string> Pages => new(Files);

    private static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/')).Order();

    [Theory, MemberData(nameof(Pages))]
    public void Every_link_leads_somewhere(string page) =>
        string.Join('\n', Targets(Prose(page)).Select(target => Fault(page, target)).OfType<string>()).Should().BeEmpty();

    // eng/docs.sh builds the site; a page that its contents lack could only be found by a link.
    [Fact]
    public void The_site_lists_every_page_of_docs()
    {
        var contents = File.ReadAllText(Path.Combine(Repository.Root, "eng", "site", "docs", "toc.yml"));
        Files.Where(page => page.StartsWith("docs/", StringComparison.Ordinal))
            .Where(page => !contents.Contains($"href: ../../../{page}\n", StringComparison.Ordinal))
            .Should().BeEmpty("eng/site/docs/toc.yml lists them");
    }

    [Fact]
    public void Headings_have_the_anchors_that_GitHub_gives_them() =>
        Anchors("# The two scalars: eq. (24), `m_W` and [C.1](x)\n## Größe\n```\n# no heading\n```\n## Größe\n").Should()
            .Equal("the-two-scalars-eq-24-m_w-and-c1", "größe", "größe-1");

    private static string? Fault(string page, string target)
    {
        if (Scheme().IsMatch(target))
            return Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "mailto" ? null
                : $"{target} is no https address";
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0]));
        var full = Path.GetFullPath(path, Repository.Root);
        if (!Exists(full)) return $"{target}: there is no such file";
        return parts.Length == 1 || Anchors(File.ReadAllText(full)).Contains(Uri.UnescapeDataString(parts[1])) ? null
            : $"{target}: no heading has this anchor";
    }

    // By name, since a file system that ignores case would hide what other systems cannot find.
    private static bool Exists(string path)
    {
        var entry = Path.TrimEndingDirectorySeparator(path);
        if (entry == Repository.Root) return true;
        return Path.GetDirectoryName(entry) is { } folder && Exists(folder) && Directory.Exists(folder)
            && Directory.EnumerateFileSystemEntries(folder).Any(e => Path.GetFileName(e) == Path.GetFileName(entry));
    }

    private static string Prose(string page) =>
        CodeSpan().Replace(Fence().Replace(File.ReadAllText(Path.Combine(Repository.Root, page)), ""), "``");

    private static IEnumerable<string> Targets(string prose) =>
        Link().Matches(prose).Concat(Definition().Matches(prose)).Concat(Html().Matches(prose)).Select(m => m.Groups[1].Value);

    private static List<string> Anchors(string text)
    {
        var anchors = new List<string>();
        foreach (Match heading in Heading().Matches(Fence().Replace(text, "")))
        {
            var words = LinkText().Replace(heading.Groups[1].Value.Trim(), "$1");
            var anchor = NotInAnchors().Replace(words.ToLowerInvariant(), "").Replace(' ', '-');
            var before = anchors.Count(a => a == anchor || a.StartsWith($"{anchor}-", StringComparison.Ordinal)
                && int.TryParse(a[(anchor.Length + 1)..], out _));
            anchors.Add(before == 0 ? anchor : $"{anchor}-{before}");
        }

        return anchors;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex("^ *```.*?^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\(([^)\s]*)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\[[^\]]+\]:\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Html();

    [GeneratedRegex("^#{1,6} +(.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{M}\p{Nd}\p{Pc}\- ]")]
    private static partial Regex NotInAnchors();
}
