using System.Text;

namespace Gateway.Import;

/// <summary>
/// Plain names that are unique without regard to case: they become names of files, and not every file system tells <c>Order</c> from
/// <c>order</c>.
/// </summary>
internal sealed class PlainNames(IEnumerable<string> taken, int longest)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.OrdinalIgnoreCase);

    /// <summary>The name, shortened if need be, with a number behind it if another has it.</summary>
    public string Take(string name)
    {
        var candidate = Shorten(name, longest);
        for (var number = 2; !_taken.Add(candidate); number++) candidate = $"{Shorten(name, longest - 6)}-{number}";
        return candidate;
    }

    /// <summary>Letters, digits, dot, minus and underscore as they are; anything else becomes a dot where it was a slash, else a minus.</summary>
    public static string Of(string text)
    {
        var name = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            var plain = char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : letter is '/' or ':' ? '.' : '-';
            if (plain is not ('.' or '-') || (name.Length > 0 && name[^1] is not ('.' or '-'))) name.Append(plain);
        }
        return name.ToString().Trim('.', '-', '_');
    }

    /// <summary><c>SalesOrder</c> as <c>sales-order</c>, <c>HTTPError</c> as <c>http-error</c>.</summary>
    public static string Kebab(string text)
    {
        var plain = Of(text);
        var name = new StringBuilder(plain.Length + 8);
        for (var i = 0; i < plain.Length; i++)
        {
            var begins = char.IsAsciiLetterUpper(plain[i]) && i > 0
                && (char.IsAsciiLetterLower(plain[i - 1]) || (i + 1 < plain.Length && char.IsAsciiLetterUpper(plain[i - 1]) && char.IsAsciiLetterLower(plain[i + 1])));
            if (begins) name.Append('-');
            name.Append(char.ToLowerInvariant(plain[i]));
        }
        return name.ToString();
    }

    public static bool IsPlain(string name) =>
        name is { Length: > 0 and <= 64 } && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static string Shorten(string name, int longest) => name.Length <= longest ? name : name[..longest].TrimEnd('.', '-', '_');
}
