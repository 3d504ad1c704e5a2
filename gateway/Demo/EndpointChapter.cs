using System.Text.Json;
using Gateway.Simulators;

namespace Gateway.Demo;

/// <summary>A partner's endpoint fails for a while: what happened meanwhile arrives afterwards, of each order in the order it happened.</summary>
internal sealed class EndpointChapter(Demonstration demo, Teller teller, CancellationToken cancellation)
{
    private static readonly string[] Expected = ["order.accepted.v1", "order.changed.v1", "order.cancelled.v1"];

    public async Task PlayAsync()
    {
        teller.Chapter("The partner's endpoint fails, recovers, and gets its backlog in order");
        var partner = demo.Simulators.Partner;
        partner.Refuse(503);
        var order = await teller.SendAsync("An order that nobody hears of yet", 201, "POST", Story.Orders, SampleOrder.Json("PO-4770"), "k-4770");
        var path = $"{Story.Orders}/{order.Member("id")}";
        await teller.SendAsync("More of it", 200, "PUT", path, SampleOrder.Json("PO-4770", quantity: 5), "k-4771");
        await teller.SendAsync("Not wanted any more", 200, "POST", path + "/cancellation", "{}", "k-4772");
        var other = await teller.SendAsync("Another order", 201, "POST", Story.Orders, SampleOrder.Json("PO-4780"), "k-4780");
        var failed = await Eventually.SeeAsync(() => Of(partner, order).FirstOrDefault(w => w.Status == 503), cancellation);
        teller.Expect("The endpoint fails", failed is not null, "an attempt that failed");
        teller.Expect("The endpoint fails", Of(partner, order).All(w => TypeOf(w) == Expected[0]), "nothing later of the order before its first event has arrived");

        partner.Refuse(503, count: 0);
        var arrived = await Eventually.SeeAsync(() => Arrived(partner, order) is { Count: >= 3 } all && Arrived(partner, other).Count > 0 ? all : null, cancellation);
        teller.Expect("The endpoint recovers", arrived?.Select(TypeOf).SequenceEqual(Expected) == true, "accepted, changed and cancelled, in this order");
        teller.Expect("The endpoint recovers", arrived?.TrueForAll(w => w.IsValid) == true, "valid signatures");
        teller.Expect("The endpoint recovers", arrived is not null && arrived[0].Id == failed?.Id, "the failed one under its webhook-id");
        foreach (var webhook in Of(partner, order)) teller.Say($"{TypeOf(webhook)}, webhook-id {webhook.Id}: {webhook.Status}");
    }

    private static IEnumerable<ReceivedWebhook> Of(PartnerSimulator partner, Reply order) => partner.Received.Where(w => w.Body.Contains(order.Member("id"), StringComparison.Ordinal));

    private static List<ReceivedWebhook> Arrived(PartnerSimulator partner, Reply order) => [.. Of(partner, order).Where(w => w.Status < 300)];

    private static string TypeOf(ReceivedWebhook webhook)
    {
        using var envelope = JsonDocument.Parse(webhook.Body);
        return envelope.RootElement.GetProperty("type").GetString()!;
    }
}
