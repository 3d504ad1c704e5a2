using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>A minimal JSON-2 caller, so that the tests see exactly what is on the wire.</summary>
internal sealed class OdooCaller : IDisposable
{
    private readonly HttpClient _http;

    public OdooCaller(OdooSimulator odoo, string key = "demo-odoo-key")
    {
        _http = new HttpClient { BaseAddress = odoo.Url };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("bearer", key);
    }

    /// <summary>Calls a method and expects 200.</summary>
    public async Task<JsonNode?> CallAsync(string model, string method, JsonObject arguments)
    {
        var (status, body) = await TryAsync(model, method, arguments);
        Assert.True(status == 200, $"{model}/{method} answered {status}: {(body as JsonObject)?["name"]} {(body as JsonObject)?["message"]}");
        return body;
    }

    public async Task<(int Status, JsonNode? Body)> TryAsync(string model, string method, JsonObject arguments)
    {
        using var response = await _http.PostAsJsonAsync($"/json/2/{model}/{method}", arguments);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>An order of one line by external id, as an adapter would load it.</summary>
    public static JsonObject Order(string reference, string product = "15", string quantity = "3", string price = "12.5",
        string partner = "46")
    {
        var fields = new JsonArray("id", "partner_id/.id", "client_order_ref", "order_line/id", "order_line/product_id/.id",
            "order_line/product_uom_qty", "order_line/price_unit");
        var row = new JsonArray($"gw.so_{reference}", partner, reference, $"gw.sol_{reference}_1", product, quantity, price);
        return new JsonObject { ["fields"] = fields, ["data"] = new JsonArray(row) };
    }

    public void Dispose() => _http.Dispose();
}
