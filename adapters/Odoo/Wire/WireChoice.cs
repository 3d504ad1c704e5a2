using System.Text.Json;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>The wire that calls go over.</summary>
/// <param name="Version">What Odoo says it is; null where <c>api: json2</c> is declared and nobody asked.</param>
internal sealed record ChosenWire(OdooWire Wire, OdooVersion? Version);

/// <summary>
/// Finds out which wire an Odoo speaks: as declared, else by its version, asked at the first call and kept. Asked again after Odoo was away, or
/// said that it does not know the way: it may have come back as another version. <c>GET /web/version</c> is there from 19 on; before it, and where
/// something stands in its way, <c>common.version</c> of JSON-RPC tells. Neither needs a key.
/// </summary>
internal sealed class WireChoice(OdooOptions options, OdooHttp http, OdooWire json2, OdooWire jsonRpc, TimeProvider clock)
{
    /// <summary>A backend that fails all the time is not asked for its version all the time.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);
    private volatile ChosenWire? _chosen = options.Api == OdooApi.Json2 ? new ChosenWire(json2, null) : null;
    private long _askedAt = clock.GetTimestamp();

    /// <summary>What was chosen last; null before the first call, and while it is to be asked again.</summary>
    public ChosenWire? Current => _chosen;

    /// <summary>At once where it is known. A failure: nothing was sent but the question.</summary>
    public ValueTask<Lookup<ChosenWire>> ChooseAsync(CancellationToken deadline, CancellationToken caller) =>
        _chosen is { } chosen ? new(chosen) : AskAsync(deadline, caller);

    /// <summary>Has the next call ask again; false where that makes no sense, or it was asked a moment ago.</summary>
    public bool LookAgain()
    {
        if (options.Api == OdooApi.Json2 || _chosen is null || clock.GetElapsedTime(Volatile.Read(ref _askedAt)) < Rest)
            return false;
        _chosen = null;
        return true;
    }

    private async ValueTask<Lookup<ChosenWire>> AskAsync(CancellationToken deadline, CancellationToken caller)
    {
        try
        {
            await _turn.WaitAsync(deadline);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return OdooReply.NotSent("no time left to ask for Odoo's version") with { Away = true };
        }
        try
        {
            if (_chosen is { } meanwhile)
                return meanwhile;
            var version = await VersionAsync(deadline, caller);
            if (version.Value is not { } found)
                return version.Failure!.BeforeChange();
            if (options.Api == OdooApi.Auto && found.HasJson2)
                return Keep(new ChosenWire(json2, found));
            return options.Login is null
                ? OdooReply.NotSent($"Odoo {found.Text} is called over JSON-RPC, which wants the user that the key belongs to: add login: to the backend")
                : Keep(new ChosenWire(jsonRpc, found));
        }
        finally
        {
            _turn.Release();
        }
    }

    private ChosenWire Keep(ChosenWire chosen)
    {
        Volatile.Write(ref _askedAt, clock.GetTimestamp());
        return _chosen = chosen;
    }

    private async ValueTask<Lookup<OdooVersion>> VersionAsync(CancellationToken deadline, CancellationToken caller)
    {
        if (options.Api == OdooApi.Auto)
        {
            var sent = await http.SendAsync(new OdooPost("web/version", Effect.Reads, default), deadline, caller);
            if (sent.Value is not { } answer)
                return sent.Failure!;
            if (answer is { Status: 200, IsJson: true } && Json(answer) is { } json && OdooVersion.Read(json, "version_info", "version") is { } version)
                return version;
            if (answer.Status is 429 or >= 500)
                return OdooErrors.Read(Effect.Reads, answer);
        }
        var asked = await http.SendAsync(JsonRpc.Post(Effect.Reads, "common", "version", _ => { }), deadline, caller);
        if (asked.Value is not { } told)
            return asked.Failure!;
        var reply = JsonRpc.Read(Effect.Reads, told);
        if (!reply.Done)
            return reply;
        return OdooVersion.Read(reply.Value, "server_version_info", "server_version") is { } old
            ? old
            : OdooReply.NotSent("neither /web/version nor common.version says which version of Odoo this is");
    }

    private static JsonElement? Json(OdooAnswer answer)
    {
        try
        {
            return JsonElement.Parse(answer.Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
