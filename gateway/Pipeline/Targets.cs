using System.Text.Json;
using Gateway.Pipeline.Accepted;
using Gateway.Pipeline.Own;
using Gateway.Policies.Transform;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Pipeline;

/// <summary>What a route leads to, called.</summary>
internal static class Targets
{
    /// <summary>Calls an operation, unless an earlier request's work is what is answered.</summary>
    public static async ValueTask Call(Exchange exchange, ExchangeDelegate respond, PlanTarget.Call target)
    {
        if (!await FindAsync(exchange, target)) return;
        if (target.Operation is OwnOperation own && exchange.Result is null)
        {
            await own.AnswerAsync(exchange, target);
            if (exchange.Refusal is null) await respond(exchange);
            return;
        }
        if (exchange.Result is null)
        {
            var passage = target.First is { } first ? await PassAsync(exchange, first) : FlowPassage.Free;
            if (exchange.Refusal is not null) return;
            var result = await CallAsync(exchange, target);
            // Whoever finds it done finds what the flow did, which has told of it.
            exchange.Result = passage == FlowPassage.Cancelled ? result with { WasSo = true } : result;
        }
        if (exchange.Result.Status != OperationStatus.Done)
        {
            exchange.Refusal = Refusals.Of(exchange.Result);
            return;
        }
        exchange.Answer = Answers.Of(exchange, target);
        await respond(exchange);
    }

    /// <summary>
    /// Hands the request to YARP, which streams both ways unless a policy looks at the body or at the answer; <see cref="ForwardedTraffic"/> sees
    /// the backend's answer before the caller does. Where it refuses a credential that is known to be replaced, it is asked once more.
    /// </summary>
    public static async ValueTask Forward(Exchange exchange, ExchangeDelegate respond, PlanTarget.Forward target)
    {
        exchange.Http.Features.Set(exchange);
        ForwardedTraffic.Send(exchange, target.Withheld);
        if (exchange.Route.MapsRequest && exchange.Body is not null) PutMapped(exchange.Http.Request, exchange.Input);
        if (!await SignInAsync(exchange, target.Credential)) return;
        await SendAsync(exchange, target.Address);
        if (exchange.Refusal is not null && await SignInAgainAsync(exchange, target.Credential)) await SendAsync(exchange, target.Address);
        var capture = AnswerCapture.End(exchange.Http);
        if (exchange.Http.GetForwarderErrorFeature() is { } error && !exchange.Http.Response.HasStarted)
        {
            exchange.Refusal = capture is { IsTooLong: true }
                ? new Refusal(Failure.BackendUnusable, "The backend's answer is too long. The gateway's operators know.") { Reason = $"the answer is longer than {AnswerCapture.MaxBytes} bytes" }
                : Refusals.Of(error, exchange.Aborted.IsCancellationRequested);
        }
        if (capture is null || exchange.Refusal is not null) return;
        await SocketThread.LeaveAsync();
        await JudgeAsync(exchange, capture, respond);
    }

    private static Task SendAsync(Exchange exchange, ForwardAddress address) => address.Send is { } send ? send(exchange).AsTask() : exchange.Forward!(exchange.Http);

    /// <summary>Puts the gateway's credential on the request, from where YARP copies it; a refusal, where there is none.</summary>
    private static async ValueTask<bool> SignInAsync(Exchange exchange, Credential credential)
    {
        if (credential.Header is not { } header) return true;
        var shown = await credential.ShowAsync(exchange.Aborted);
        if (shown.Trouble is { } trouble)
        {
            exchange.Refusal = Refusals.OfCredential(trouble, shown.RetryAfter);
            return false;
        }
        exchange.Http.Request.Headers[header] = shown.Value;
        return true;
    }

    /// <summary>A request that changes nothing and has no body is sent again with what has taken the place of the refused credential.</summary>
    private static async ValueTask<bool> SignInAgainAsync(Exchange exchange, Credential credential)
    {
        var (request, response) = (exchange.Http.Request, exchange.Http.Response);
        if (response.StatusCode != StatusCodes.Status401Unauthorized || response.HasStarted || credential.Header is not { } header) return false;
        if (!credential.Renew(request.Headers[header].ToString()) || !IsRepeatable(exchange.Http)) return false;
        var refusal = exchange.Refusal;
        exchange.Refusal = null;
        if (await SignInAsync(exchange, credential))
        {
            response.Clear();
            return true;
        }
        exchange.Refusal ??= refusal;
        return false;
    }

