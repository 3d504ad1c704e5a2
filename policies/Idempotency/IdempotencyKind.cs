using System.Text.Json;

namespace Gateway.Policies.Idempotency;

/// <summary>
/// One request, one effect. The key's answer is replayed as it was (draft-ietf-httpapi-idempotency-key-header, section 2.6); the business
/// key makes the same order through two keys, or two consumers of one partner, one order.
/// </summary>
public sealed class IdempotencyKind : PolicyKind<IdempotencyOptions>
{
    public override string Name => "idempotency";

    public override string Summary => "Carries out each request once: repeats get the stored answer, and a business key tells one order from two.";

    protected override bool NeedsBody(IdempotencyOptions options) => true;

    protected override void Describe(IdempotencyOptions options, PolicyScope scope, Surface surface)
    {
        var required = options.Header == KeyDemand.Required;
        surface.RequestHeaders.Add(new SurfaceHeader(
            KeyHeader.Name, "New for every new request, the same for every repeat of it: one string of 1 to 255 visible ASCII characters.", "order-PO-4711-1", required));
        surface.AnswerHeaders.Add(new SurfaceHeader("Idempotency-Replayed", "The answer was given before, to the same request: true.", "true"));
        surface.Failures.UnionWith([Failure.IdempotencyKeyMissing, Failure.IdempotencyKeyReused, Failure.StillRunning]);
        if (options.Key.Count > 0) surface.Failures.UnionWith([Failure.ReferenceConflict, Failure.ContractBroken]);
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(IdempotencyOptions options, Consumer? consumer)
    {
        yield return (Phase.Replay, $"Idempotency-Key {options.Header.ToString().ToLowerInvariant()}; the answer is given again for {options.KeepFor.TotalHours:0.##} h");
        if (options.Key.Count > 0) yield return (Phase.Claim, $"one object for each {string.Join(" and ", options.Key)} of a partner");
    }

    protected override IEnumerable<PolicyEffect> Compare(IdempotencyOptions? before, IdempotencyOptions? after, IReadOnlyCollection<ComparedCaller> callers)
    {
        if (after is null) return [new PolicyEffect(EffectClass.Breaking, "idempotency is dropped: a request that is sent again is carried out again")];
        if (before is null)
        {
            return after.Header == KeyDemand.Required
                ? [new PolicyEffect(EffectClass.Breaking, "an Idempotency-Key is required now")]
                : [new PolicyEffect(EffectClass.Safe, "a request that is sent again is carried out once now")];
        }
        return Differences(before, after);
    }

    private static IEnumerable<PolicyEffect> Differences(IdempotencyOptions before, IdempotencyOptions after)
    {
        if (before.Header != after.Header)
        {
            yield return after.Header == KeyDemand.Required
                ? new PolicyEffect(EffectClass.Breaking, "an Idempotency-Key is required now")
                : new PolicyEffect(EffectClass.Safe, "an Idempotency-Key is no longer required");
        }
        if (!before.Key.SequenceEqual(after.Key))
            yield return new PolicyEffect(EffectClass.Breaking, $"the business key was {NameOf(before)} and is {NameOf(after)}: what was one object before may be another now");
        if (before.KeepFor != after.KeepFor)
        {
            yield return new PolicyEffect(after.KeepFor < before.KeepFor ? EffectClass.Attention : EffectClass.Safe,
                $"answers are given again for {after.KeepFor.TotalHours:0.##} h, was {before.KeepFor.TotalHours:0.##} h");
        }
    }

    private static string NameOf(IdempotencyOptions options) => options.Key.Count == 0 ? "none" : string.Join(" and ", options.Key);

    protected override IEnumerable<PolicyStep> Compile(IdempotencyOptions options, PolicyScope scope)
    {
        if (scope.Target is not PlanTarget.Call { Operation.Descriptor.Effect: Effect.Changes } target)
        {
            scope.Error("GW5040", scope.PlaceOf(options, ""), "idempotency protects an operation that changes something, and this route calls none", "remove the policy, or call such an operation");
            yield break;
        }
        if (options.Header == KeyDemand.Optional && options.Key.Count == 0)
            scope.Error("GW5041", scope.PlaceOf(options, nameof(options.Header)), "without a header and without a business key nothing tells a repeat", "add key: [MEMBER …], or demand the header");
        yield return new PolicyStep(Phase.Replay, (exchange, next) => LookUp(exchange, next, options));
        if (options.Key.Count > 0)
        {
            var paths = options.Key.Select(p => p.Split('.')).ToArray();
            var kind = target.Creates ?? target.Operation.FullName;
            yield return new PolicyStep(Phase.Claim, (exchange, next) => Claim(exchange, next, options.Key, paths, kind));
        }
    }

    private static async ValueTask LookUp(Exchange exchange, ExchangeDelegate next, IdempotencyOptions options)
    {
        var header = exchange.Http.Request.Headers[KeyHeader.Name];
        var key = header is [{ } text] ? KeyHeader.Parse(text) : null;
        if (key is null && (header.Count > 0 || options.Header == KeyDemand.Required))
        {
            exchange.Refuse(Failure.IdempotencyKeyMissing, header.Count == 0
                ? "The header Idempotency-Key is missing. Send a value that is new for every new request and the same for every repeat."
                : "The header Idempotency-Key must be one string of 1 to 255 visible ASCII characters.");
            return;
        }
        exchange.Idempotency = new Gateway.Idempotency(key, Fingerprint.Of(exchange.Body!.Json)) { KeepFor = options.KeepFor };
        if (key is not null
            && await exchange.Store.FindKeyAsync(new KeyScope(exchange.Tenant, exchange.Route.Name, key), exchange.Aborted) is { } known
            && !await Replay.AnswerAsync(exchange, known))
            return;
        await next(exchange);
    }

    private static ValueTask Claim(Exchange exchange, ExchangeDelegate next, IReadOnlyList<string> names, string[][] paths, string kind)
    {
        var parts = new List<string>(paths.Length + 2) { exchange.Tenant, kind };
        for (var i = 0; i < paths.Length; i++)
        {
            if (Text(exchange.Body!.Json, paths[i]) is not { } part)
            {
                exchange.Refuse(new Refusal(Failure.ContractBroken, "The business reference is incomplete.")
                {
                    Findings = [new Finding("#/" + names[i].Replace('.', '/'), "required", "is required")],
                });
                return ValueTask.CompletedTask;
            }
            parts.Add(part);
        }
        exchange.Idempotency!.Reference = $"{kind}_{Fingerprint.OfParts(parts)}";
        return next(exchange);
    }

    private static string? Text(JsonElement body, string[] path)
    {
        foreach (var name in path)
        {
            if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty(name, out body)) return null;
        }
        return body.ValueKind switch
        {
            JsonValueKind.String => body.GetString(),
            JsonValueKind.Number => Fingerprint.OfNumber(body),
            _ => null,
        };
    }
}
