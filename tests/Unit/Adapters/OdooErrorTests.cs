using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>What Odoo's errors mean: on a read (item.read), and on the change itself (sale.order/load).</summary>
public sealed class OdooErrorTests
{
    /// <summary>Words of addresses, tracebacks, SQL and technical names, which no caller may read.</summary>
    private static readonly string[] Inside =
        ["Traceback", "File \"", "/opt/", "/usr/", "127.0.0.1", "10.1.2.3", ":8069", ":5432", "psycopg2", "SELECT", "LINE 1", "sale.order(", "(sale.order)", "demo-odoo-key", "<html"];

    [Theory]
    [InlineData("090", NotSent, NotSent)] // 401, bad key
    [InlineData("091", NotSent, NotSent)] // 401, no key
    [InlineData("092", NotSent, NotSent)] // 403, no rights
    [InlineData("095", NotSent, NotSent)] // 403, private method
    [InlineData("093", Unusable, NotSent)] // 404, no such model
    [InlineData("094", Unusable, NotSent)] // 404, no such method
    [InlineData("096", NotFound, Refused)] // 404, MissingError
    [InlineData("098", Unusable, NotSent)] // 422, argument missing
    [InlineData("099", Unusable, NotSent)] // 422, argument too many
    [InlineData("100", Unusable, NotSent)] // 422, ids on a model method
    [InlineData("101", Unusable, Refused)] // 422, UserError
    [InlineData("102", Unusable, Refused)] // 422, ValidationError
    [InlineData("103", Unusable, Refused)] // 500, unknown field
    [InlineData("104", Unusable, Refused)] // 500, bad datetime
    [InlineData("110", Unusable, Refused)] // 500, psycopg2 data error
    [InlineData("086", Unusable, Refused)] // 500, ISO 8601
    [InlineData("105", Unusable, NotSent)] // 400, broken JSON
    [InlineData("106", NotSent, Unknown)] // 415 HTML
    [InlineData("108", NotSent, Unknown)] // 404 HTML, unknown database
    public async Task Recorded_errors(string transcript, OperationStatus onRead, OperationStatus onChange)
    {
        var response = Transcripts.Response(transcript);

        Check(onRead, await ReadAsync(http => ReplayAsync(http, response)));
        Check(onChange, await CreateAsync(http => ReplayAsync(http, response)));
    }

    [Theory]
    [InlineData("odoo.exceptions.LockError", 409, NotSent, NotSent)]
    [InlineData("psycopg2.errors.SerializationFailure", 500, NotSent, NotSent)]
    [InlineData("psycopg2.errors.DeadlockDetected", 500, NotSent, NotSent)]
    [InlineData("psycopg2.OperationalError", 500, NotSent, Unknown)]
    [InlineData("builtins.MemoryError", 500, NotSent, NotSent)]
    [InlineData("builtins.KeyError", 500, Unusable, Refused)]
    [InlineData("odoo.exceptions.AccessDenied", 403, NotSent, NotSent)]
    [InlineData("odoo.exceptions.RedirectWarning", 422, Unusable, Refused)]
    public async Task Errors_by_name(string name, int status, OperationStatus onRead, OperationStatus onChange)
    {
        var body = CannedOdoo.Error(name, "connection to server at \"127.0.0.1\", port 5432 failed, see /opt/odoo/odoo.conf");

        Check(onRead, await ReadAsync(http => CannedOdoo.JsonAsync(http, status, body)));
        Check(onChange, await CreateAsync(http => CannedOdoo.JsonAsync(http, status, body)));
    }

    [Theory]
    [InlineData(500, Unusable, Unknown)]
    [InlineData(502, NotSent, Unknown)]
    [InlineData(503, NotSent, Unknown)]
    [InlineData(504, NotSent, Unknown)]
    [InlineData(429, NotSent, NotSent)]
    [InlineData(401, NotSent, Unknown)]
    [InlineData(403, NotSent, Unknown)]
    [InlineData(413, NotSent, Unknown)]
    [InlineData(303, NotSent, Unknown)]
    [InlineData(200, Unusable, Unusable)]
    public async Task Html(int status, OperationStatus onRead, OperationStatus onChange)
    {
        Check(onRead, await ReadAsync(http => CannedOdoo.HtmlAsync(http, status)));
        Check(onChange, await CreateAsync(http => CannedOdoo.HtmlAsync(http, status)));
    }

    [Theory]
    [InlineData("415", Refused, "orderLines/0: No matching record found for database id '99999999' in field 'Order Lines/Product'")]
    [InlineData("416", Refused, "orderLines/0: 'three' does not seem to be a number for field 'Order Lines/Quantity'")]
    [InlineData("417", Refused, "No matching record found for database id '99999999' in field 'Customer'; Missing required value for the field 'Customer' ….")]
    public async Task Failures_that_load_hides_under_200(string transcript, OperationStatus status, string detail)
    {
        var response = Transcripts.Response(transcript);

        var result = await CreateAsync(http => ReplayAsync(http, response));

        Check(status, result);
        Assert.Equal(detail, result.Detail);
    }

