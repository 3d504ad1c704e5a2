using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Cases;

/// <summary>
/// What <c>${NAME}</c> stands for in a case. In what is expected a name that is not known yet is any text of at least one character, and known
/// from there on; one that is known is its text, everywhere.
/// </summary>
internal sealed partial class Names
{
    private readonly Dictionary<string, string> _known;

    public Names()
        : this([])
    {
    }

    private Names(Dictionary<string, string> known) => _known = known;

    /// <summary>For a comparison that may fail: what it learns is taken over by <see cref="Take"/>, or forgotten.</summary>
    public Names Copy() => new(new Dictionary<string, string>(_known));

    public void Take(Names learned)
    {
        foreach (var (name, text) in learned._known) _known[name] = text;
    }

    /// <summary>The text with the names that are known.</summary>
    public string Fill(string text) => Reference().Replace(text, r => _known.GetValueOrDefault(r.Groups[1].Value, r.Value));

    /// <summary>The first name of a text that nothing is known of.</summary>
    public string? Unknown(string text) => Reference().Matches(text).Select(r => r.Groups[1].Value).FirstOrDefault(name => !_known.ContainsKey(name));

    /// <summary>Whether a text is what is expected; then the names in it are known.</summary>
    public bool Match(string expected, string actual)
    {
        var filled = Fill(expected);
        if (filled == actual) return true;
        if (Unknown(filled) is null) return false;
        var pattern = new StringBuilder("^");
        var (at, names) = (0, new HashSet<string>());
        foreach (Match reference in Reference().Matches(filled))
        {
            pattern.Append(Regex.Escape(filled[at..reference.Index]));
            var name = reference.Groups[1].Value;
            pattern.Append(names.Add(name) ? $"(?<{name}>.+?)" : $"\\k<{name}>");
            at = reference.Index + reference.Length;
        }
        pattern.Append(Regex.Escape(filled[at..])).Append("\\z");
        var match = Regex.Match(actual, pattern.ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant);
        if (!match.Success) return false;
        foreach (var name in names) _known[name] = match.Groups[name].Value;
        return true;
    }

    /// <summary>Whether a value that is no text is what a name alone stands for.</summary>
    public bool MatchValue(string expected, JsonElement actual) =>
        Reference().Match(expected) is { Success: true } reference && reference.Length == expected.Length && Match(expected, actual.GetRawText());

    [GeneratedRegex(@"\$\{([A-Za-z][A-Za-z0-9]*)\}")]
    private static partial Regex Reference();
}
