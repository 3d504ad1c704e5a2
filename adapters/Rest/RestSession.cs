using System.Text;
using System.Text.Json.Nodes;
using Gateway.Adapters.Resilience;

namespace Gateway.Adapters.Rest;

/// <summary>One operation's conversation with a REST backend: deadline and correlation are the same for all its requests.</summary>
internal sealed class RestSession(RestBackend backend, OperationDescriptor operation, OperationCall call, Deadline deadline)
{
    /// <summary>Whether anything was sent that changes something, whatever came of it.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>Reads; asked again while that may help.</summary>
    public ValueTask<RestReply> GetAsync(string path) =>
        backend.Attempts.AgainAsync(() => SendAsync(new RestRequest(HttpMethod.Get, path, Effect.Reads)), deadline);

    /// <summary>Changes something; sent once, and not behind the end of the call.</summary>
    /// <param name="body">JSON; null for none.</param>
    public ValueTask<RestReply> ChangeAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        HasChanged = true;
        return SendAsync(new RestRequest(method, path, Effect.Changes)
        {
            Body = body is null ? default : Encoding.UTF8.GetBytes(body.ToJsonString()),
            Until = call.Until,
        });
    }

    /// <summary>
    /// What is there under an external id, or else is made. The look-up runs before every attempt; a change that says that there is one already is
    /// followed by a look-up too. Of parallel calls one makes it, and the others find that.
    /// </summary>
    /// <param name="find">Done, or NotFound.</param>
    public ValueTask<RestReply> FindOrMakeAsync(Func<ValueTask<RestReply>> find, Func<ValueTask<RestReply>> make)
    {
        var made = false;
        return backend.Attempts.AgainAsync(Attempt, deadline);

        async ValueTask<RestReply> Attempt()
        {
            var known = await find();
            if (known.Status != OperationStatus.NotFound) return known.BeforeChange() with { Transient = false, Found = !made };
            made = true;
            var reply = await make();
            if (reply.Status != OperationStatus.Taken) return reply;
            var other = await find();
            // It says that there is one, and shows none: somebody else's, which we may not see.
            return other.Status == OperationStatus.NotFound ? reply : other.AfterTaken();
        }
    }

    private ValueTask<RestReply> SendAsync(RestRequest request)
    {
        var sent = request with { CorrelationId = call.CorrelationId };
        return backend.Attempts.OnceAsync(attempt => backend.Client.SendAsync(sent with { TimeLeft = deadline.Left }, operation.Name, attempt, deadline.Caller), deadline, request.Effect);
    }
}
