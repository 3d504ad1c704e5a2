using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>A server that answers every call with what a test puts in its mouth; remembers what it was asked.</summary>
internal sealed class CannedOdoo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CannedOdoo(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Model and method of every call, in order: <c>sale.order/load</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    public ConcurrentQueue<IHeaderDictionary> Headers { get; } = [];

    public static async Task<CannedOdoo> StartAsync(Func<HttpContext, string, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var canned = new CannedOdoo(app);
        app.Run(async http =>
        {
            if (http.Request.Path == "/web/version")
            {
                await JsonAsync(http, 200, """{"version_info":[19,0,0,"final",0,""],"version":"19.0"}""");
                return;
            }
            var call = http.Request.Path.Value!["/json/2/".Length..];
            canned.Calls.Enqueue(call);
            canned.Headers.Enqueue(new HeaderDictionary(http.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)));
            await answer(http, call);
        });
        await app.StartAsync();
        return canned;
    }

    /// <summary>Everything is found, until <paramref name="method"/> of a model is called.</summary>
    public static Task<CannedOdoo> StartAsync(string method, Func<HttpContext, Task> answer) =>
        StartAsync(async (http, call) =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var asked = await reader.ReadToEndAsync();
            await (call == method ? answer(http) : JsonAsync(http, 200, Happy(call, asked)));
        });

    public static async Task JsonAsync(HttpContext http, int status, string json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.WriteAsync(json);
    }

    public static async Task HtmlAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync("<html><title>10.1.2.3:8069</title></html>");
    }

    public static string Error(string name, string message) =>
        System.Text.Json.JsonSerializer.Serialize(new { name, message, arguments = new[] { message }, context = new { }, debug = "Traceback (most recent call last):\n  File \"/opt/odoo/http.py\"" });

    private static string Happy(string call, string asked) => call switch
    {
        "ir.model.data/search_read" when asked.Contains("uom.uom", StringComparison.Ordinal) => """[{"id":1,"name":"product_uom_unit","res_id":1}]""",
        "res.partner/search_read" => """[{"id":46,"property_product_pricelist":false}]""",
        "res.currency/search_read" => """[{"id":1,"name":"EUR","decimal_places":2}]""",
        "res.company/read" => """[{"id":1,"currency_id":[1,"EUR"]}]""",
        "product.product/search_read" => """[{"id":5,"default_code":"A","sale_ok":true,"uom_id":[1,"Units"],"uom_ids":[]}]""",
        _ => "[]",
    };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
