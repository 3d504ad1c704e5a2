using System.Buffers;
using System.Text.Json;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>
/// The envelope of JSON-RPC: <c>POST /jsonrpc</c> with <c>{"jsonrpc":"2.0","method":"call","id":1,"params":{"service","method","args"}}</c>.
/// Every error of a method comes as 200 with <c>error.data</c>, which has the members that JSON-2 has in its errors; <c>error.code</c> differs
/// from version to version and says nothing. A method that returns nothing answers with neither result nor error.
/// </summary>
internal static class JsonRpc
{
    private const string Path = "jsonrpc";

    /// <param name="arguments">Writes the members of <c>args</c>.</param>
    public static OdooPost Post(Effect effect, string service, string method, Action<Utf8JsonWriter> arguments)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WriteString("method", "call");
        // One exchange holds one call, so nobody has to tell answers apart.
        json.WriteNumber("id", 1);
        json.WriteStartObject("params");
        json.WriteString("service", service);
        json.WriteString("method", method);
        json.WriteStartArray("args");
        arguments(json);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return new OdooPost(Path, effect, body.WrittenMemory);
    }

    public static OdooReply Read(Effect effect, OdooAnswer answer)
    {
        if (answer.Status != 200)
            return OdooErrors.Read(effect, answer) with { WayIsGone = answer.Status == 404 };
        var read = OdooErrors.Read(effect, answer);
        if (!read.Done || read.Value.Text("jsonrpc") is null)
            return read.Done ? OdooReply.Unusable("200 with JSON that is no answer of JSON-RPC") : read;
        if (!read.Value.TryGetProperty("error", out var error))
            return read with { Value = read.Value.TryGetProperty("result", out var result) ? result : Nothing };
        if (error.ValueKind != JsonValueKind.Object || !error.TryGetProperty("data", out var data) || data.Text("name") is not { } name)
            return OdooReply.Unusable("200 with an error of JSON-RPC that names no exception");
        return Failed(effect, name, data.Text("message") ?? "");
    }

    private static JsonElement Nothing { get; } = JsonElement.Parse("null"u8);

    private static OdooReply Failed(Effect effect, string name, string message)
    {
        // The work was done and kept; only its answer could not be written.
        if (message.StartsWith("cannot marshal None", StringComparison.Ordinal))
            return new OdooReply(OperationStatus.Done) { Value = Nothing };
        if (name == "psycopg2.OperationalError" && message.Contains("database \"", StringComparison.Ordinal) && message.Contains("does not exist", StringComparison.Ordinal))
            return OdooReply.NotSent(OdooErrors.Cut($"unknown database: {message}")) with { Away = true };
        if (name == "odoo.exceptions.UserError" && message.StartsWith("Object ", StringComparison.Ordinal) && message.EndsWith("doesn't exist", StringComparison.Ordinal))
            name = "werkzeug.exceptions.NotFound";
        return OdooErrors.ByName(effect, "JSON-RPC", IsOurCall(name, message), name, message, retryAfter: null) with
        {
            KeyRefused = name == "odoo.exceptions.AccessDenied",
            WayIsGone = name == "werkzeug.exceptions.NotFound" && message.StartsWith("404", StringComparison.Ordinal),
        };
    }

    /// <summary>The call does not fit this Odoo, whatever its data: no such model, method or argument. JSON-2 says 404 and 422 to these.</summary>
    private static bool IsOurCall(string name, string message) => name switch
    {
        "werkzeug.exceptions.NotFound" => true,
        "builtins.AttributeError" => message.StartsWith("The method ", StringComparison.Ordinal) || message.Contains("has no attribute", StringComparison.Ordinal),
        "builtins.TypeError" => message.Contains("argument", StringComparison.Ordinal),
        _ => false,
    };
}
