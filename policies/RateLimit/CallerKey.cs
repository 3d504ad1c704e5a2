using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Policies.RateLimit;

/// <summary>Under what a request is counted: what <c>by:</c> names of it, or the combination. No two callers have the same by accident.</summary>
internal sealed class CallerKey
{
    public const string Consumer = "consumer";
    public const string Partner = "partner";
    public const string Address = "address";
    public const string Route = "route";
    public const string Everybody = "everybody";

    private const string Key = "key";
    private const string Claim = "claim:";
    private const string Header = "header:";

    /// <summary>Longer values of callers are counted by their hash, so that nobody fills the memory with them.</summary>
    private const int MaxValue = 64;

    /// <summary>What can be written, for "did you mean".</summary>
    public static readonly string[] Words = [Consumer, Partner, Key, Address, Route, Everybody, Claim + "NAME", Header + "NAME"];

    private readonly Func<Exchange, string>[] _parts;

    public CallerKey(IReadOnlyList<string> by)
    {
        _parts = [.. by.Select(Part).OfType<Func<Exchange, string>>()];
        IsChosen = by.Any(b => b.StartsWith(Claim, StringComparison.Ordinal) || b.StartsWith(Header, StringComparison.Ordinal));
    }

    /// <summary>Callers choose what they are counted by.</summary>
    public bool IsChosen { get; }

    /// <summary>Who chose it: the consumer, else the address; null where nobody can.</summary>
    public string? OwnerOf(Exchange exchange) => IsChosen ? exchange.Consumer?.Name ?? AddressOf(exchange) : null;

    public string Of(Exchange exchange) => _parts.Length == 1 ? _parts[0](exchange) : Combined(exchange);

    public static bool IsKnown(string by) => Part(by) is not null;

    public static bool IsIdentity(string by) => by is Consumer or Partner or Key;

    /// <summary>All callers have it together.</summary>
    public static bool IsCommon(string by) => by is Route or Everybody;

    public static bool ReadsClaims(IEnumerable<string> by) => by.Any(b => b.StartsWith(Claim, StringComparison.Ordinal));

    /// <summary>For people: <c>each consumer</c>, <c>each partner and route</c>, <c>all together</c>.</summary>
    public static string Text(IReadOnlyList<string> by) => by is [Everybody] ? "all together" : "each " + string.Join(" and ", by.Select(b => b.Replace(":", " ", StringComparison.Ordinal)));

    /// <summary>Null for what is none.</summary>
    private static Func<Exchange, string>? Part(string by) => by switch
    {
        Consumer => static exchange => exchange.Consumer?.Name ?? AddressOf(exchange),
        Partner => static exchange => exchange.Consumer?.Partner.Name ?? AddressOf(exchange),
        Key => static exchange => exchange.KeyId ?? exchange.Consumer?.Name ?? AddressOf(exchange),
        Address => AddressOf,
        Route => static exchange => exchange.Route.Name,
        Everybody => static _ => "",
        _ when After(by, Claim) is { } claim => exchange => Bounded(ClaimOf(exchange, claim)),
        _ when After(by, Header) is { } header => exchange => Bounded(exchange.Http.Request.Headers[header].ToString()),
        _ => null,
    };

    private static string? After(string by, string start) =>
        by.Length > start.Length && by.StartsWith(start, StringComparison.Ordinal) && !by.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) ? by[start.Length..] : null;

    /// <summary>With their lengths, so that no two combinations are the same text.</summary>
    private string Combined(Exchange exchange)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            var value = part(exchange);
            text.Append(value.Length).Append(':').Append(value);
        }
        return text.ToString();
    }

    /// <summary>Of IPv6 the network: one subscriber has at least 64 bits of addresses (RFC 6177).</summary>
    private static string AddressOf(Exchange exchange)
    {
        if (exchange.Http.Connection.RemoteIpAddress is not { } address) return "-";
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4().ToString();
        if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork) return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    /// <summary>Those without the claim are counted together.</summary>
    private static string ClaimOf(Exchange exchange, string claim) =>
        exchange.Consumer?.Claims is { Json: { ValueKind: JsonValueKind.Object } claims } && claims.TryGetProperty(claim, out var said)
            ? said.ValueKind == JsonValueKind.String ? said.GetString()! : said.GetRawText()
            : "";

    private static string Bounded(string value) => value.Length <= MaxValue ? value : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
