using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>What people do in an Odoo that has no JSON-2.</summary>
internal static class OlderOdoo
{
    /// <param name="values">By the names of the version.</param>
    public static async Task WriteAsync(OdooSimulator odoo, string model, int id, JsonObject values)
    {
        using var http = new HttpClient { BaseAddress = odoo.Url };
        var arguments = new JsonArray("demo", 2, "demo-odoo-key", model, "write", new JsonArray(new JsonArray(id), values), new JsonObject());
        using var answer = await http.PostAsJsonAsync("/jsonrpc", new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["method"] = "call",
            ["params"] = new JsonObject { ["service"] = "object", ["method"] = "execute_kw", ["args"] = arguments },
        }, TestContext.Current.CancellationToken);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("result").GetBoolean());
    }
}
