using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Said = Gateway.Simulators.Answer;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>The gates of the example in docs/backends.md: JSON-RPC 2.0 at <c>POST /rpc</c>, methods <c>announce</c>, <c>find</c> and <c>read</c>. Rules of chaos know a call as <c>/rpc/METHOD</c>.</summary>
internal sealed class GatesDouble : IAsyncDisposable
{
    public const string Key = "demo-gates-key";

    /// <summary>A lorry that no gate lets in.</summary>
    public const string Banned = "HH-NO 1";

    private readonly ConcurrentDictionary<string, JsonObject> _visits = new(StringComparer.Ordinal);
    private SimulatorHost _host = null!;

    public int Count(string externalId) => _visits.Values.Count(visit => (string?)visit["ref"] == externalId);

    public static async Task<PlayedBackend> PlayAsync()
    {
        var gates = new GatesDouble();
        gates._host = await SimulatorHost.StartAsync(new SimulatorOptions(), routes => routes.MapPost("/rpc", gates.AnswerAsync), () => [], pathOf: PathOf);
        return new PlayedBackend(gates, gates._host.Url, gates._host.Chaos, () => gates._host.Requests, () => gates._host.LastTraceParent);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static string PathOf(HttpRequest request)
    {
        try
        {
            return $"{request.Path}/{JsonNode.Parse(request.Body)?["method"]}";
        }
        catch (JsonException)
        {
            return request.Path;
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization != "Bearer " + Key)
        {
            http.Response.StatusCode = 401;
            return;
        }
        var call = (await Said.ReadJsonAsync(http)).Document!;
        var (error, result) = Run((string?)call["method"], call["params"]!.AsObject());
        await Said.JsonAsync(http, 200, error is { } failed
            ? new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["error"] = new JsonObject { ["code"] = failed.Code, ["message"] = failed.Message } }
            : new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["result"] = result?.DeepClone() });
    }

    private ((int Code, string Message)? Error, JsonObject? Result) Run(string? method, JsonObject parameters)
    {
        switch (method)
        {
            case "find":
                return (null, _visits.GetValueOrDefault((string)parameters["ref"]!));
            case "read":
                return (null, _visits.Values.FirstOrDefault(visit => (string?)visit["number"] == (string?)parameters["number"]));
            case "announce" when (string?)parameters["plate"] == Banned:
                return ((1, "This lorry may not come in."), null);
            case "announce":
                var visit = new JsonObject { ["number"] = (_visits.Count + 1).ToString(CultureInfo.InvariantCulture), ["ref"] = (string?)parameters["ref"], ["plate"] = (string?)parameters["plate"] };
                return _visits.TryAdd((string)visit["ref"]!, visit) ? (null, visit) : ((2, "There is such a visit."), null);
            default:
                return ((-32601, "There is no such method."), null);
        }
    }
}
