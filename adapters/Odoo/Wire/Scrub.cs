using System.Text.RegularExpressions;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// Makes Odoo's messages fit for callers: no addresses, ports, paths, SQL, tracebacks, model names or record ids.
/// What is left of a business message ("You can not delete a confirmed sales order.") is worth showing.
/// </summary>
internal static partial class Scrub
{
    private const int MaxLength = 400;
    private const string Gone = "…";

    /// <summary>Shown where nothing is left.</summary>
    public const string Nothing = "The order system refused the request.";

    public static string Text(string message)
    {
        var lines = message
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(line => !Traceback().IsMatch(line))
            .Where(line => !Inside().IsMatch(line))
            .Select(line => Token().Replace(line, Gone))
            .Where(line => line.Any(char.IsLetter));
        var text = string.Join(' ', lines);
        return text.Length switch
        {
            0 => Nothing,
            > MaxLength => text[..MaxLength] + Gone,
            _ => text,
        };
    }

    /// <summary>From here on nothing is for the caller.</summary>
    [GeneratedRegex("""^(Traceback|RPC_ERROR|Odoo Server Error|File ")""")]
    private static partial Regex Traceback();

    /// <summary>Lines that speak of Odoo's inside as a whole: SQL, constraints, connections, models and users.</summary>
    [GeneratedRegex("""
        ^(LINE\ \d|DETAIL:|HINT:|CONTEXT:|\^|QUERY:|\(?Record:|Model:|-\ (create/update|delete):|connection\ )
        |\b(SELECT|INSERT\ INTO|UPDATE|DELETE\ FROM)\b.*\b(FROM|SET|VALUES|WHERE)\b|psycopg2|could\ not\ connect|connection\ to\ server
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Inside();

    /// <summary>Addresses, hosts with ports, IP numbers, file paths, technical names in brackets, secrets in the shape of Odoo's keys.</summary>
    [GeneratedRegex("""
        [a-z][a-z0-9+.-]*://\S+
        |\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b
        |\b(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+):\d{2,5}\b|\blocalhost\b
        |(?<![\w.])(/[\w.@+-]+){2,}/?|\b[A-Z]:\\\S+
        |\(\s*[a-z_]+(\.[a-z_]+)+(\([^)]*\))?[^)]*\)|\([a-z]+(_[a-z]+)+\)
        |\b[0-9a-f]{32,}\b
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();
}
