using System.Collections.Frozen;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;

namespace Gateway.Policies.Authenticate;

public sealed record ApiKeyOptions : WayOptions
{
    [Description("The header that carries the key.")]
    [RegularExpression("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
    public string Header { get; init; } = "X-Api-Key";

    internal override string Challenge => $"ApiKey realm=\"gateway\", header=\"{Header}\"";

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => [new SurfaceCredential.ApiKey(Header)];

    public override IEnumerable<string> Headers => [Header];

    internal override string Explain(Consumer? consumer) => $"an API key in {Header}";

    internal override WayIn Open(PolicyScope scope) => new ApiKeyWay(
        Header, scope.Shared("apiKeys", () => new ApiKeys(scope.Consumers)), scope.Shared("keyHolders", () => new KeyHolders(scope.Consumers)));
}

/// <summary>API keys in a header: those of the workspace, and those that were issued at run time.</summary>
internal sealed class ApiKeyWay(string header, ApiKeys declared, KeyHolders holders) : WayIn
{
    public override bool IsPresented(Exchange exchange) => exchange.Http.Request.Headers.ContainsKey(header);

    public override ValueTask<Verdict> JudgeAsync(Exchange exchange)
    {
        var value = exchange.Http.Request.Headers[header];
        if (declared.Find(value) is { } found)
        {
            exchange.KeyId = found.Id;
            return found.Key.HoldsAt(exchange.StartedAt) ? Verdict.Admit(found.Consumer) : Refuse("api-key-expired");
        }
        return value is [{ } key] && key.StartsWith(IssuedKeys.Prefix, StringComparison.Ordinal) ? Issued(exchange, exchange.Keys.Find(key)) : Refuse("api-key-unknown");
    }

    public override string? ClaimedBy(Exchange exchange) =>
        exchange.Http.Request.Headers[header] is [{ } key] && key.StartsWith(IssuedKeys.Prefix, StringComparison.Ordinal) ? exchange.Keys.ClaimedBy(key) : null;

    public override void TakeOff(Exchange exchange) => exchange.Http.Request.Headers.Remove(header);

    private Verdict Issued(Exchange exchange, FoundKey found)
    {
        if (found.Key is not { } key) return Refuse(found.Reason);
        exchange.KeyId = key.Id;
        return holders.Of(key) is { } consumer ? Verdict.Admit(consumer) : Refuse("api-key-consumer-gone");
    }

    private static Verdict Refuse(string reason) => Verdict.Refuse(reason, "The API key is not valid.");
}

/// <summary>The consumers of a Plan as holders of issued keys, each with no more than its key may.</summary>
internal sealed class KeyHolders(IEnumerable<Consumer> consumers)
{
    private readonly FrozenDictionary<string, Consumer> _byName = consumers.DistinctBy(c => c.Name).ToFrozenDictionary(c => c.Name);

    /// <summary>A key is another object after every change of it, so what was narrowed once goes when the key goes.</summary>
    private readonly ConditionalWeakTable<IssuedKey, Consumer> _narrowed = [];

    /// <summary>Null where the workspace has no such consumer any more, another partner has, or the device stands elsewhere now.</summary>
    public Consumer? Of(IssuedKey key)
    {
        if (!_byName.TryGetValue(key.Consumer, out var consumer) || consumer.Partner.Name != key.Tenant || consumer.Location != key.Location) return null;
        if (key.Scopes is null) return consumer;
        return _narrowed.TryGetValue(key, out var narrowed) ? narrowed : _narrowed.GetValue(key, one => consumer.NarrowedTo(one.Scopes!.ToFrozenSet()));
    }
}
