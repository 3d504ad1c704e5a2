using System.Text.Json;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// JSON-RPC of Odoo 14 to 18 (deprecated in 19): <c>object.execute_kw</c> with database, user id and key in every call. The user id of the login
/// is asked for once per key.
/// </summary>
internal sealed class JsonRpcWire(OdooHttp http, OdooOptions options) : OdooWire
{
    private volatile SignedIn? _signedIn;

    public override string Name => "JSON-RPC";

    public override async ValueTask<OdooReply> CallAsync(OdooRequest request, string? shown, CancellationToken deadline, CancellationToken caller)
    {
        var key = KeyOf(shown);
        if (_signedIn is not { } user || user.Key != key)
        {
            var signedIn = await SignInAsync(key, deadline, caller);
            if (signedIn.Value is not { } now)
                return signedIn.Failure!;
            user = _signedIn = now;
        }
        var post = JsonRpc.Post(request.Effect, "object", "execute_kw", json => WriteCall(json, request, user)) with
        {
            CorrelationId = request.CorrelationId,
            TimeLeft = request.TimeLeft,
            Until = request.Until,
        };
        var sent = await http.SendAsync(post, deadline, caller);
        if (sent.Value is not { } answer)
            return sent.Failure!;
        var reply = JsonRpc.Read(request.Effect, answer);
        if (reply.KeyRefused)
            _signedIn = null;
        return reply;
    }

    private async ValueTask<Lookup<SignedIn>> SignInAsync(string key, CancellationToken deadline, CancellationToken caller)
    {
        var post = JsonRpc.Post(Effect.Reads, "common", "authenticate", json =>
        {
            json.WriteStringValue(options.Database);
            json.WriteStringValue(options.Login);
            json.WriteStringValue(key);
            json.WriteStartObject();
            json.WriteEndObject();
        });
        var sent = await http.SendAsync(post, deadline, caller);
        if (sent.Value is not { } answer)
            return sent.Failure!.BeforeChange();
        var reply = JsonRpc.Read(Effect.Reads, answer);
        if (!reply.Done)
            return reply.BeforeChange();
        // A wrong key is no error there: the answer is false.
        return reply.Value.ValueKind == JsonValueKind.Number && reply.Value.TryGetInt32(out var id)
            ? new SignedIn(key, id)
            : OdooReply.NotSent($"Odoo refuses the gateway's credential: no user '{options.Login}' with this key") with { KeyRefused = true };
    }

    /// <summary>The credential is what a header would carry; here the key stands alone.</summary>
    private string KeyOf(string? shown)
    {
        var scheme = options.Credential?.Scheme + " ";
        return shown is null ? "" : shown.StartsWith(scheme, StringComparison.Ordinal) ? shown[scheme.Length..] : shown;
    }

    /// <summary>
    /// The arguments by name become keywords but for two: ids stand first in <c>args</c>, and so does what <c>create</c> takes, which looks there
    /// whether it was given one record or several.
    /// </summary>
    private void WriteCall(Utf8JsonWriter json, OdooRequest request, SignedIn user)
    {
        using var body = JsonDocument.Parse(request.Body);
        json.WriteStringValue(options.Database);
        json.WriteNumberValue(user.Id);
        json.WriteStringValue(user.Key);
        json.WriteStringValue(request.Model);
        json.WriteStringValue(request.Method);
        json.WriteStartArray();
        foreach (var member in body.RootElement.EnumerateObject().Where(member => IsPositional(member.Name)))
            member.Value.WriteTo(json);
        json.WriteEndArray();
        json.WriteStartObject();
        foreach (var member in body.RootElement.EnumerateObject().Where(member => !IsPositional(member.Name)))
            member.WriteTo(json);
        json.WriteEndObject();
    }

    private static bool IsPositional(string argument) => argument is "ids" or "vals_list";

    private sealed record SignedIn(string Key, int Id);
}
