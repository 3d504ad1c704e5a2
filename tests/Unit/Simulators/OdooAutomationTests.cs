using System.Net;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>How Odoo dates what is written, and what it tells a receiver of it.</summary>
public sealed class OdooAutomationTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 13, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_date_of_writing_has_microseconds_inside_and_seconds_outside()
    {
        await using var odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Clock = new FakeTimeProvider(Start.AddTicks(6_543_219)) });
        using var caller = new OdooCaller(odoo);

        await odoo.DoAsync("res.partner", "write", Body(46, """{"phone":"1"}"""));

        Assert.Equal([46], await FoundAsync(caller, ">=", "2026-11-23 13:00:00"));
        Assert.DoesNotContain(46, await FoundAsync(caller, ">", "2026-11-23 13:00:00"));
        var row = (await caller.CallAsync("res.partner", "read", new JsonObject { ["ids"] = new JsonArray(46), ["fields"] = new JsonArray("write_date") }))![0]!;
        Assert.Equal("2026-11-23 13:00:00", (string?)row["write_date"]);
    }

    [Fact]
    public async Task A_transaction_that_commits_late_is_dated_by_its_start()
    {
        var clock = new FakeTimeProvider(Start.AddMinutes(5));
        await using var odoo = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Clock = clock });
        using var caller = new OdooCaller(odoo);

        await odoo.DoAsync("res.partner", "write", Body(46, """{"phone":"1"}"""), began: Start);

        var row = (await caller.CallAsync("res.partner", "read", new JsonObject { ["ids"] = new JsonArray(46), ["fields"] = new JsonArray("write_date") }))![0]!;
        Assert.Equal("2026-11-23 13:00:00", (string?)row["write_date"]);
    }

    [Fact]
    public async Task A_webhook_is_flat_and_sorted_and_sent_behind_the_commit_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var odoo = await OdooSimulator.StartAsync();
        odoo.Automate(new OdooAutomation("Gateway order changed", "sale.order", receiver.Url, ["partner_id", "commitment_date", "state", "order_line", "client_order_ref"]));

        await odoo.DoAsync("sale.order", "load", OdooCaller.Order("PO-HOOK"));

        var body = Assert.Single(receiver.Bodies);
        Assert.Equal("""{"_action":"Gateway order changed(#481)","_id":1,"_model":"sale.order","client_order_ref":"PO-HOOK","commitment_date":false,"id":1,"order_line":[1],"partner_id":46,"state":"draft"}""", body);
        Assert.StartsWith("python-requests/", receiver.Agent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_rolled_back_or_is_of_another_model_is_told_to_nobody_and_a_receiver_that_fails_harms_nobody()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 500;
        await using var odoo = await OdooSimulator.StartAsync();
        odoo.Automate(new OdooAutomation("Changed", "res.partner", receiver.Url, ["name"]));
        using var caller = new OdooCaller(odoo);

        await odoo.DoAsync("sale.order", "load", OdooCaller.Order("PO-1"));
        Assert.NotEqual(200, (await caller.TryAsync("res.partner", "write", Body(46, """{"country_id":99999}"""))).Status);
        Assert.Empty(receiver.Bodies);
        await caller.CallAsync("res.partner", "write", Body(46, """{"phone":"2"}"""));

        Assert.Single(receiver.Bodies);
        Assert.Equal((1, 0), odoo.Hints);
    }

    [Fact]
    public async Task A_receiver_that_takes_longer_than_a_second_is_not_waited_for_and_is_counted()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Held = new TaskCompletionSource();
        await using var odoo = await OdooSimulator.StartAsync();
        odoo.Automate(new OdooAutomation("Changed", "res.partner", receiver.Url, ["name"]));

        await odoo.DoAsync("res.partner", "write", Body(46, """{"phone":"1"}"""));
        receiver.Held.SetResult();
        await odoo.DoAsync("res.partner", "write", Body(46, """{"phone":"2"}"""));

        Assert.Equal(((1, 1), 2), (odoo.Hints, receiver.Bodies.Count));
    }

    private static JsonObject Body(int id, string values) => new() { ["ids"] = new JsonArray(id), ["vals"] = JsonNode.Parse(values) };

    private static async Task<IEnumerable<int>> FoundAsync(OdooCaller caller, string symbol, string than)
    {
        var domain = new JsonArray(new JsonArray("write_date", symbol, than), new JsonArray("phone", "!=", false));
        return (await caller.CallAsync("res.partner", "search", new JsonObject { ["domain"] = domain }))!.AsArray().Select(id => (int)id!);
    }

    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Receiver(WebApplication app) => _app = app;

        public Uri Url => new(new Uri(_app.Urls.Single()), "hook/orders");

        public List<string> Bodies { get; } = [];

        public string Agent { get; private set; } = "";

        public int Status { get; set; } = 200;

        /// <summary>No answer comes before this is done; null: at once.</summary>
        public TaskCompletionSource? Held { get; set; }

        public static async Task<Receiver> StartAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            var receiver = new Receiver(app);
            app.Run(receiver.TakeAsync);
            await app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task TakeAsync(HttpContext http)
        {
            using var reader = new StreamReader(http.Request.Body);
            Bodies.Add(await reader.ReadToEndAsync());
            Agent = http.Request.Headers.UserAgent.ToString();
            if (Held is { } held) await held.Task;
            http.Response.StatusCode = Status;
        }
    }
}
