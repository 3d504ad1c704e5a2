using Gateway.Simulators;

namespace Gateway.Demo;

/// <summary>
/// The main job, told and judged: a partner's order goes into Odoo once, whatever happens, leaves in parts, comes back in part, and is invoiced and
/// credited to the cent. Each step comes back as a signed webhook.
/// </summary>
public sealed class Story(Demonstration demo, TextWriter output)
{
    internal const string Orders = "/v1/orders";

    /// <summary>Plays all chapters; true when every answer was as expected.</summary>
    public async Task<bool> PlayAsync(CancellationToken cancellation)
    {
        using var teller = new Teller(demo.Gateway.Url, output);
        var created = await TakeAsync(teller);
        await RepeatAsync(teller);
        await RefuseAsync(teller);
        await ReadAsync(teller, created);
        await OutageAsync(teller, cancellation);
        await DeliverAsync(teller, created, cancellation);
        await ChangeAsync(teller, cancellation);
        await new EndpointChapter(demo, teller, cancellation).PlayAsync();
        var (order, shipment) = await new ShippingChapters(demo, teller, cancellation).PlayAsync();
        await new ReturnChapters(demo, teller, order, shipment, cancellation).PlayAsync();
        using (var flows = new FlowChapters(demo, teller, cancellation)) await flows.PlayAsync();
        await LimitAsync(teller);
        output.WriteLine(teller.Failures.Count == 0 ? $"\n{teller.Told} expectations held." : $"\n{teller.Failures.Count} of {teller.Told} expectations did not hold:");
        foreach (var failure in teller.Failures) output.WriteLine("  " + failure);
        return teller.Failures.Count == 0;
    }

    private async Task<Reply> TakeAsync(Teller teller)
    {
        teller.Chapter("An order is taken over into Odoo");
        var created = await teller.SendAsync("A new order", 201, "POST", Orders, SampleOrder.Json(), "k-4711");
        teller.Expect("A new order", created.Header("Location") == $"{Orders}/{created.Member("id")}", "its Location");
        teller.Expect("A new order", created.Member("salesOrderId").StartsWith('S'), "Odoo's name of the order");
        teller.Expect("A new order", created.Member("legalMonetaryTotal", "taxExclusiveAmount") == "37.50", "a total of 37.50");
        teller.Expect("A new order", created.Header("RateLimit").Length > 0, "RateLimit headers");
        teller.Expect("A new order", demo.Simulators.Odoo.Orders.Count(Is4711) == 1, "one order in Odoo");
        return created;
    }

    private async Task RepeatAsync(Teller teller)
    {
        teller.Chapter("Repeats change nothing");
        var replayed = await teller.SendAsync("The same request again", 201, "POST", Orders, SampleOrder.Json(), "k-4711");
        teller.Expect("The same request again", replayed.Header("Idempotency-Replayed") == "true", "the mark of a replay");
        await teller.SendAsync("The same key with another body", 422, "POST", Orders, SampleOrder.Json(quantity: 4), "k-4711");
        await teller.SendAsync("A new key, the same order", 200, "POST", Orders, SampleOrder.Json(), "k-4712");
        var conflict = await teller.SendAsync("A new key, the same reference, other content", 409, "POST", Orders, SampleOrder.Json(quantity: 4), "k-4713");
        teller.Expect("The same reference, other content", conflict.Member("existing") == replayed.Member("id"), "the existing order's id");
        var order = demo.Simulators.Odoo.Orders.Where(Is4711).ToList();
        teller.Expect("Repeats", order is [{ Lines: [{ Quantity: 3 }] }], "one untouched order in Odoo");
    }

