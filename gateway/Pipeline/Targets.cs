using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Policies.Transform;

namespace Gateway.Pipeline;

/// <summary>What a route leads to, called.</summary>
internal static class Targets
{
    /// <summary>Calls an operation, unless an earlier request's work is what is answered.</summary>
    public static async ValueTask Call(Exchange exchange, ExchangeDelegate respond, PlanTarget.Call target)
    {
        if (target.Object is { } wanted && !await FindObjectAsync(exchange, wanted.Kind, wanted.Parameter)) return;
        exchange.Result ??= await CallAsync(exchange, target);
        if (exchange.Result.Status != OperationStatus.Done)
        {
            exchange.Refusal = Refusals.Of(exchange.Result);
            return;
        }
        exchange.Answer = Answers.Of(exchange, target);
        await respond(exchange);
    }

    /// <summary>
    /// Hands the request to YARP, which streams both ways, but for a body that a policy has read. Headers of our own are set before,
    /// because the answer starts in there.
    /// </summary>
    public static async ValueTask Forward(Exchange exchange)
    {
        Answers.WriteHeaders(exchange);
        if (exchange.Body is { } read && MemoryMarshal.TryGetArray(read.Raw, out var bytes))
            exchange.Http.Request.Body = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        await exchange.Forward!(exchange.Http);
        if (exchange.Http.GetForwarderErrorFeature() is { } error && !exchange.Http.Response.HasStarted)
            exchange.Refusal = Refusals.Of(error);
    }

    private static async ValueTask<OperationResult> CallAsync(Exchange exchange, PlanTarget.Call target)
    {
        // A change is carried through even when the caller hangs up: its outcome must be stored.
        var changes = target.Operation.Descriptor.Effect == Effect.Changes;
        using var deadline = new CancellationTokenSource(exchange.Route.Timeout, exchange.Clock);
        using var either = changes ? null : CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, exchange.Aborted);
        using var input = JsonDocument.Parse(exchange.Input.IsEmpty ? Parameters.Of(exchange) : exchange.Input);
        var call = new OperationCall(input.RootElement, exchange.Consumer?.Partner ?? new Partner(exchange.Tenant, exchange.Tenant))
        {
            ExternalId = exchange.Intent?.ExternalId,
            Reference = exchange.Object?.Reference,
            CorrelationId = exchange.CorrelationId,
        };
        try
        {
            return await target.Operation.CallAsync(call, either?.Token ?? deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new OperationResult(OperationStatus.TimedOut) { Detail = "The backend did not answer in time." };
        }
    }

    private static async ValueTask<bool> FindObjectAsync(Exchange exchange, string kind, string parameter)
    {
        var id = exchange.Http.Request.RouteValues[parameter] as string ?? "";
        exchange.Object = await exchange.Store.FindObjectAsync(exchange.Tenant, kind, id, exchange.Aborted);
        if (exchange.Object is null) exchange.Refuse(Failure.NotFound, $"There is no such {kind}.");
        return exchange.Object is not null;
    }
}
