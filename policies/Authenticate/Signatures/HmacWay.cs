using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;

namespace Gateway.Policies.Authenticate.Signatures;

public sealed record HmacOptions : WayOptions
{
    private const string Token = "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$";

    [Description("The header that carries the HMAC.")]
    [RegularExpression(Token)]
    public string Header { get; init; } = "X-Signature";

    [Description("The header that names the key: its id among the consumer's signatureKeys.")]
    [RegularExpression(Token)]
    public string KeyHeader { get; init; } = "X-Key-Id";

    [Description("The header with the time of the request, in seconds since 1970.")]
    [RegularExpression(Token)]
    public string TimestampHeader { get; init; } = "X-Timestamp";

    [Description("How far that time may be off, either way.")]
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    [Description("The hash: sha256 takes keys of hmac-sha256, sha512 those of hmac-sha512.")]
    public HmacHash Algorithm { get; init; } = HmacHash.Sha256;

    [Description("How the HMAC is written.")]
    public HmacEncoding Encoding { get; init; } = HmacEncoding.Hex;

    [Description("What stands before the HMAC in its header: sha256=")]
    public string Prefix { get; init; } = "";

    [Description("What is signed, in this order, joined by line feeds. Path and query as they are sent, the query without its question mark.")]
    public IReadOnlyList<HmacPart> Signed { get; init; } = [HmacPart.Timestamp, HmacPart.Method, HmacPart.Path, HmacPart.Query, HmacPart.Body];

    internal override string Challenge => $"HMAC realm=\"gateway\", header=\"{Header}\"";

    internal override bool NeedsBytes => true;

    public override IEnumerable<string> Headers => [Header, KeyHeader, TimestampHeader];

    /// <summary>The algorithm of the keys that are taken.</summary>
    public string KeyAlgorithm => Algorithm == HmacHash.Sha256 ? SignatureAlgorithms.HmacSha256 : SignatureAlgorithms.HmacSha512;

    private string Demand => $"an HMAC-{(Algorithm == HmacHash.Sha256 ? "SHA256" : "SHA512")} over {string.Join(", ", Signed.Select(part => part.ToString().ToLowerInvariant()))}, its key named in {KeyHeader}"
        + (Signed.Contains(HmacPart.Timestamp) ? $", at most {Tolerance.TotalSeconds:0} s off" : "");

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => [new SurfaceCredential.Signature(Header, Demand) { Algorithm = KeyAlgorithm }];

    internal override string Explain(Consumer? consumer) => $"{Demand}, in {Header}" + SignatureKeyText.Of(consumer, key => key.Algorithm == KeyAlgorithm);

    internal override WayIn Open(PolicyScope scope)
    {
        if (!Signed.Contains(HmacPart.Body) || Signed.Distinct().Count() < Signed.Count)
            scope.Error("GW5087", scope.PlaceOf(this, nameof(Signed)), Signed.Contains(HmacPart.Body) ? "a part is signed twice" : "the body is not signed: anybody on the way could change it", "write signed: [timestamp, method, path, query, body], or what the partner signs of it");
        return new HmacWay(this, SignatureKeys.Of(scope), scope.Clock);
    }

    /// <summary>The HMAC of a request.</summary>
    /// <param name="timestamp">As it stands in its header.</param>
    public byte[] Of(byte[] secret, RequestComponents request, string method, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(Algorithm == HmacHash.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512, secret);
        for (var i = 0; i < Signed.Count; i++)
        {
            if (i > 0) hmac.AppendData("\n"u8);
            if (Signed[i] == HmacPart.Body) hmac.AppendData(body);
            else hmac.AppendData(System.Text.Encoding.UTF8.GetBytes(TextOf(Signed[i], request, method, timestamp)));
        }
        return hmac.GetHashAndReset();
    }

    /// <summary>The HMAC as it stands in its header.</summary>
    public string Written(byte[] hmac) => Prefix + (Encoding == HmacEncoding.Hex ? Convert.ToHexStringLower(hmac) : Convert.ToBase64String(hmac));

