using System.Diagnostics;
using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>Makes the calls of flows.</summary>
internal sealed class FlowCaller(IStore store, TimeProvider clock)
{
    /// <summary>How long behind its time a call is cancelled that does not end by itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Never throws.</summary>
    public async Task<OperationResult> CallAsync(FlowRun run, FlowCall call)
    {
        var instance = run.Instance;
        using var activity = Telemetry.Source.StartActivity("flow " + call.Operation.FullName, ActivityKind.Internal, instance.TraceParent);
        activity?.SetTag("flow", instance.Flow).SetTag("flow.instance", instance.Id).SetTag("flow.step", call.Name);
        var (reference, refused) = await ReferenceAsync(instance, call);
        if (refused is not null) return refused;
        if (await HoldsBackAsync(instance, call) is { } held) return held;
        var left = call.Until - clock.GetUtcNow();
        if (left <= TimeSpan.Zero) return new OperationResult(OperationStatus.NotSent) { Reason = "its time was over before it could be sent" };
        using var late = new CancellationTokenSource(left + Grace, clock);
        using var input = JsonDocument.Parse(call.Input);
        var wanted = new OperationCall(input.RootElement, run.Partner)
        {
            ExternalId = call.ExternalId,
            ObjectId = call.ExternalId is null ? null : call.Object?.Id ?? instance.Key,
            Reference = reference,
            Until = call.Until,
            Deadline = call.Until,
            CorrelationId = instance.CorrelationId,
            GoesFirst = call.Asks || call.Resumes,
        };
        try
        {
            return await (call.Asks ? call.Operation.ReadBackAsync(wanted, late.Token) : call.Operation.CallAsync(wanted, late.Token));
        }
        catch (OperationCanceledException)
        {
            return new OperationResult(OperationStatus.TimedOut);
        }
    }

    /// <summary>
    /// A request that changes the object has found no instance in its way (<see cref="FlowDoor"/>), and is at the backend: what it does there comes first. One that
    /// begins from here on finds the instance. What is undone waits for nobody, for it may be that request which asks for it.
    /// </summary>
    private async ValueTask<OperationResult?> HoldsBackAsync(FlowInstance instance, FlowCall call)
    {
        if (call is not { Asks: false, IsUndo: false, Object: var (kind, id), ExternalId: not null } || instance.State != FlowState.Running) return null;
        try
        {
            if (!await store.IsBeingChangedAsync(instance.Tenant, id, CancellationToken.None)) return null;
            return new OperationResult(OperationStatus.NotSent) { Reason = $"a request changes the {kind}", IsHeldBack = true };
        }
        catch (StoreUnavailableException away)
        {
            return new OperationResult(OperationStatus.NotSent) { Reason = away.Message };
        }
    }

    /// <summary>How the backend names what a call is about; or why it can't be made.</summary>
    private async ValueTask<(string? Reference, OperationResult? Refused)> ReferenceAsync(FlowInstance instance, FlowCall call)
    {
        if (call.Object is not var (kind, id)) return (call.Reference, null);
        try
        {
            return await store.FindObjectAsync(instance.Tenant, kind, id, CancellationToken.None) switch
            {
                null => (null, new OperationResult(OperationStatus.Malformed) { Reason = $"{instance.Tenant} has no {kind} '{id}'" }),
                { Reference: "" } => (null, new OperationResult(OperationStatus.NotSent) { Reason = $"the {kind} '{id}' is accepted, and not made yet" }),
                { Reference: var reference } => (reference, null),
            };
        }
        catch (StoreUnavailableException away)
        {
            return (null, new OperationResult(OperationStatus.NotSent) { Reason = away.Message });
        }
    }
}
