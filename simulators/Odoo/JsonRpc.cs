using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulators.Odoo;

/// <summary>
/// The JSON-RPC endpoint, <c>POST /jsonrpc</c>: services <c>common</c> and <c>object</c>. Every error of a method is 200 with <c>error.data</c>; a method
/// that returns nothing is answered with neither result nor error.
/// </summary>
internal sealed class JsonRpc(OdooSimulatorOptions options, Wire wire)
{
    private const string WrongContentType =
        "<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n<h1>Unsupported Media Type</h1>\n"
        + "<p>Request inferred type is compatible with [&#39;http&#39;] but &#39;/jsonrpc&#39; is type=&#39;jsonrpc&#39;."
        + "<br><br>Please verify the Content-Type request header and try again.</p>\n";

    /// <summary>A call as chaos knows it: <c>/jsonrpc/sale.order/load</c>, <c>/jsonrpc/common/version</c>; any other request by its own path.</summary>
    public static string PathOf(HttpRequest request)
    {
        if (request.Path != "/jsonrpc") return request.Path;
        try
        {
            var call = JsonNode.Parse(request.Body)?["params"];
            var (service, method) = call?["args"] is JsonArray { Count: > 4 } arguments && (string?)call["method"] == "execute_kw"
                ? (arguments[3], arguments[4])
                : (call?["service"], call?["method"]);
            return $"{request.Path}/{service}/{method}";
        }
        catch (Exception none) when (none is System.Text.Json.JsonException or InvalidOperationException)
        {
            return request.Path;
        }
    }

    public async Task AnswerAsync(HttpContext http)
    {
        var snapshot = wire.Snapshot;
        if (!http.Request.HasJsonContentType())
        {
            http.Response.Headers.Accept = "application/json, application/json-rpc";
            await Answer.HtmlAsync(http, 415, WrongContentType);
            return;
        }
        var (document, broken) = await Answer.ReadJsonAsync(http);
        if (broken is not null || document is not JsonObject request)
        {
            await Answer.HtmlAsync(http, 400, "Invalid JSON data");
            return;
        }
        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = request["id"]?.DeepClone() };
        try
        {
            if (await RunAsync(request["params"] as JsonObject ?? [], snapshot) is { } result)
                answer["result"] = result;
        }
        catch (OdooError error)
        {
            answer["error"] = ToJson(error);
        }
        catch (Exception wrongShape) when (wrongShape is InvalidOperationException or InvalidCastException or FormatException
            or ArgumentException or IndexOutOfRangeException or NullReferenceException)
        {
            answer["error"] = ToJson(OdooError.Type(wrongShape.Message));
        }
        await Answer.JsonAsync(http, 200, answer);
    }

    private async Task<JsonNode?> RunAsync(JsonObject call, long snapshot)
    {
        var arguments = call["args"] as JsonArray ?? [];
        switch (call["service"]?.ToString(), call["method"]?.ToString())
        {
            case ("common", "version"):
                return new JsonObject
                {
                    ["server_version"] = $"{options.Version}.0",
                    ["server_version_info"] = new JsonArray(options.Version, 0, 0, "final", 0, ""),
                    ["server_serie"] = $"{options.Version}.0",
                    ["protocol_version"] = 1,
                };
            case ("common", "authenticate" or "login"):
                CheckDatabase(arguments[0]);
                return UserOf(arguments[1]!.ToString(), arguments[2]!.ToString()) is { } id ? id : false;
            case ("object", "execute_kw"):
                CheckDatabase(arguments[0]);
                var user = arguments[1]!.GetValue<int>();
                if (arguments[2]?.ToString() != KeyOf(user))
                    throw OdooError.Denied();
                return await ExecuteAsync(user, snapshot, arguments);
            default:
                throw OdooError.Key(call["service"]?.ToString() ?? "");
        }
    }

    private async Task<JsonNode?> ExecuteAsync(int user, long snapshot, JsonArray arguments)
    {
        var (model, method) = (arguments[3]!.ToString(), arguments[4]!.ToString());
        var positional = arguments.Count > 5 ? (JsonArray)arguments[5]! : [];
        var body = arguments.Count > 6 ? (JsonObject)arguments[6]!.DeepClone() : [];
        string[] names = wire.Find(model, method) is { } known
            ? [.. known.OnRecords ? ["ids"] : Array.Empty<string>(), .. known.Parameters.Select(parameter => parameter.TrimEnd('?'))]
            : [];
        foreach (var (n, value) in positional.Index())
            body[n < names.Length ? names[n] : $"argument{n}"] = n == 0 && names[0] == "ids" && value is JsonValue one
                ? new JsonArray(one.DeepClone())
                : value?.DeepClone();
        var result = await wire.CallAsync(user, snapshot, model, method, body);
        // One record asked for, one id given.
        return method == "create" && positional is [JsonObject, ..] && result is JsonArray made ? made[0]!.DeepClone() : result;
    }

    private void CheckDatabase(JsonNode? name)
    {
        if (name?.ToString() != options.Database)
            throw OdooError.NoDatabase(name?.ToString() ?? "");
    }

    private int? UserOf(string login, string key) => (login, key) switch
    {
        ("admin", _) when key == options.ApiKey => Seed.AdminUser,
        ("rita", _) when key == options.RestrictedApiKey => Seed.RestrictedUser,
        _ => null,
    };

    private string? KeyOf(int user) => user switch
    {
        Seed.AdminUser => options.ApiKey,
        Seed.RestrictedUser => options.RestrictedApiKey,
        _ => null,
    };

    /// <summary>The members of JSON-2's errors, one level down; an unknown model, method or argument is another exception here.</summary>
    private JsonObject ToJson(OdooError error)
    {
        var data = error.ToJson();
        (data["name"], data["message"]) = (error.Name, error.Message) switch
        {
            ("werkzeug.exceptions.NotFound", ['t', 'h', 'e', ' ', 'm', ..] message) => ("odoo.exceptions.UserError", $"Object {message.Split('\'')[1]} doesn't exist"),
            ("werkzeug.exceptions.NotFound", var message) => ("builtins.AttributeError", message),
            ("werkzeug.exceptions.UnprocessableEntity", var message) => ("builtins.TypeError", message),
            var (name, message) => (name, message),
        };
        return new JsonObject { ["code"] = options.Version < 19 ? 200 : 0, ["message"] = "Odoo Server Error", ["data"] = data };
    }
}
