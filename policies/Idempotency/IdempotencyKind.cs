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
        var form = options.Strict ? "in quotes, as RFC 9651 has it: one string" : "one string";
        surface.RequestHeaders.Add(new SurfaceHeader(
            KeyHeader.Name, $"New for every new request, the same for every repeat of it: {form} of 1 to 255 visible ASCII characters.", options.Strict ? "\"order-PO-4711-1\"" : "order-PO-4711-1", required));
        surface.AnswerHeaders.Add(new SurfaceHeader("Idempotency-Replayed", "The answer was given before, to the same request: true.", "true"));
        surface.Failures.UnionWith([Failure.IdempotencyKeyMissing, Failure.IdempotencyKeyReused, Failure.StillRunning]);
        if (options.Key.Count > 0) surface.Failures.UnionWith([Failure.ReferenceConflict, Failure.ContractBroken]);
    }

    protected override IEnumerable<(Phase Phase, string Text)> Explain(IdempotencyOptions options, Consumer? consumer)
    {
        var form = options.Strict ? ", in quotes" : "";
        var content = options.Headers.Count == 0 ? "" : $"; {string.Join(" and ", options.Headers)} {(options.Headers.Count == 1 ? "is" : "are")} content";
        yield return (Phase.Replay, $"Idempotency-Key {options.Header.ToString().ToLowerInvariant()}{form}; the answer is given again for {options.KeepFor.TotalHours:0.##} h{content}");
        if (options.Key.Count > 0) yield return (Phase.Claim, $"one object for each {string.Join(" and ", options.Key)} of a partner");
    }

    protected override IEnumerable<PolicyEffect> Compare(IdempotencyOptions? before, IdempotencyOptions? after, Compared world) =>
        IdempotencyChanges.Between(before, after);

    protected override IEnumerable<PolicyStep> Compile(IdempotencyOptions options, PolicyScope scope)
    {
        if (!IdempotencyChecks.CanProtect(options, scope)) yield break;
        IdempotencyChecks.Check(options, scope);
        var target = (PlanTarget.Call)scope.Target;
        var content = new RequestContent([.. options.Headers.Select(h => h.ToLowerInvariant())], scope.PathParameters);
        yield return new PolicyStep(Phase.Replay, (exchange, next) => LookUp(exchange, next, options, content));
        if (options.Key.Count > 0)
        {
            var paths = options.Key.Select(p => p.Split('.')).ToArray();
            var kind = target.Creates ?? target.Operation.FullName;
            yield return new PolicyStep(Phase.Claim, (exchange, next) => Claim(exchange, next, options.Key, paths, kind));
        }
    }

    private static async ValueTask LookUp(Exchange exchange, ExchangeDelegate next, IdempotencyOptions options, RequestContent content)
    {
        var header = exchange.Http.Request.Headers[KeyHeader.Name];
        var key = header is [{ } text] ? KeyHeader.Parse(text, options.Strict) : null;
        if (key is null && (header.Count > 0 || options.Header == KeyDemand.Required))
        {
            exchange.Refuse(Failure.IdempotencyKeyMissing, header.Count == 0
                ? "The header Idempotency-Key is missing. Send a value that is new for every new request and the same for every repeat."
                : $"The header Idempotency-Key must be one string of 1 to 255 visible ASCII characters{(options.Strict ? ", in quotes" : "")}.");
            return;
        }
        exchange.Idempotency = new Gateway.Idempotency(key, content.FingerprintOf(exchange)) { KeepFor = options.KeepFor };
        if (key is null) await next(exchange);
        else await Replay.GoOnOrAnswerAsync(exchange, new KeyScope(exchange.Tenant, exchange.Route.Name, key), next);
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
            // A number begins with one #, and no text does.
            JsonValueKind.String => body.GetString() is ['#', ..] text ? "#" + text : body.GetString(),
            JsonValueKind.Number => Fingerprint.OfNumber(body),
            _ => null,
        };
    }
}
