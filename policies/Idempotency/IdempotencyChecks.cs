using System.Buffers;

namespace Gateway.Policies.Idempotency;

/// <summary>What can be wrong with a use of the policy.</summary>
internal static class IdempotencyChecks
{
    private static readonly SearchValues<char> Token = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~");

    /// <summary>New with every try of a client, or nobody's but the connection's: with one of them no repeat would be the same.</summary>
    private static readonly HashSet<string> NeverTheSame = new(StringComparer.OrdinalIgnoreCase)
    {
        KeyHeader.Name, "Authorization", "Proxy-Authorization", "Cookie", "Signature", "Signature-Input", "Date", "Age", "Via", "Forwarded", "X-Forwarded-For", "X-Real-IP",
        "traceparent", "tracestate", "baggage", "X-Correlation-Id", "X-Request-Id", "webhook-id", "webhook-timestamp", "webhook-signature",
        "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Expect", "Host", "User-Agent",
    };

    /// <summary>Whether the target can be protected at all.</summary>
    public static bool CanProtect(IdempotencyOptions options, PolicyScope scope)
    {
        switch (scope.Target)
        {
            case PlanTarget.Call { Operation.Descriptor.Effect: Effect.Changes }:
                return true;
            case PlanTarget.Forward:
                scope.Error("GW5042", scope.PlaceOf(options, ""), "idempotency keeps answers, and those of a forwarded route stream past the gateway; nor could it ask what became of a request that was cut off",
                    "call an operation, or remove the policy and let the backend take the Idempotency-Key, which is passed on");
                return false;
            default:
                scope.Error("GW5040", scope.PlaceOf(options, ""), "idempotency protects an operation that changes something, and this route calls none", "remove the policy, or call such an operation");
                return false;
        }
    }

    public static void Check(IdempotencyOptions options, PolicyScope scope)
    {
        if (options.Header == KeyDemand.Optional && options.Key.Count == 0)
            scope.Error("GW5041", scope.PlaceOf(options, nameof(options.Header)), "without a header and without a business key nothing tells a repeat", "add key: [MEMBER …], or demand the header");
        CheckHeaders(options, scope);
        CheckKey(options, scope);
    }

    private static void CheckHeaders(IdempotencyOptions options, PolicyScope scope)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in options.Headers)
        {
            var (wrong, cure) = name switch
            {
                _ when name.Length == 0 || name.AsSpan().ContainsAnyExcept(Token) => ("is no name of a header", "write one as X-Channel"),
                _ when NeverTheSame.Contains(name) => ("is not the same when a client sends its request again", "name headers that say what is asked for"),
                _ when !seen.Add(name) => ("stands there twice", "name each header once"),
                _ => ("", ""),
            };
            if (wrong.Length > 0) scope.Error("GW5043", scope.PlaceOf(options, nameof(options.Headers)), $"'{name}' among the headers that are content {wrong}", cure);
        }
    }

    private static void CheckKey(IdempotencyOptions options, PolicyScope scope)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in options.Key)
        {
            var (wrong, cure) = path.Split('.').Any(member => member.Length == 0 || member.Trim() != member)
                ? ("is no path to a member of the body", "write one as buyerParty.id")
                : seen.Add(path) ? ("", "") : ("stands there twice", "name each member once");
            if (wrong.Length > 0) scope.Error("GW5044", scope.PlaceOf(options, nameof(options.Key)), $"'{path}' in the business key {wrong}", cure);
        }
    }
}
