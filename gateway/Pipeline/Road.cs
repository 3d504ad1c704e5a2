namespace Gateway.Pipeline;

/// <summary>
/// The road of a request. Which phases there are, and their order, is <see cref="Phase"/>; what the gateway itself does in them is here;
/// the rest comes from the route's policies.
/// </summary>
public sealed class Road(ExactlyOnce exactlyOnce)
{
    /// <summary>The steps every route with this target has, whatever its policies.</summary>
    private IEnumerable<PolicyStep> Fixed(PlanTarget target, bool readsBytes, bool readsBody)
    {
        yield return new PolicyStep(Phase.Protect, BodyForm.Judge);
        if (readsBytes) yield return new PolicyStep(Phase.ReadBytes, BodyReader.ReadBytes);
        if (readsBody) yield return new PolicyStep(Phase.ReadBody, BodyReader.Read);
        if (target is PlanTarget.Call { Operation.Descriptor.Effect: Effect.Changes } change)
        {
            yield return new PolicyStep(Phase.Outcome, exactlyOnce.Finish);
            yield return new PolicyStep(Phase.Intent, (exchange, next) => exactlyOnce.Begin(exchange, next, change));
        }
        yield return target switch
        {
            PlanTarget.Call call => new PolicyStep(Phase.Target, (exchange, next) => Targets.Call(exchange, next, call)),
            PlanTarget.Forward forward => new PolicyStep(Phase.Target, (exchange, next) => Targets.Forward(exchange, next, forward)),
            _ => throw new NotSupportedException(target.ToString()),
        };
    }

    /// <summary>Folds the steps into one delegate for the whole road, one for the mapping of the request alone, and one for the part behind the target.</summary>
    public (ExchangeDelegate Run, ExchangeDelegate Prepare, ExchangeDelegate Respond) Build(PlanTarget target, IEnumerable<PolicyStep> policies, bool readsBytes, bool readsBody)
    {
        var steps = policies.Concat(Fixed(target, readsBytes, readsBody)).OrderBy(s => s.Phase).ToList();
        var prepare = Fold(steps.Where(s => s.Phase == Phase.RequestMapping), static _ => ValueTask.CompletedTask);
        var respond = Fold(steps.Where(s => s.Phase > Phase.Target), static _ => ValueTask.CompletedTask);
        return (Fold(steps.Where(s => s.Phase <= Phase.Target), respond), prepare, respond);
    }

    private static ExchangeDelegate Fold(IEnumerable<PolicyStep> steps, ExchangeDelegate end) =>
        steps.Reverse().Aggregate(end, (next, step) => step.Wrap(next));
}
