using System.Diagnostics;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// Calls one database, over the wire that its Odoo speaks. Sends once, and again only where Odoo has certainly done nothing: it refused a key that
/// has been replaced, or a read went over a wire that this Odoo no longer has. Who may send again otherwise is decided elsewhere.
/// </summary>
internal sealed class OdooClient : IDisposable
{
    private readonly string _backend;
    private readonly OdooOptions _options;
    private readonly Credential _credential;
    private readonly OdooHttp _http;

    public OdooClient(string backend, OdooOptions options, Credential credential, Outside outside, TimeProvider clock)
    {
        (_backend, _options, _credential) = (backend, options, credential);
        _http = new OdooHttp(backend, options, credential, outside, clock);
        Wires = new WireChoice(options, _http, new Json2Wire(_http, credential.Header), new JsonRpcWire(_http, options), clock);
    }

    /// <summary>Which wire is used, and what version answers there.</summary>
    public WireChoice Wires { get; }

    /// <param name="deadline">Ends the call; includes <paramref name="caller"/>.</param>
    /// <param name="caller">The only token whose cancellation is thrown.</param>
    public async ValueTask<OdooReply> SendAsync(OdooRequest request, CancellationToken deadline, CancellationToken caller)
    {
        using var span = AdapterTelemetry.Source.StartActivity($"{_backend} {request.Model}.{request.Method}", ActivityKind.Client);
        var (reply, shown) = await OnceAsync(request, deadline, caller);
        if (reply.KeyRefused && shown is not null ? _credential.Renew(shown) : reply.WayIsGone && Wires.LookAgain() && request.Effect == Effect.Reads)
            (reply, _) = await OnceAsync(request, deadline, caller);
        else if (reply.BackendFault)
            Wires.LookAgain();
        span?.SetTag("gateway.backend", _backend).SetTag("gateway.outcome", reply.Status.ToString());
        if (!reply.Done)
            span?.SetStatus(ActivityStatusCode.Error);
        return reply.Done ? reply : WithoutKey(reply);
    }

    /// <summary>The wire that this Odoo speaks, asked for where it is not known.</summary>
    public async ValueTask<Lookup<ChosenWire>> ChooseAsync(CancellationToken deadline, CancellationToken caller)
    {
        var chosen = await Wires.ChooseAsync(deadline, caller);
        return chosen.Failure is { } failure ? WithoutKey(failure) : chosen;
    }

    /// <summary>One call, and what Odoo was shown.</summary>
    private async ValueTask<(OdooReply Reply, string? Shown)> OnceAsync(OdooRequest request, CancellationToken deadline, CancellationToken caller)
    {
        var chosen = await Wires.ChooseAsync(deadline, caller);
        if (chosen.Value is not { } choice)
            return (chosen.Failure!, null);
        try
        {
            var shown = await _credential.ShowAsync(deadline);
            return shown.Trouble is { } trouble
                ? (OdooReply.NotSent(trouble) with { RetryAfter = shown.RetryAfter, Away = true }, null)
                : (await choice.Wire.CallAsync(request, shown.Value, deadline, caller), shown.Value);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return (OdooReply.NotSent("no time left to sign in") with { Away = true }, null);
        }
    }

    /// <summary>A message that quotes our own request must not carry the key into a log.</summary>
    private OdooReply WithoutKey(OdooReply reply)
    {
        var key = _options.Credential?.Key?.Reveal() ?? "";
        return key.Length == 0 ? reply : reply with
        {
            Detail = reply.Detail.Replace(key, "***", StringComparison.Ordinal),
            Reason = reply.Reason?.Replace(key, "***", StringComparison.Ordinal),
        };
    }

    public void Dispose() => _http.Dispose();
}
