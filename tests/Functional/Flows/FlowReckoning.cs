using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Storm;
using Gateway.Tests.Functional.Support;

namespace Gateway.Tests.Functional.Flows;

/// <summary>An order that a flow carries out.</summary>
/// <param name="Reference">The partner's own number.</param>
internal sealed record FlowOrder(string Reference, int Quantity)
{
    /// <summary>Of one, without tax.</summary>
    public const decimal Price = 12.50m;

    /// <summary>The gateway's id.</summary>
    public string Id { get; set; } = "";

    /// <summary>What its cancellation was answered with; null where nobody asked for it.</summary>
    public int? CancelAnswer { get; set; }

    public string Json => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"customerReference":"{{{Reference}}}","documentCurrencyCode":"EUR","buyerParty":{"id":"ACME-DE"},
         "delivery":{"deliveryAddress":{"name":"Lager","streetName":"Hafenstr. 1","cityName":"Hamburg","postalZone":"20457","countryCode":"DE"}},
         "orderLines":[{"id":"1","quantity":{{{Quantity}}},"unitCode":"C62","item":{"sellersItemIdentification":"DESK0005"},"price":{"priceAmount":"12.50","baseQuantity":1}}]}
        """);
}

/// <summary>When all flows have ended: what each backend has, and what the partner was told, against what became of each order. Each finding is a line.</summary>
/// <param name="desk">An operator at an admin port.</param>
internal sealed class FlowReckoning(StormBackends backends, Caller desk, IReadOnlyList<FlowOrder> orders)
{
    private readonly List<string> _findings = [];

    public async Task<IReadOnlyList<string>> FindAsync()
    {
        var events = (await desk.EventsAsync()).Where(e => (string?)e["tenant"] == "acme").ToLookup(e => (string?)e["subject"]);
        var there = backends.Odoo.Orders.Where(o => o.ClientOrderRef is not null).ToLookup(o => o.ClientOrderRef!);
        var (transfers, bills) = (backends.Odoo.Transfers.ToLookup(t => t.OrderId), backends.Odoo.Bills.Where(b => b.State == "posted").ToLookup(b => b.Origin?.Split(' ', ',')[0]));
        var warehouse = backends.Wms.Orders.ToLookup(o => (string?)o.Kept["order_number"]);
        var told = backends.Partner.Received.Where(w => w is { IsValid: true, Status: < 300 }).Select(w => JsonNode.Parse(w.Body)!).ToLookup(e => (string?)e["subject"], e => (string)e["id"]!);
        foreach (var order in orders)
        {
            if (there[order.Reference].ToList() is not [var only])
            {
                Find(order, $"is in Odoo {there[order.Reference].Count()} times");
                continue;
            }
            var ordered = warehouse[only.Name].ToList();
            var parcels = ordered.SelectMany(o => o.Shipments).ToList();
            var (done, billed) = (transfers[only.Id].Count(t => t.State == "done"), bills[only.Name].ToList());
            var cancelled = only.State == "cancel";
            if (order.CancelAnswer is { } answer && answer != (cancelled ? 200 : 422)) Find(order, $"was answered {answer} when it was called off, and is {only.State} in Odoo");
            if (order.CancelAnswer is null && cancelled) Find(order, "is cancelled, and nobody asked for that");
            if (cancelled)
            {
                if (ordered.Exists(o => o.Status != "Cancelled") || ordered.Count > 1) Find(order, $"is cancelled, and in the warehouse {string.Join(' ', ordered.Select(o => o.Status))}");
                if (parcels.Count + done + billed.Count > 0) Find(order, $"is cancelled, and {parcels.Count} parcels have left, {done} transfers are done, {billed.Count} bills posted");
            }
            else
            {
                if (ordered is not [{ Status: "Fulfilled" }]) Find(order, $"is in the warehouse {string.Join(' ', ordered.Select(o => o.Status))}");
                if (parcels.Sum(p => p.Products.Sum(q => q.Quantity)) != order.Quantity) Find(order, "has not left whole");
                if (done != parcels.Count) Find(order, $"left in {parcels.Count} parcels, and {done} transfers are done");
                if (billed.Count != parcels.Count || billed.Sum(b => b.Quantity) != order.Quantity) Find(order, $"left in {parcels.Count} parcels, and is billed {string.Join(' ', billed.Select(b => $"{b.Quantity:0}"))} of {order.Quantity}");
            }
            if (!cancelled && billed.Sum(b => b.Untaxed) != FlowOrder.Price * order.Quantity) Find(order, $"is billed with {billed.Sum(b => b.Untaxed)} for {order.Quantity} at {FlowOrder.Price}");
            CompareEvents(order, [.. events[order.Id]], parcels.Count, cancelled, [.. told[order.Id]]);
        }
        CompareCarrier(warehouse.SelectMany(o => o).Sum(o => o.Shipments.Count));
        CompareOrphans();
        foreach (var orphan in warehouse.Select(o => o.Key).Except(orders.SelectMany(o => there[o.Reference]).Select(o => o.Name))) _findings.Add($"{orphan}: nobody ordered it out of the warehouse");
        return _findings;
    }

    /// <summary>Told once each, in the order in which it happened; the partner has them all, and has them first in that order.</summary>
    private void CompareEvents(FlowOrder order, IReadOnlyList<JsonNode> events, int parcels, bool cancelled, IReadOnlyList<string> told)
    {
        var seen = string.Join(' ', events.Select(e => ((string)e["type"]!)[..^3]));
        var left = string.Concat(Enumerable.Repeat(" shipment.booked invoice.issued", parcels));
        string[] may = cancelled ? ["order.accepted order.cancelled", "order.accepted order.confirmed order.cancelled"] : [$"order.accepted order.confirmed{left}"];
        if (!may.Contains(seen)) Find(order, $"has the events '{seen}' and should have '{may[0]}'");
        var ids = events.Select(e => (string)e["id"]!).ToList();
        if (!ids.SequenceEqual(told.Distinct())) Find(order, $"was told {string.Join(' ', told.Distinct())} of {string.Join(' ', ids)}");
    }

    /// <summary>Nothing is in Odoo that belongs to no order.</summary>
    private void CompareOrphans()
    {
        var (placed, known) = (orders.Select(o => o.Reference).ToHashSet(), backends.Odoo.Orders.ToDictionary(o => o.Id, o => o.Name));
        foreach (var order in backends.Odoo.Orders.Where(o => o.ClientOrderRef is null || !placed.Contains(o.ClientOrderRef))) _findings.Add($"{order.Name}: nobody ordered it");
        foreach (var transfer in backends.Odoo.Transfers.Where(t => t.OrderId is not { } id || !known.ContainsKey(id))) _findings.Add($"{transfer.Name}: it is of no order");
        foreach (var bill in backends.Odoo.Bills.Where(b => b.State == "posted" && !known.ContainsValue(b.Origin?.Split(' ', ',')[0] ?? ""))) _findings.Add($"bill {bill.Id} of {bill.Origin}: it is of no order");
    }

    /// <summary>A label for each parcel, whatever was cut off.</summary>
    private void CompareCarrier(int parcels)
    {
        var labels = backends.Tms.Labels.Count(l => l.Status != "voided");
        if (labels != parcels) _findings.Add($"{labels} labels were bought for {parcels} parcels");
    }

    private void Find(FlowOrder order, string what) => _findings.Add($"{order.Reference} ({order.Id}) {what}");
}