    /// <summary>Whether a request changes nothing and has no body, so that it may be sent twice.</summary>
    public static bool IsRepeatable(HttpContext http) =>
        http.Request.Method is "GET" or "HEAD" or "OPTIONS" && http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };

    /// <summary>The mapped body takes the place of the caller's.</summary>
    private static void PutMapped(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        request.Headers.TransferEncoding = default;
        // They are of the caller's bytes (RFC 9530).
        foreach (var digest in (ReadOnlySpan<string>)["Content-MD5", "Content-Digest", "Repr-Digest", "Digest"]) request.Headers.Remove(digest);
        request.ContentType = "application/json";
        request.ContentLength = body.Length;
        request.Body = new MemoryStream(body.ToArray(), writable: false);
    }

    private static ValueTask JudgeAsync(Exchange exchange, AnswerCapture capture, ExchangeDelegate respond)
    {
        var response = exchange.Http.Response;
        if (!capture.IsTooLong)
        {
            exchange.Answer = new Answer(response.StatusCode, [], capture.Body) { ContentType = response.ContentType ?? "" };
            return respond(exchange);
        }
        var contract = exchange.Route.Surface.ResponseOf(response.StatusCode)!;
        exchange.Broke(new Violation(contract, "answer", Enforced: false, [new Finding("#", "maxLength", "was too long to be checked") { Contract = contract }]));
        return ValueTask.CompletedTask;
    }

    /// <summary>What a target promises callers by itself; the route's policies add to it.</summary>
    public static Surface SurfaceOf(PlanTarget target)
    {
        var surface = new Surface();
        surface.Successes.Add(StatusCodes.Status200OK);
        surface.Failures.UnionWith([Failure.BackendUnusable, Failure.BackendUnavailable, Failure.DeadlineExceeded]);
        if (target is not PlanTarget.Call call) return surface;
        surface.Failures.Add(Failure.Internal);
        if (call.Object is not null || call.Operation.Descriptor.Effect == Effect.Reads) surface.Failures.UnionWith([Failure.NotFound, Failure.StoreUnavailable]);
        if (call.Operation.Descriptor.Effect == Effect.Changes)
            surface.Failures.UnionWith([Failure.BusinessRefused, Failure.OutcomeUnknown, Failure.StoreUnavailable]);
        if (call.First is { Cancels: true }) surface.Failures.Add(Failure.StillRunning);
        (call.Operation as OwnOperation)?.Describe(surface);
        if (call.Creates is null) return surface;
        surface.Successes.Add(StatusCodes.Status201Created);
        if (call.Accepting is not null) surface.Successes.Add(StatusCodes.Status202Accepted);
        surface.AnswerHeaders.Add(new SurfaceHeader("Location", "Where the object is found.", "/v1/orders/ord_j1pda46bw52qb8xmhdc1d9bad6") { OnSuccess = true });
        return surface;
    }

    /// <summary>What the operation is called with: the mapping's output or the body, else the parameters.</summary>
    public static ReadOnlyMemory<byte> InputOf(Exchange exchange) => exchange.Input.IsEmpty ? Parameters.Of(exchange) : exchange.Input;

    /// <summary>Asks the flow that works on the object. Where its answer is no, that is what the caller is told; where there is none yet, nothing was called.</summary>
    private static async ValueTask<FlowPassage> PassAsync(Exchange exchange, FlowGuard guard)
    {
        if (exchange is not { Flows: { } flows, Object: { } about }) return FlowPassage.Free;
        // Half of the time is the backend's.
        var passage = await flows(guard, exchange.Tenant, about.Id, exchange.Consumer?.Name ?? "-", exchange.Route.Timeout / 2, CancellationToken.None);
        switch (passage)
        {
            case FlowPassage.UnderWay:
                exchange.Refusal = new Refusal(Failure.StillRunning, $"The {about.Kind} is being cancelled. Send the same request again, with the same Idempotency-Key.") { RetryAfter = TimeSpan.FromSeconds(2) };
                break;
            case FlowPassage.Refused:
                exchange.Result = InTheWay(guard, about.Kind);
                exchange.Refusal = Refusals.Of(exchange.Result);
                break;
        }
        return passage;
    }

    /// <summary>What a request ends with that a flow is in the way of.</summary>
    public static OperationResult InTheWay(FlowGuard guard, string kind) => new(OperationStatus.Refused)
    {
        Detail = guard.Cancels ? $"It is too late: the {kind} is on its way, or we are about to carry it out." : $"We are carrying out this {kind}, so it can't be changed any more. Cancel it, and send it anew.",
        Reason = $"{guard.Flow} is at work on it",
    };

    private static async ValueTask<OperationResult> CallAsync(Exchange exchange, PlanTarget.Call target)
    {
        // A change is carried through even when the caller hangs up: its outcome must be stored.
        var changes = target.Operation.Descriptor.Effect == Effect.Changes;
        // Counted from the intent: what the store took is no longer the call's.
        var left = exchange.Intent is { } intent ? exchange.Route.Timeout - (exchange.Clock.GetUtcNow() - intent.CreatedAt) : exchange.Route.Timeout;
        if (left <= TimeSpan.Zero) return StillOurs(exchange, new OperationResult(OperationStatus.NotSent) { Reason = "no time was left to call" });
        // The deadline ends it, as the backend's fault; who hangs up says nothing of the backend. The token is for what knows of no deadlines.
        using var late = new CancellationTokenSource(left + Endings.Grace, exchange.Clock);
        using var either = changes ? null : CancellationTokenSource.CreateLinkedTokenSource(late.Token, exchange.Aborted);
        using var input = JsonDocument.Parse(InputOf(exchange));
        var call = new OperationCall(input.RootElement, exchange.Partner)
        {
            ExternalId = exchange.Intent?.ExternalId,
            ObjectId = exchange.Intent?.ObjectId,
            Reference = exchange.About?.Reference,
            Until = exchange.Intent?.CreatedAt + exchange.Route.Timeout,
            Deadline = exchange.Clock.GetUtcNow() + left,
            CorrelationId = exchange.CorrelationId,
        };
        try
        {
            var result = StillOurs(exchange, await target.Operation.CallAsync(call, either?.Token ?? late.Token));
            if (exchange.Intent is not null && target.Operation.Descriptor.ReadsBack && result.Status is OperationStatus.Unknown or OperationStatus.Unusable)
                result = await LookAsync(target.Operation, call, result, late.Token);
            // Mapping, checking and storing the answer follow.
            await SocketThread.LeaveAsync();
            return result;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return new OperationResult(OperationStatus.TimedOut) { Detail = "The backend did not answer in time." };
        }
    }

    /// <summary>
    /// A backend that did the work and lost the answer is no matter of its caller's: it is asked once, while there is time. Where it has nothing of it the
    /// work may still arrive, so that stays open for recovery.
    /// </summary>
    private static async ValueTask<OperationResult> LookAsync(BackendOperation operation, OperationCall call, OperationResult cut, CancellationToken late)
    {
        try
        {
            return await operation.ReadBackAsync(call, late) is { Status: OperationStatus.Done } found ? found : cut;
        }
        catch (OperationCanceledException)
        {
            return cut;
        }
    }

    /// <summary>Who has not sent it knows that nothing was done, as long as nobody else can have taken the work over.</summary>
    private static OperationResult StillOurs(Exchange exchange, OperationResult result) =>
        result.Status == OperationStatus.NotSent && exchange.Clock.GetUtcNow() >= exchange.Intent?.OverAt
            ? new OperationResult(OperationStatus.TimedOut) { Reason = $"not sent by this node, which stood still; another may have: {result.Reason}" }
            : result;

    /// <summary>
    /// Finds the object that the path names, unless that was done; returns false where its partner has none, which is refused, and where it was accepted and
    /// its backend does not have it, which is answered.
    /// </summary>
    public static async ValueTask<bool> FindAsync(Exchange exchange, PlanTarget.Call target)
    {
        if (target.Object is not { } wanted || exchange.About is not null) return true;
        var found = await FindAsync(exchange.Store, exchange.Tenant, wanted, exchange.Http.Request.RouteValues, exchange.Aborted);
        // Rows outlive workspaces: another backend's reference may be anybody's at this one.
        Take(exchange, target, found is not null && target.Operation.Descriptor.About is not null && found.Backend != target.Operation.Backend ? null : found);
        if (exchange.About is null) exchange.Refuse(Failure.NotFound, $"There is no such {wanted.Kind}.");
        return exchange.About is { } about && (about.Reference.Length > 0 || !await Receipts.AnswerAsync(exchange, target, about));
    }

    /// <summary>The object that the values of a path name.</summary>
    public static ValueTask<OwnedObject?> FindAsync(IStore store, string tenant, (string Kind, string Parameter) wanted, RouteValueDictionary values, CancellationToken cancellation) =>
        store.FindObjectAsync(tenant, wanted.Kind, values[wanted.Parameter] as string ?? "", cancellation);

    /// <summary>What is read or changed is what is answered, too; of what is made of it, that is another object.</summary>
    public static void Take(Exchange exchange, PlanTarget.Call target, OwnedObject? about)
    {
        exchange.About = about;
        if (target.Creates is null) exchange.Object = about;
    }
}
