using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Said = Gateway.Simulators.Answer;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>The scales of the example in docs/backends.md: <c>POST /tickets</c>, <c>GET /tickets?external_id=</c>, <c>GET /tickets/{id}</c>.</summary>
internal sealed class ScalesDouble : IAsyncDisposable
{
    public const string Key = "demo-scales-key";

    private readonly ConcurrentDictionary<string, JsonObject> _tickets = new(StringComparer.Ordinal);
    private SimulatorHost _host = null!;

    public int Count(string externalId) => _tickets.Values.Count(ticket => (string?)ticket["external_id"] == externalId);

    public static async Task<PlayedBackend> PlayAsync()
    {
        var scales = new ScalesDouble();
        scales._host = await SimulatorHost.StartAsync(new SimulatorOptions(), routes =>
        {
            routes.MapPost("/tickets", scales.Keyed(scales.TakeAsync));
            routes.MapGet("/tickets", scales.Keyed(http => Said.JsonAsync(http, 200, new JsonArray(
                [.. scales._tickets.Values.Where(ticket => (string?)ticket["external_id"] == http.Request.Query["external_id"].ToString()).Select(ticket => ticket.DeepClone())]))));
            routes.MapGet("/tickets/{id}", scales.Keyed(http => scales._tickets.Values.FirstOrDefault(ticket => (string?)ticket["id"] == (string?)http.Request.RouteValues["id"]) is { } found
                ? Said.JsonAsync(http, 200, found.DeepClone())
                : FailAsync(http, 404, "no_such_ticket")));
        }, () => []);
        return new PlayedBackend(scales, scales._host.Url, scales._host.Chaos, () => scales._host.Requests, () => scales._host.LastTraceParent);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        var ticket = (await Said.ReadJsonAsync(http)).Document!.AsObject();
        if ((decimal)ticket["kilograms"]! > 1000) await FailAsync(http, 422, "too_heavy");
        else
        {
            ticket["id"] = (_tickets.Count + 1).ToString(CultureInfo.InvariantCulture);
            if (_tickets.TryAdd((string)ticket["external_id"]!, ticket)) await Said.JsonAsync(http, 201, ticket.DeepClone());
            else await FailAsync(http, 409, "known");
        }
    }

    private RequestDelegate Keyed(RequestDelegate work) =>
        http => http.Request.Headers.Authorization == "Bearer " + Key ? work(http) : FailAsync(http, 401, "key");

    private static Task FailAsync(HttpContext http, int status, string code) =>
        Said.JsonAsync(http, status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = $"The scales say {code}." } });
}
