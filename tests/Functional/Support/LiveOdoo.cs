using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Adapters.Odoo;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Functional.Support;

/// <summary>
/// A real Odoo 19, where there is one: set ODOO_URL, ODOO_DB and ODOO_KEY; ODOO_BUYER (a customer's ref), ODOO_SKU (a product's internal reference, sold in
/// units), ODOO_CURRENCY, ODOO_WAREHOUSE and ODOO_UNIT name what is there (EUR, none and Units when left out). Tests are skipped without it.
/// </summary>
internal static class LiveOdoo
{
    public static Partner Acme => new("acme", "Acme") { Buyers = [Setting("BUYER")] };

    public static string Unit => Environment.GetEnvironmentVariable("ODOO_UNIT") ?? "Units";

    public static string Currency => Environment.GetEnvironmentVariable("ODOO_CURRENCY") ?? "EUR";

    public static string? Warehouse => Environment.GetEnvironmentVariable("ODOO_WAREHOUSE");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Backend Open(Func<OdooOptions, OdooOptions>? change = null)
    {
        var options = new OdooOptions
        {
            Adapter = "odoo",
            Url = new Uri(Setting("URL")),
            Database = Setting("DB"),
            Credential = new CredentialOptions { Key = new Secret("secret://env/ODOO_KEY", Setting("KEY")) },
            Resilience = new ResilienceOptions { Retries = 5 },
            Timeout = TimeSpan.FromSeconds(60),
        };
        return new OdooAdapter(NullLoggerFactory.Instance, Outside.World).Open("odoo", change?.Invoke(options) ?? options, TimeProvider.System);
    }

    public static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    public static ValueTask<OperationResult> CallAsync(this Backend odoo, string operation, string input, string? externalId = null, string? reference = null) =>
        odoo.Operations[operation].CallAsync(new OperationCall(Json(input), Acme) { ExternalId = externalId, Reference = reference }, Cancellation);

    public static async Task<(OperationResult Result, JsonElement Record)> DoneAsync(this Backend odoo, string operation, string input, string? externalId = null, string? reference = null)
    {
        var result = await odoo.CallAsync(operation, input, externalId, reference);
        Assert.True(result.Status == OperationStatus.Done, $"{operation}: {result.Status} {result.Reason ?? result.Detail}");
        return (result, JsonSerializer.Deserialize<JsonElement>(result.Record.Span));
    }

    /// <summary>An order of the product, as order.create takes it.</summary>
    public static string Order(string run, int quantity = 3) => $$"""
        { "client_order_ref": "GW-{{run}}", "buyer": "{{Setting("BUYER")}}", "currency": "{{Currency}}",
          "lines": [{ "id": "1", "default_code": "{{Setting("SKU")}}", "product_uom_qty": {{quantity}}, "unit_code": "C62", "price_unit": "12.50" }] }
        """;

    /// <summary>So much of the product was done of a transfer.</summary>
    public static string Moved(int quantity) => $$"""
        "state": "done", "context": { "skip_backorder": true },
        "move_ids": [{ "product_id": { "default_code": "{{Setting("SKU")}}" }, "product_uom": { "name": "{{Unit}}" }, "quantity": {{quantity}}, "picked": true }]
        """;

    /// <summary>What another program says to it over JSON-2.</summary>
    public static async Task<JsonElement> RawAsync(string model, string method, object arguments)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Setting("URL")) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("bearer", Setting("KEY"));
        http.DefaultRequestHeaders.Add("X-Odoo-Database", Setting("DB"));
        using var answer = await http.PostAsJsonAsync($"/json/2/{model}/{method}", arguments, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    public static string Setting(string name)
    {
        var value = Environment.GetEnvironmentVariable("ODOO_" + name);
        if (string.IsNullOrEmpty(value))
            Assert.Skip($"needs a real Odoo: ODOO_{name} is not set");
        return value;
    }
}
