using System.Text.RegularExpressions;

namespace Gateway.Adapters;

/// <summary>
/// What a system's messages say of its inside, whichever system it is: addresses, hosts, ports, paths, SQL, traces, keys. None of it is for callers. Sums,
/// times, ratios, numbers of orders and names of products are.
/// </summary>
internal static partial class Inside
{
    /// <summary>From here on nothing of a message is for callers.</summary>
    [GeneratedRegex("""^(Traceback|RPC_ERROR|Odoo Server Error|File ")""")]
    public static partial Regex Traceback();

    /// <summary>Lines that speak of the inside as a whole: SQL, constraints, models and users; connections, resolvers and what else a program says of its machine.</summary>
    [GeneratedRegex("""
        ^(LINE\ \d|DETAIL:|HINT:|CONTEXT:|\^|QUERY:|\(?Record:|Model:|-\ (create/update|delete):|connection\ )
        |\b(SELECT|INSERT\ INTO|UPDATE|DELETE\ FROM)\b.*\b(FROM|SET|VALUES|WHERE)\b|psycopg|urllib|requests\.|could\ not\ connect|connection\ to\ (server|\S*[.\d])
        |(?i:HTTPS?Connection|Max\ retries|translate\ host|server\ closed\ the|connection\ (to\ \S+\ )?(refused|reset|aborted|failed|timed\ out)|\[Errno|<class\ |\bSSL\b|certificate\ verify
        |authentication\ failed|\b(relation|column|constraint|role|schema|database)\ "|name\ or\ service|name\ resolution|no\ route\ to|broken\ pipe|\bpassw(or)?d\s*[=:])
        """, RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex Line();

    /// <summary>
    /// Words of a line: addresses, hosts by their ports, their labels or the word before them, pods, IP numbers, paths of files and shares, settings, technical names
    /// in brackets, ids that no person gives, and keys in the shapes that are known of them.
    /// </summary>
    [GeneratedRegex("""
        [a-z][a-z0-9+.-]*://\S+
        |\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b
        |\b[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*:\d{2,5}\b|\blocalhost\b|\b[a-z][a-z0-9-]+(\.[a-z][a-z0-9-]+)+\b
        |(?<=\b(host|hostname|pod|upstream)\s+["']?)(?=[\w.-]*[\d._-])[a-z0-9][\w.-]*\w(["']?,?\s+port\s+\d+)?
        |(?<=\b(server|node|backend|instance)\s+["']?)(?=[a-z0-9]*[_-])(?=[\w-]*\d)[a-z][\w-]*\w|\bport\s+\d{3,5}\b
        |(?<![\w-])(?-i:[a-z][a-z0-9-]{0,60}-(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5})(?![\w-])
        |(?<![\w:])(?=[0-9a-f:]*(::|[a-f]))[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}(?![\w:])
        |\b(host|hostname|hostaddr|user|dbname|port|token|secret|api_?key)\s*=\s*\S+
        |(?<![\w.])(/[\w.@+-]+){2,}/?|\b[A-Z]:\\\S+|\\\\[\w.$-]+\S*
        |\(\s*[a-z_]+(\.[a-z_]+)+(\([^)]*\))?[^)]*\)|\([a-z]+(_[a-z]+)+\)
        |(?<=\bbearer\s+)(?=\S*\d)\S{6,}|(?<=\bbasic\s+)[a-z0-9+/]{16,}={0,2}
        |\b[spr]k_(live|test)_\w+|\bwhsec_\S+|\bgh[opsur]_\w{16,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{8,}|(?-i:\bA[KS]IA[0-9A-Z]{12,}\b|\beyJ[\w-]{8,}\.[\w.-]+)
        |\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32,}\b|\b(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{32,}\b
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    public static partial Regex Word();

    /// <summary>Whether a text, line by line, says anything of it.</summary>
    public static bool IsIn(string text) => text.Split('\n', StringSplitOptions.TrimEntries).Any(line => Traceback().IsMatch(line) || Line().IsMatch(line) || Word().IsMatch(line));
}