    private static string TextOf(HmacPart part, RequestComponents request, string method, string timestamp) => part switch
    {
        HmacPart.Method => method,
        HmacPart.Path => request.RawPath,
        HmacPart.Query => request.RawQuery,
        HmacPart.Timestamp => timestamp,
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };
}

public enum HmacHash
{
    Sha256,
    Sha512,
}

public enum HmacEncoding
{
    /// <summary>Small letters or capitals.</summary>
    Hex,

    /// <summary>With its padding (RFC 4648 section 4).</summary>
    Base64,
}

/// <summary>A part of a request that an HMAC is over.</summary>
public enum HmacPart
{
    Timestamp,
    Method,
    Path,
    Query,
    Body,
}

/// <summary>Plain HMAC, as partners agreed on it before there was a standard: the caller names its key, and both sides know the secret.</summary>
internal sealed class HmacWay(HmacOptions options, SignatureKeys keys, TimeProvider clock) : WayIn
{
    public override bool IsPresented(Exchange exchange) => exchange.Http.Request.Headers.ContainsKey(options.Header);

    public override string? ClaimedBy(Exchange exchange) => exchange.Http.Request.Headers[options.KeyHeader] is [{ Length: > 0 } id] ? keys.Find(id).FirstOrDefault()?.Consumer.Name : null;

    public override async ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        var request = exchange.Http.Request;
        if (request.Headers[options.KeyHeader] is not [{ Length: > 0 } id]) return Refuse("hmac-key-missing");
        if (request.Headers[options.Header] is not [{ } header] || !header.StartsWith(options.Prefix, StringComparison.Ordinal) || Decoded(header.AsSpan(options.Prefix.Length)) is not { } given)
            return Refuse("hmac-malformed");
        DateTimeOffset? made = null;
        var timestamp = "";
        if (options.Signed.Contains(HmacPart.Timestamp))
        {
            if (request.Headers[options.TimestampHeader] is not [{ Length: <= 12 } sent] || !long.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return Refuse("hmac-timestamp-malformed");
            if (Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - seconds) > options.Tolerance.TotalSeconds) return Refuse("hmac-timestamp-off");
            (timestamp, made) = (sent, DateTimeOffset.FromUnixTimeSeconds(seconds));
        }
        var components = new RequestComponents(request, null);
        var reason = "hmac-key-unknown";
        foreach (var key in keys.Find(id).Where(key => key.Key.Algorithm == options.KeyAlgorithm))
        {
            reason = "hmac-key-expired";
            if (!key.HoldsAt(clock.GetUtcNow())) continue;
            reason = "hmac-wrong";
            var wanted = options.Of(key.Key.Material.ToArray(), components, request.Method, timestamp, exchange.Bytes!.Value.Span);
            if (!CryptographicOperations.FixedTimeEquals(wanted, given)) continue;
            if (made is { } at && await keys.MemoryOf(key.Consumer).RememberAsync(wanted, at, options.Tolerance, exchange.Store, exchange.Aborted) is { } again) return Refuse(again);
            return Verdict.Admit(key.Consumer);
        }
        return Refuse(reason);
    }

    public override void TakeOff(Exchange exchange)
    {
        var headers = exchange.Http.Request.Headers;
        headers.Remove(options.Header);
        headers.Remove(options.KeyHeader);
        headers.Remove(options.TimestampHeader);
    }

    /// <summary>The bytes of an HMAC; null where it is not written as it should be.</summary>
    private byte[]? Decoded(ReadOnlySpan<char> text)
    {
        var bytes = new byte[options.Algorithm == HmacHash.Sha256 ? HMACSHA256.HashSizeInBytes : HMACSHA512.HashSizeInBytes];
        int length;
        var decoded = options.Encoding == HmacEncoding.Base64
            ? Convert.TryFromBase64Chars(text, bytes, out length)
            : Convert.FromHexString(text, bytes, out _, out length) == System.Buffers.OperationStatus.Done;
        return decoded && length == bytes.Length ? bytes : null;
    }

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The HMAC is not valid.");
}