    private static async Task RefuseAsync(Teller teller)
    {
        teller.Chapter("What is wrong is refused, and told");
        await teller.SendAsync("No Idempotency-Key", 400, "POST", Orders, SampleOrder.Json());
        var nobody = await teller.SendAsync("No API key", 401, "POST", Orders, SampleOrder.Json(), "k-1", key: null);
        teller.Expect("No API key", nobody.Header("WWW-Authenticate").Length > 0, "WWW-Authenticate");
        await teller.SendAsync("A wrong API key", 401, "POST", Orders, SampleOrder.Json(), "k-1", key: "acme-demo-kex");
        var coloured = SampleOrder.Json(quantity: -1).Replace("\"quantity\"", "\"colour\":\"red\",\"quantity\"", StringComparison.Ordinal);
        var broken = await teller.SendAsync("A broken contract", 422, "POST", Orders, coloured, "k-2");
        teller.Expect("A broken contract", broken.Body.Contains("#/orderLines/0/quantity", StringComparison.Ordinal), "the pointer of the quantity");
        await teller.SendAsync("Not JSON", 400, "POST", Orders, "{\"customerReference\":", "k-3");
        await teller.SendAsync("Not even meant to be JSON", 415, "POST", Orders, "a=1", "k-3", contentType: "text/plain");
        await teller.SendAsync("Too large", 413, "POST", Orders, SampleOrder.Json(note: new string('x', 300_000)), "k-4");
        await teller.SendAsync("An unknown item", 422, "POST", Orders, SampleOrder.Json("PO-4799", item: "NOPE"), "k-5");
        await teller.SendAsync("An unknown path", 404, "GET", "/v1/nothing");
        var method = await teller.SendAsync("A wrong method", 405, "DELETE", Orders);
        teller.Expect("A wrong method", method.Header("Allow").Contains("POST", StringComparison.Ordinal), "Allow");
    }

    private static async Task ReadAsync(Teller teller, Reply created)
    {
        teller.Chapter("Reading");
        var id = created.Member("id");
        var read = await teller.SendAsync("The order", 200, "GET", $"{Orders}/{id}");
        teller.Expect("The order", read.Member("customerReference") == "PO-4711" && read.Member("salesOrderId") == created.Member("salesOrderId"), "the order as it was taken");
        await teller.SendAsync("Another partner's order", 404, "GET", $"{Orders}/{id}", key: "globex-demo-key");
        var stock = await teller.SendAsync("Stock", 200, "GET", "/v1/inventory?item=DESK0005&location=WH");
        teller.Expect("Stock", stock.Body.Contains("DESK0005", StringComparison.Ordinal), "the item");
        await teller.SendAsync("An item", 200, "GET", "/v1/items/DESK0005");
        await teller.SendAsync("An unknown item", 404, "GET", "/v1/items/NOPE");
        var tracking = await teller.SendAsync("A parcel, forwarded to the carrier", 200, "GET", "/v1/tracking/TRK-1001");
        teller.Expect("A parcel", tracking.Member("trackingId") == "TRK-1001" && tracking.Member("transportEventTypeCode").Length > 0, "the carrier's answer in canonical words");
    }

