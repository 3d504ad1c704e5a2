using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Gateway.Simulators;

namespace Gateway.Demo;

/// <summary>What another partner orders goes its way by itself: the flow order-to-ship does what people did in the chapters before, while the backends misbehave.</summary>
internal sealed class FlowChapters(Demonstration demo, Teller teller, CancellationToken cancellation) : IDisposable
{
    private const string Shop = "globex-demo-key";
    private const string Flow = "order-to-ship";

    private readonly SimulatorSet _outside = demo.Simulators;
    private readonly HttpClient _desk = new() { BaseAddress = demo.Gateway.AdminUrl };

    public void Dispose() => _desk.Dispose();

    public async Task PlayAsync()
    {
        await ShipAsync();
        await HoldAsync();
        await CorrectAsync();
    }

    private async Task ShipAsync()
    {
        teller.Chapter("An order goes its way by itself, though the warehouse is closed");
        _outside.Wms.Chaos.Set(new ChaosRule(ChaosMode.Down));
        _outside.Tms.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Count = 1, Method = "POST" });
        var order = await OrderAsync("Globex orders five desks", "PO-5001", quantity: 5);
        await StandsAsync("It waits for the warehouse", order, "release", waitsFor: "wms");
        _outside.Wms.Chaos.Set(new ChaosRule(ChaosMode.None));
        await StandsAsync("The warehouse is back, and gets it", order, "left");

        var (labels, bills) = (_outside.Tms.Labels.Count, BillsOf(order));
        Leave(order, 3);
        await ToldAsync("Three have left; the carrier has booked them once, though it hung up on us", "shipment.booked.v1", order.Member("id"), "\"backorderQuantity\":2");
        await StandsAsync("The rest is awaited", order, "left");
        Leave(order, 2);
        await EndsAsync("The rest has left", order, "done");
        var left = _outside.Odoo.Transfers.Count(t => t.State == "done" && t.OrderId == OdooId(order));
        teller.Expect("In Odoo", left == 2, $"two transfers that are done, not {left}");
        teller.Expect("At the carrier", _outside.Tms.Labels.Count - labels == 2, $"two labels, not {_outside.Tms.Labels.Count - labels}");
        teller.Expect("In Odoo", BillsOf(order) - bills == 2, "an invoice for each delivery");
        await ToldAsync("The partner has its invoices", "invoice.issued.v1", order.Member("id"));
        await TellTimelineAsync(order);
        await TellFiguresAsync();
    }

    private async Task HoldAsync()
    {
        teller.Chapter("An order beyond the limit waits for a person, and is called off behind that");
        var order = await OrderAsync("Globex orders desks for more than its limit", "PO-5002", quantity: 3, price: "2500.00");
        await StandsAsync("It is held", order, "hold");
        await teller.SendAsync("While we carry it out it can't be changed", 422, "PUT", PathOf(order), Order("PO-5002", 4, "2500.00"), "f-c1", Shop);
        var instance = await InstanceAsync(order);
        var refused = await ActAsync(Demonstration.OperatorToken, $"flows/{(string)instance!["id"]!}/approve", "hold");
        teller.Expect("An operator may not agree", refused == 403, $"403, not {refused}");
        var agreed = await ActAsync(Demonstration.ApproverToken, $"flows/{(string)instance["id"]!}/approve", "hold");
        teller.Expect("Somebody who may, agrees", agreed == 200, $"200, not {agreed}");
        await StandsAsync("It is with the warehouse", order, "left");

        var cancelled = await teller.SendAsync("The partner calls it off", 200, "POST", PathOf(order) + "/cancellation", "{}", "f-x1", Shop);
        teller.Expect("The partner calls it off", cancelled.Member("orderStatusCode") == "cancelled", "a cancelled order");
        teller.Expect("In the warehouse", WarehouseOrderOf(order)?.Status == "Cancelled", "a cancelled order");
        teller.Expect("In Odoo", _outside.Odoo.Orders.Single(o => o.Name == order.Member("salesOrderId")).State == "cancel", "a cancelled order");
        await EndsAsync("It is cancelled everywhere", order, "cancelled");
        await ToldAsync("The partner hears of it", "order.cancelled.v1", order.Member("id"));
        var told = _outside.Partner.Received.Where(w => w.Body.Contains("\"order.cancelled.v1\"", StringComparison.Ordinal) && w.Body.Contains(order.Member("id"), StringComparison.Ordinal)).Select(w => w.Id).Distinct().Count();
        teller.Expect("The partner hears of it", told == 1, $"once, not {told} times");

        var late = await OrderAsync("Another order", "PO-5003", quantity: 1);
        await StandsAsync("It is with the warehouse", late, "left");
        _outside.Wms.Pick(WarehouseOrderOf(late)!.Id);
        await teller.SendAsync("What is picked is called off nowhere", 422, "POST", PathOf(late) + "/cancellation", "{}", "f-x2", Shop);
        Leave(late, 1);
        await EndsAsync("It goes on", late, "done");
    }

    private async Task CorrectAsync()
    {
        teller.Chapter("What breaks in the warehouse is booked in Odoo once, though it is told twice, and Odoo hangs up on us");
        _outside.Wms.Chaos.Set(new ChaosRule(ChaosMode.HookTwice) { Count = 1 });
        _outside.Odoo.Chaos.Set(new ChaosRule(ChaosMode.DropAfterWork) { Count = 1, Path = "action_apply_inventory" });
        var before = _outside.Odoo.OnHand("FURN_7777", "WH");
        teller.Say("People in the warehouse drop two chairs.");
        var (broken, wrong) = _outside.Wms.Correct("FURN_7777", "WH", -2, "Damaged");
        teller.Expect("Two chairs", broken is not null, wrong ?? "a correction");
        JsonNode? instance = null;
        bool IsBooked() => (string?)instance?["stage"] == "settled";
        await Eventually.SeeAsync(async () => (instance = (await AskAsync($"flows?flow=stock-sync&key={broken?.Id}"))?.AsArray().FirstOrDefault()) is not null && IsBooked() ? "" : null, cancellation);
        teller.Expect("They are booked", IsBooked(), $"stock-sync behind its booking, not {instance?.ToJsonString()}");
        teller.Expect("It is our own matter", (string?)instance?["tenant"] == "-", "an instance of no partner's");
        teller.Expect("In Odoo", _outside.Odoo.OnHand("FURN_7777", "WH") == before - 2, "two chairs fewer");
        var movements = _outside.Odoo.Adjustments.Count(a => a.Reference.StartsWith($"{broken?.Id}: Damaged", StringComparison.Ordinal));
        teller.Expect("In Odoo", movements == 1, $"one movement, not {movements}");
    }

    private Task<Reply> OrderAsync(string title, string reference, decimal quantity, string price = "12.50") =>
        teller.SendAsync(title, 201, "POST", Story.Orders, Order(reference, quantity, price), "f-" + reference, Shop);

    private static string Order(string reference, decimal quantity, string price = "12.50") =>
        SampleOrder.Json(reference, quantity).Replace("ACME-DE", "GLOBEX-DE", StringComparison.Ordinal).Replace("12.50", price, StringComparison.Ordinal);

    private static string PathOf(Reply order) => $"{Story.Orders}/{order.Member("id")}";

    private int OdooId(Reply order) => _outside.Odoo.Orders.Single(o => o.Name == order.Member("salesOrderId")).Id;

    private int BillsOf(Reply order) => _outside.Odoo.Bills.Count(b => b.State == "posted" && b.Origin?.StartsWith(order.Member("salesOrderId"), StringComparison.Ordinal) == true);

    private WmsOrder? WarehouseOrderOf(Reply order) => _outside.Wms.Orders.LastOrDefault(o => (string?)o.Kept["order_number"] == order.Member("salesOrderId"));

    /// <summary>People in the warehouse pack so many desks, and hand them over.</summary>
    private void Leave(Reply order, int desks)
    {
        teller.Say(string.Create(CultureInfo.InvariantCulture, $"People in the warehouse pack {desks}."));
        var (shipped, wrong) = _outside.Wms.Ship(WarehouseOrderOf(order)!.Id, new Dictionary<string, int> { ["DESK0005"] = desks });
        teller.Expect("The parcel", shipped is not null, wrong ?? "a parcel");
    }

    /// <summary>The instance of the flow, once it waits in a step.</summary>
    private async Task StandsAsync(string title, Reply order, string step, string? waitsFor = null)
    {
        JsonNode? instance = null;
        bool Stands() => (string?)instance?["stage"] == step && (string?)instance["waitsFor"] == waitsFor;
        await Eventually.SeeAsync(async () => (instance = await InstanceAsync(order)) is not null && Stands() ? "" : null, cancellation);
        Judge(title, instance, Stands(), $"it at the step {step}");
    }

    private async Task EndsAsync(string title, Reply order, string state)
    {
        JsonNode? instance = null;
        await Eventually.SeeAsync(async () => (string?)(instance = await InstanceAsync(order))?["state"] == state ? "" : null, cancellation);
        Judge(title, instance, (string?)instance?["state"] == state, $"it {state}");
    }

    private void Judge(string title, JsonNode? instance, bool holds, string what)
    {
        teller.Say($"{title}: {Flow} is {(string?)instance?["state"]}{((string?)instance?["stage"] is { } stage ? $" at {stage}" : "")}{((string?)instance?["waitsFor"] is { } backend ? $", and waits for {backend}" : "")}");
        teller.Expect(title, holds, $"{what}, not {instance?.ToJsonString()}");
    }

    private async Task<JsonNode?> InstanceAsync(Reply order) =>
        (await AskAsync($"flows?flow={Flow}&key={order.Member("id")}"))?.AsArray().FirstOrDefault();

    /// <summary>All that is found by the order's number in Odoo, as operators read it.</summary>
    private async Task TellTimelineAsync(Reply order)
    {
        teller.Say($"gateway trace {order.Member("salesOrderId")}:");
        var told = await AskAsync($"trace?key={order.Member("salesOrderId")}");
        var lines = told?["timeline"]?.AsArray().Select(l => $"{(DateTimeOffset)l!["at"]!:HH:mm:ss.fff}  {(string?)l["where"],-12} {(string?)l["what"],-12} {(string?)l["detail"]}").ToList() ?? [];
        foreach (var line in lines) teller.Say("  " + line);
        foreach (var what in (string[])["kept", "repeated", "found"]) teller.Expect("The timeline", lines.Exists(l => l.Contains(what, StringComparison.Ordinal)), $"what was {what}");
    }

    /// <summary>What all instances make up, as operators read it.</summary>
    private async Task TellFiguresAsync()
    {
        teller.Say("gateway flows figures:");
        var told = await AskAsync("flows/figures");
        var figures = told?["figures"]?.AsArray().Select(f => (Name: (string?)f!["figure"], Count: (long?)f["count"])).ToList() ?? [];
        foreach (var (name, count) in figures) teller.Say($"  {count,3}  {name}");
        teller.Expect("What has left is invoiced", figures.Contains(("shipped-not-invoiced", 0)), "no order that has left and is not");
        var burn = told?["objectives"]?.AsArray().FirstOrDefault(o => (string?)o!["flow"] == Flow)?["burns"]?[0];
        teller.Expect("The promise", (long?)burn?["kept"] > 0 && (long?)burn?["broken"] == 0, $"kept, not {burn?.ToJsonString()}");
    }

    private async Task<JsonNode?> AskAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Demonstration.OperatorToken) } };
        using var answer = await _desk.SendAsync(request, cancellation);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation)) : null;
    }

    private async Task<int> ActAsync(string token, string path, string step)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
            Content = JsonContent.Create(new { step, reason = "the demo" }),
        };
        using var answer = await _desk.SendAsync(request, cancellation);
        return (int)answer.StatusCode;
    }

    private Task ToldAsync(string title, string type, params string[] words) => teller.WebhookAsync(title, _outside.Partner, type, cancellation, words);
}