    [Theory]
    [InlineData("""{"ids": false, "messages": [], "nextrow": 0}""", Unusable)]
    [InlineData("""{"ids": [1, 2], "messages": [], "nextrow": 0}""", Unusable)]
    [InlineData("null", Unusable)]
    [InlineData("""{"ids": [7""", Unusable)]
    public async Task Load_answers_that_make_no_sense(string json, OperationStatus status) =>
        Check(status, await CreateAsync(http => CannedOdoo.JsonAsync(http, 200, json)));

    [Fact]
    public async Task A_serialization_failure_hidden_in_200_is_looked_up_and_sent_again_and_then_given_up_as_not_sent()
    {
        await using var odoo = await CannedOdoo.StartAsync("sale.order/load", http => CannedOdoo.JsonAsync(http, 200,
            """{"ids": false, "messages": [{"type": "error", "message": "could not serialize access due to concurrent update\n"}], "nextrow": 0}"""));
        await using var backend = OdooBench.Open(odoo.Url);

        var result = await backend.Operations["order.create"].CallAsync(OdooBench.Call(Order(), "so_none"), TestContext.Current.CancellationToken);

        Check(NotSent, result);
        Assert.NotNull(result.RetryAfter);
        var loads = odoo.Calls.Index().Where(call => call.Item == "sale.order/load").Select(call => call.Index).ToArray();
        Assert.Equal(4, loads.Length);
        Assert.All(loads.Skip(1), at => Assert.Equal("ir.model.data/search_read", odoo.Calls.ElementAt(at - 1)));
    }

    [Fact]
    public async Task An_answer_longer_than_allowed_is_unusable()
    {
        await using var odoo = await CannedOdoo.StartAsync((http, _) => CannedOdoo.JsonAsync(http, 200, $"[{new string(' ', 20_000)}]"));
        await using var backend = OdooBench.Open(odoo.Url, options => options with { MaxAnswerBytes = 10_000 });

        Check(Unusable, await backend.Operations["item.read"].CallAsync(
            new OperationCall(OdooBench.Json("""{"sku":"A"}"""), OdooBench.Acme), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Calls_carry_key_database_correlation_and_trace()
    {
        await using var odoo = await CannedOdoo.StartAsync((http, _) => CannedOdoo.JsonAsync(http, 200, "[]"));
        await using var backend = OdooBench.Open(odoo.Url);
        using var activity = new System.Diagnostics.Activity("test").Start();

        await backend.Operations["item.read"].CallAsync(
            new OperationCall(OdooBench.Json("""{"sku":"A"}"""), OdooBench.Acme) { CorrelationId = "corr-1" }, TestContext.Current.CancellationToken);

        Assert.True(odoo.Headers.TryPeek(out var headers));
        Assert.Equal("Bearer demo-odoo-key", headers["Authorization"]);
        Assert.Equal("demo", headers["X-Odoo-Database"]);
        Assert.Equal("corr-1", headers["X-Request-Id"]);
        Assert.Equal("application/json", headers.ContentType);
        Assert.StartsWith($"00-{activity.TraceId}-", headers["traceparent"].ToString(), StringComparison.Ordinal);
    }

    private static async Task<OperationResult> ReadAsync(Func<HttpContext, Task> answer)
    {
        await using var odoo = await CannedOdoo.StartAsync((http, _) => answer(http));
        await using var backend = OdooBench.Open(odoo.Url);
        return await backend.Operations["item.read"].CallAsync(
            new OperationCall(OdooBench.Json("""{"sku":"A"}"""), OdooBench.Acme), TestContext.Current.CancellationToken);
    }

    /// <summary>The order is unknown, every look-up succeeds, and the load answers.</summary>
    private static async Task<OperationResult> CreateAsync(Func<HttpContext, Task> answer)
    {
        await using var odoo = await CannedOdoo.StartAsync("sale.order/load", answer);
        await using var backend = OdooBench.Open(odoo.Url);
        return await backend.Operations["order.create"].CallAsync(OdooBench.Call(Order(), "so_none"), TestContext.Current.CancellationToken);
    }

    private static JsonObject Order() => JsonNode.Parse("""
        {
          "client_order_ref": "PO-1", "buyer": "ACME-DE", "currency": "EUR",
          "lines": [ { "default_code": "A", "product_uom_qty": 1, "unit_code": "C62", "price_unit": "1.00" } ]
        }
        """)!.AsObject();

    private static async Task ReplayAsync(HttpContext http, System.Text.Json.JsonElement response)
    {
        http.Response.StatusCode = response.GetProperty("status").GetInt32();
        http.Response.ContentType = response.GetProperty("headers").GetProperty("Content-Type").GetString();
        await http.Response.WriteAsync(response.TryGetProperty("json", out var json) ? json.GetRawText() : response.GetProperty("body").GetString()!);
    }

    private static void Check(OperationStatus status, OperationResult result)
    {
        Assert.Equal((status, result.Reason), (result.Status, result.Reason));
        Assert.All(Inside, word => Assert.DoesNotContain(word, result.Detail, StringComparison.OrdinalIgnoreCase));
        Assert.NotEmpty(result.Detail);
        Assert.DoesNotContain("demo-odoo-key", result.Reason ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("Traceback", result.Reason ?? "", StringComparison.Ordinal);
    }
}