    private async Task OutageAsync(Teller teller, CancellationToken cancellation)
    {
        teller.Chapter("Odoo is down, and comes back");
        demo.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));
        var received = await teller.SendAsync("An order while Odoo is down", 202, "POST", Orders, SampleOrder.Json("PO-4720"), "k-4720");
        teller.Expect("An order while Odoo is down", !received.Body.Contains("127.0.0.1", StringComparison.Ordinal), "no inside address");
        var waiting = await teller.SendAsync("What becomes of it", 200, "GET", received.Header("Location"));
        teller.Expect("What becomes of it", waiting.Member("orderStatusCode") == "received", "it is received");
        demo.Simulators.Odoo.Chaos.Heal();
        // Its partner is told when it is taken over.
        await Eventually.SeeAsync(() => demo.Simulators.Partner.Received.FirstOrDefault(w => w.Body.Contains("PO-4720", StringComparison.Ordinal)), cancellation);
        await teller.SendAsync("The same call once Odoo is back", 201, "POST", Orders, SampleOrder.Json("PO-4720"), "k-4720");
        teller.Expect("Odoo is back", demo.Simulators.Odoo.Orders.Count(o => o.ClientOrderRef == "PO-4720") == 1, "one order in Odoo");
    }

    private async Task DeliverAsync(Teller teller, Reply created, CancellationToken cancellation)
    {
        teller.Chapter("The accepted order arrives at the partner as a signed webhook");
        var partner = demo.Simulators.Partner;
        var webhook = await Eventually.SeeAsync(() => partner.Received.FirstOrDefault(w => w.Status < 300 && w.Body.Contains(created.Member("id"), StringComparison.Ordinal)), cancellation);
        teller.Expect("The webhook", webhook is { IsValid: true }, "a webhook with a valid signature");
        if (webhook is not null) teller.Say($"webhook-id {webhook.Id}, timestamp {webhook.Timestamp}: {webhook.Body}");

        // Every earlier webhook has come before the endpoint begins to fail, so that the failure hits the next one.
        await Eventually.SeeAsync(() => partner.Received.FirstOrDefault(w => w.Status < 300 && w.Body.Contains("PO-4720", StringComparison.Ordinal)), cancellation);
        partner.Refuse(500, count: 1);
        var order = await teller.SendAsync("An order while the endpoint fails", 201, "POST", Orders, SampleOrder.Json("PO-4730"), "k-4730");
        var id = order.Member("id");
        var retried = await Eventually.SeeAsync(() => partner.Received.Where(w => w.Body.Contains(id, StringComparison.Ordinal)).ToList() is { Count: >= 2 } both ? both : null, cancellation);
        teller.Expect("The retry", retried is [{ Status: 500 }, { Status: < 300, IsValid: true }, ..] && retried[0].Id == retried[1].Id, "a failed and a good attempt with one webhook-id");
        foreach (var attempt in retried ?? []) teller.Say($"attempt with webhook-id {attempt.Id}, timestamp {attempt.Timestamp}: {attempt.Status}");
    }

    private async Task ChangeAsync(Teller teller, CancellationToken cancellation)
    {
        teller.Chapter("An order is changed, and cancelled");
        var order = await teller.SendAsync("An order", 201, "POST", Orders, SampleOrder.Json("PO-4740"), "k-4740");
        var path = $"{Orders}/{order.Member("id")}";
        var changed = await teller.SendAsync("More of it", 200, "PUT", path, SampleOrder.Json("PO-4740", quantity: 5), "k-4741");
        teller.Expect("More of it", changed.Member("legalMonetaryTotal", "taxExclusiveAmount") == "62.50", "the agreed price for five");
        await teller.SendAsync("Another partner's order", 404, "PUT", path, SampleOrder.Json("PO-4740").Replace("ACME-DE", "GLOBEX-DE", StringComparison.Ordinal), "k-1", key: "globex-demo-key");
        var cancelled = await teller.SendAsync("Not wanted any more", 200, "POST", path + "/cancellation", "{}", "k-4742");
        teller.Expect("Not wanted any more", cancelled.Member("orderStatusCode") == "cancelled", "a cancelled order");
        await teller.SendAsync("A change of what is cancelled", 422, "PUT", path, SampleOrder.Json("PO-4740", quantity: 6), "k-4743");
        var told = await Eventually.SeeAsync(() => demo.Simulators.Partner.Received.FirstOrDefault(w => w.Body.Contains("order.cancelled.v1", StringComparison.Ordinal)), cancellation);
        teller.Expect("Not wanted any more", told is { IsValid: true }, "a webhook that tells it");
    }

    private static async Task LimitAsync(Teller teller)
    {
        teller.Chapter("Over the limit");
        var limited = await teller.FloodAsync("One too many", 429, "/v1/items/DESK0005", atOnce: 45);
        teller.Expect("Over the limit", limited.Header("Retry-After").Length > 0, "Retry-After");
    }

    private static bool Is4711(SimulatedOrder order) => order.ClientOrderRef == "PO-4711";
}
