using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace Gateway.Pipeline.Own;

/// <summary>What a reader of events asks for.</summary>
/// <param name="After">A cursor; null for the beginning.</param>
/// <param name="Wants">Types of events; empty for all.</param>
internal sealed partial record EventQuery(string? After, IReadOnlySet<string> Wants, TimeSpan Wait, int Limit)
{
    /// <summary>What they are about: the id of an order, of a return; null for all.</summary>
    public string? Subject { get; init; }

    public const int MostEvents = 500;

    /// <summary>Proxies on the way end what is silent for longer.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private const int Usual = 100;

    /// <summary>Null where it is malformed. Members that it does not know are the contract's to judge.</summary>
    public static EventQuery? Read(HttpRequest request)
    {
        var query = request.Query;
        if (query["after"].Count > 1 || query["wait"].Count > 1 || query["limit"].Count > 1 || query["subject"].Count > 1) return null;
        var wait = query.TryGetValue("wait", out var written) ? WaitOf(written.ToString()) : TimeSpan.Zero;
        var limit = !query.TryGetValue("limit", out var most) ? Usual
            : int.TryParse(most.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostEvents ? number
            : 0;
        if (wait is not { } time || limit == 0) return null;
        return new EventQuery(query.TryGetValue("after", out var after) ? after.ToString() : null, query["type"].OfType<string>().ToHashSet(StringComparer.Ordinal), time, limit)
        {
            Subject = query.TryGetValue("subject", out var subject) ? subject.ToString() : null,
        };
    }

    /// <summary>The same question from another cursor on.</summary>
    public string Next(string cursor)
    {
        List<string> parts = [$"after={cursor}"];
        parts.AddRange(Wants.Order(StringComparer.Ordinal).Select(type => $"type={UrlEncoder.Default.Encode(type)}"));
        if (Subject is not null) parts.Add($"subject={UrlEncoder.Default.Encode(Subject)}");
        if (Wait > TimeSpan.Zero) parts.Add(string.Create(CultureInfo.InvariantCulture, $"wait={Wait.TotalMilliseconds:0}ms"));
        if (Limit != Usual) parts.Add(string.Create(CultureInfo.InvariantCulture, $"limit={Limit}"));
        return "?" + string.Join('&', parts);
    }

    private static TimeSpan? WaitOf(string text)
    {
        if (Time().Match(text) is not { Success: true } match) return null;
        var count = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var wait = match.Groups[2].Value == "ms" ? TimeSpan.FromMilliseconds(count) : TimeSpan.FromSeconds(count);
        return wait <= LongestWait ? wait : null;
    }

    [GeneratedRegex("^(0|[1-9][0-9]{0,4})(ms|s)\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Time();
}
