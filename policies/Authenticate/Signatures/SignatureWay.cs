using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Authenticate.Signatures;

public sealed record SignatureOptions : WayOptions
{
    public const string Header = "Signature";
    public const string InputHeader = "Signature-Input";

    [Description("Header fields that a signature must cover where the request has them, beside what every signature covers: the method, the address, and the digest of a body.")]
    public IReadOnlyList<string> Components { get; init; } = [];

    [Description("How old a signature may be.")]
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(5);

    [Description("Scheme and host that callers sign, where a proxy before the gateway changes them. Default: as the request came.")]
    public Uri? Address { get; init; }

    internal override string Challenge => "Signature realm=\"gateway\"";

    internal override bool NeedsBytes => true;

    public override IEnumerable<string> Headers => [Header, InputHeader];

    private string Demand => $"a signature (RFC 9421) over method, address, body{string.Concat(Components.Select(c => ", " + c))}, at most {MaxAge.TotalSeconds:0} s old";

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => [new SurfaceCredential.Signature(Header, Demand)];

    internal override string Explain(Consumer? consumer) => Demand + SignatureKeyText.Of(consumer, key => key.Algorithm != SignatureAlgorithms.HmacSha512);

    internal override WayIn Open(PolicyScope scope)
    {
        foreach (var component in Components.Where(c => c.Length == 0 || !c.All(IsFieldCharacter)))
            scope.Error("GW5088", scope.PlaceOf(this, nameof(Components)), $"'{component}' is no header field in small letters", "write it like idempotency-key; method, address and body are covered anyway");
        return new SignatureWay(this, SignatureKeys.Of(scope), scope.Clock);
    }

    private static bool IsFieldCharacter(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);
}

/// <summary>
/// HTTP Message Signatures (RFC 9421) by keys of consumers. Signatures by other keys are somebody else's, a proxy's, and are passed over; every one
/// that names a key known here must hold. What it must cover leaves nobody on the way room to change what is asked.
/// </summary>
internal sealed class SignatureWay(SignatureOptions options, SignatureKeys keys, TimeProvider clock) : WayIn
{
    /// <summary>How far a caller's clock may be ahead.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    public override bool IsPresented(Exchange exchange)
    {
        var headers = exchange.Http.Request.Headers;
        return headers.ContainsKey(SignatureOptions.Header) || headers.ContainsKey(SignatureOptions.InputHeader);
    }

    public override async ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        var request = exchange.Http.Request;
        var inputs = FieldReader.Dictionary(request.Headers[SignatureOptions.InputHeader].ToString());
        var signatures = FieldReader.Dictionary(request.Headers[SignatureOptions.Header].ToString());
        if (inputs is not { Count: > 0 } || signatures is null) return Refuse("signature-malformed");
        Consumer? caller = null;
        foreach (var input in inputs)
        {
            if (input["keyid"] is not FieldValue.Text { Value: var id } || keys.Find(id) is not { Count: > 0 } named) continue;
            var (consumer, reason) = await JudgeAsync(exchange, input, signatures.FirstOrDefault(s => s.Name == input.Name)?.Value, named);
            if (consumer is null) return Refuse(reason);
            if (caller is not null && caller.Name != consumer.Name) return Refuse("credentials-of-two");
            caller = consumer;
        }
        return caller is null ? Refuse("signature-key-unknown") : Verdict.Admit(caller);
    }

    public override string? ClaimedBy(Exchange exchange) =>
        FieldReader.Dictionary(exchange.Http.Request.Headers[SignatureOptions.InputHeader].ToString())?
            .Select(input => input["keyid"] is FieldValue.Text { Value: var id } ? keys.Find(id).FirstOrDefault()?.Consumer.Name : null).FirstOrDefault(name => name is not null);

    /// <summary>The credentials, and not the digest: that goes with the body.</summary>
    public override void TakeOff(Exchange exchange)
    {
        exchange.Http.Request.Headers.Remove(SignatureOptions.Header);
        exchange.Http.Request.Headers.Remove(SignatureOptions.InputHeader);
    }

    /// <summary>One signature by a key known here (RFC 9421 section 3.2): whose it is, or why it does not hold.</summary>
    private async ValueTask<(Consumer? Consumer, string Reason)> JudgeAsync(Exchange exchange, FieldMember input, FieldValue? signature, IReadOnlyList<OpenKey> named)
    {
        var components = new RequestComponents(exchange.Http.Request, options.Address);
        if (input.List is null || signature is not FieldValue.Bytes { Value: var given } || input["created"] is not FieldValue.Whole { Value: var created } || NamesOf(input.List) is not { } covered)
            return (null, "signature-malformed");
        if (!IsCovered(exchange, components, covered)) return (null, "signature-coverage");
        if (WhenWrong(created, input["expires"]) is { } untimely) return (null, untimely);
        if (SignatureBase.Of(input, components.Of) is not { } signed) return (null, "signature-component-missing");
        var (key, reason) = KeyOf(named, input["alg"], signed, given.Span);
        if (key is null) return (null, reason);
        if (covered.Contains("content-digest") && !ContentDigest.Holds(exchange.Http.Request.Headers[ContentDigest.Header].ToString(), exchange.Bytes!.Value.Span))
            return (null, "content-digest-wrong");
        var again = await keys.MemoryOf(key.Consumer).RememberAsync(signed, DateTimeOffset.FromUnixTimeSeconds(created), options.MaxAge, exchange.Store, exchange.Aborted);
        return again is null ? (key.Consumer, "") : (null, again);
    }

    /// <summary>Names of components without parameters; null where one comes twice, which must not be (section 2).</summary>
    private static HashSet<string>? NamesOf(IReadOnlyList<FieldItem> components)
    {
        var (all, plain) = (new HashSet<string>(), new HashSet<string>());
        foreach (var component in components)
        {
            var text = new System.Text.StringBuilder();
            component.Write(text);
            if (!all.Add(text.ToString())) return null;
            if (component is { Parameters.Count: 0, Value: FieldValue.Text { Value: var name } }) plain.Add(name);
        }
        return plain;
    }

    private bool IsCovered(Exchange exchange, RequestComponents components, HashSet<string> covered) => components.AreCovered(covered)
        && (exchange.Bytes!.Value.IsEmpty || covered.Contains("content-digest"))
        && options.Components.All(name => covered.Contains(name) || !exchange.Http.Request.Headers.ContainsKey(name));

    private string? WhenWrong(long created, FieldValue? expires)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (created > now + Skew.TotalSeconds) return "signature-not-yet";
        if (created < now - options.MaxAge.TotalSeconds) return "signature-too-old";
        return expires switch
        {
            null => null,
            FieldValue.Whole { Value: var end } => end < now ? "signature-expired" : null,
            _ => "signature-malformed",
        };
    }

    /// <summary>Which of the keys with the signature's id made it. What the signature says of its algorithm must be the key's (section 3.2, step 6).</summary>
    private (OpenKey? Key, string Reason) KeyOf(IReadOnlyList<OpenKey> named, FieldValue? algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        var reason = "signature-key-expired";
        foreach (var key in named)
        {
            if (!key.HoldsAt(clock.GetUtcNow())) continue;
            reason = "signature-wrong";
            if (key.Check is not { } check || (algorithm is not null && algorithm != new FieldValue.Text(key.Key.Algorithm))) reason = "signature-algorithm";
            else if (check(signed, signature)) return (key, "");
        }
        return (null, reason);
    }

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The signature is not valid.");
}
