using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Simulators;

namespace Gateway.Tests.Functional.Storm;

/// <summary>After the storm: what every backend and the log of events hold, against what the partners were told. Each finding is a line.</summary>
internal sealed class Reckoning(StormWorld world, IReadOnlyList<ExpectedOrder> orders, IReadOnlyDictionary<string, OtherTraffic> others, IReadOnlyList<WholeOrder> whole)
{
    private readonly List<string> _findings = [];

    /// <summary>Events as partners have them, by what they are about.</summary>
    private readonly ILookup<string?, JsonNode> _webhooks = world.Backends.Partner.Received.Select(w => JsonNode.Parse(w.Body)!).ToLookup(e => (string?)e["subject"]);

    public async Task<IReadOnlyList<string>> FindAsync(IReadOnlyDictionary<string, Asking> partners)
    {
        var events = await world.EventsAsync();
        CompareOrders();
        foreach (var order in orders) CompareEvents(order, [.. events.Where(e => order.Id is not null && (string?)e["subject"] == order.Id).Select(e => (string)e["type"]!)]);
        foreach (var (partner, asking) in partners) await CompareAnswersAsync(partner, asking);
        await CompareReturnsAsync();
        CompareWhole();
        CompareWarehouse();
        CompareCarrier();
        CompareForwarded();
        CompareNotices();
        CompareLog(events);
        CompareHooks(events);
        CompareWebhooks(events);
        return _findings;
    }

    /// <summary>Each order once or not at all, with the content of its last accepted change.</summary>
    private void CompareOrders()
    {
        var there = world.Backends.Odoo.Orders.Where(o => o.ClientOrderRef is not null).ToLookup(o => o.ClientOrderRef!);
        foreach (var order in orders)
        {
            var found = there[order.Reference].ToList();
            if (found.Count > 1) Find(order, $"is in Odoo {found.Count} times");
            if (order.IsThere is { } must && must != found.Count > 0) Find(order, must ? "was accepted and is not in Odoo" : "was refused and is in Odoo");
            if (found is not [var only]) continue;
            if (order.IsCancelled != (only.State == "cancel")) Find(order, $"is {only.State} in Odoo");
            var kept = Content(only);
            if (!May(order).Contains(kept)) Find(order, $"is {kept} in Odoo and should be {string.Join(" or ", May(order))}");
            if (order.Id is { } id && LastTold(id) is var told && told != kept) Find(order, $"is {kept} in Odoo, and the last event says {told}");
        }
        foreach (var stranger in there.Select(o => o.Key).Except(orders.Select(o => o.Reference))) _findings.Add($"{stranger}: nobody ordered it");
        foreach (var twice in world.Backends.Odoo.Orders.GroupBy(o => o.ExternalId).Where(g => g.Count() > 1)) _findings.Add($"{twice.Key}: an external id of {twice.Count()} orders");
    }

    private static IReadOnlyList<string> May(ExpectedOrder order) =>
        [.. ((IReadOnlyDictionary<string, int>?[])[order.Lines, order.Perhaps, order.Rival]).Where(lines => lines is not null).Select(lines => Content(lines!))];

    /// <summary>The order as its partner knows it from webhooks: by the last event in its sequence that tells lines.</summary>
    private string? LastTold(string id) =>
        _webhooks[id].Where(e => e["data"]!["orderLines"] is not null).MaxBy(e => long.Parse(e["sequence"]!.ToString(), CultureInfo.InvariantCulture)) is { } last
            ? Content(last["data"]!["orderLines"]!.AsArray())
            : null;

    private static string Content(SimulatedOrder order) => Content(order.Lines.Select(l => (l.Quantity, l.Sku!, $"{l.PriceUnit:0.00}")));

    private static string Content(IReadOnlyDictionary<string, int> lines) => Content(lines.Select(l => ((decimal)l.Value, ExpectedOrder.Items[l.Key], "12.50")));

    private static string Content(JsonArray lines) =>
        Content(lines.Select(line => ((decimal)line!["quantity"]!, (string)line["item"]!["sellersItemIdentification"]!, (string)line["price"]!["priceAmount"]!)));

    /// <summary>What is ordered, in one form wherever it stands; Odoo keeps a line that was taken out, with a quantity of none.</summary>
    private static string Content(IEnumerable<(decimal Quantity, string Sku, string Price)> lines) =>
        string.Join(' ', lines.Where(l => l.Quantity > 0).OrderBy(l => l.Sku, StringComparer.Ordinal).Select(l => $"{l.Quantity:0}x{l.Sku}@{l.Price}"));

    /// <summary>Received at most once and first, accepted once, every change once, cancelled last.</summary>
    private void CompareEvents(ExpectedOrder order, IReadOnlyList<string> told)
    {
        if (order.Id is null) return;
        var seen = string.Join(' ', told.Select(t => t.Split('.')[1]));
        var changes = string.Concat(Enumerable.Repeat(" changed", order.Changes));
        var end = order.IsCancelled ? " cancelled" : order.Walk switch { Walk.Whole => " confirmed booked booked issued issued", Walk.InPart => " confirmed booked issued issued", _ => "" };
        string[] may = order.IsParked ? ["received rejected"] : order.Perhaps is null ? [$"accepted{changes}{end}"] : [$"accepted{changes}{end}", $"accepted{changes} changed{end}"];
        var forwarded = seen.Replace("received accepted", "accepted", StringComparison.Ordinal);
        if (!may.Contains(seen) && !may.Contains(forwarded)) Find(order, $"has the events '{seen}' and should have '{may[0]}'");
    }

    /// <summary>What the gateway says of each order is what it is.</summary>
    private async Task CompareAnswersAsync(string partner, Asking asking)
    {
        foreach (var order in orders.Where(o => o.Partner == partner && o.Id is not null && o.Perhaps is null))
        {
            var answer = await asking.UntilKnownAsync("GET", "/v1/orders/" + order.Id);
            if (answer.Status != 200 || answer.Text("orderStatusCode") != order.Status) Find(order, $"is answered {answer.Status} {answer.Body} and should be {order.Status}");
            else if (!order.IsParked && Content(answer.Json["orderLines"]!.AsArray()) is var content && !May(order).Contains(content))
                Find(order, $"is answered as {content} and should be {string.Join(" or ", May(order))}");
        }
    }

    private async Task CompareReturnsAsync()
    {
        var there = await world.Backends.ReturnsAsync();
        var announced = others.Values.SelectMany(o => o.Returned).Concat(whole.Select(w => w.Shipment)).ToList();
        foreach (var shipment in announced.Distinct())
        {
            var (found, wanted) = (there.Count(r => r.Shipment == shipment), announced.Count(s => s == shipment));
            if (found != wanted) _findings.Add($"{shipment}: {found} returns in Odoo, and {wanted} were announced");
        }
        foreach (var twice in there.GroupBy(r => r.Origin).Where(g => g.Count() > 1)) _findings.Add($"{twice.Key}: {twice.Count()} returns");
    }

    /// <summary>Each has left, come back, and been billed once: in Odoo's own documents.</summary>
    private void CompareWhole()
    {
        var orders = world.Backends.Odoo.Orders.ToLookup(o => o.ClientOrderRef);
        // Behind the order's name stands what a bill was asked for by.
        var (bills, transfers) = (world.Backends.Odoo.Bills.ToLookup(b => b.Origin?.Split(' ', ',')[0]), world.Backends.Odoo.Transfers.ToLookup(t => t.OrderId));
        foreach (var (order, _, receipt, allLeft) in whole)
        {
            if (orders[order.Reference].ToList() is not [var only]) continue;
            var billed = string.Join(' ', bills[only.Name].Select(b => $"{b.Type} {b.State} {b.Quantity:0}").Order(StringComparer.Ordinal));
            var bill = $"out_invoice posted {(allLeft ? WholeOrders.Ordered : WholeOrders.First)} out_refund posted {WholeOrders.Back}";
            if (billed != bill) Find(order, $"is billed as '{billed}' and should be '{bill}'");
            var moved = string.Join(' ', transfers[only.Id].Where(t => t.State != "cancel").Select(t => $"{(t.ReturnOf is null ? "out" : "back")} {t.State}").Order(StringComparer.Ordinal));
            var wanted = $"back done out {(allLeft ? "done" : "assigned")} out done";
            if (moved != wanted) Find(order, $"has the transfers '{moved}' and should have '{wanted}'");
            if (transfers[only.Id].SingleOrDefault(t => t.ReturnOf is not null)?.Name != receipt) Find(order, $"came back by another transfer than {receipt}");
        }
    }

    private void CompareWarehouse()
    {
        var there = world.Backends.Wms.Orders.ToLookup(o => (string?)o.Kept["order_number"] ?? "");
        foreach (var (name, cancelled) in others.Values.SelectMany(o => o.WarehouseOrders))
        {
            if (there[name].ToList() is not [var only]) _findings.Add($"{name}: {there[name].Count()} times in the warehouse");
            else if (cancelled != (only.Status == "Cancelled")) _findings.Add($"{name}: is {only.Status} in the warehouse");
        }
        foreach (var stranger in there.Select(o => o.Key).Except(others.Values.SelectMany(o => o.WarehouseOrders.Keys))) _findings.Add($"{stranger}: nobody ordered it out of the warehouse");
    }

    private void CompareCarrier()
    {
        var labels = others.Values.SelectMany(o => o.Labels).ToDictionary();
        var there = world.Backends.Tms.Labels.Where(l => !IsForwarded(l)).ToList();
        if (there.Count != labels.Count) _findings.Add($"{there.Count} labels were bought, and {labels.Count} asked for");
        foreach (var label in there.Where(l => labels.GetValueOrDefault(l.Id) != (l.Status == "voided"))) _findings.Add($"{label.Id}: is {label.Status}");
        var loads = others.Values.SelectMany(o => o.Loads).Order(StringComparer.Ordinal).ToList();
        if (!world.Backends.Tms.Tenders.Select(t => t.LoadId).Order(StringComparer.Ordinal).SequenceEqual(loads)) _findings.Add($"{world.Backends.Tms.Tenders.Count} tenders, and {loads.Count} loads were offered");
    }

    private static bool IsForwarded(TmsLabel label) => label.ExternalShipmentId?.StartsWith(OtherTraffic.Plain, StringComparison.Ordinal) is true;

    /// <summary>What a caller was told is so; of what it was not told it may be either, and is there once at the most.</summary>
    private void CompareForwarded()
    {
        var there = world.Backends.Tms.Labels.Where(IsForwarded).ToLookup(l => l.ExternalShipmentId!);
        var asked = others.Values.SelectMany(o => o.Forwarded).ToDictionary();
        foreach (var (shipment, told) in asked)
            if (there[shipment].Count() is var count && (count > 1 || (told is { } known && known != count > 0))) _findings.Add($"{shipment}: {count} labels, and its buyer was told {told?.ToString() ?? "nothing"}");
        foreach (var stranger in there.Select(l => l.Key).Except(asked.Keys)) _findings.Add($"{stranger}: nobody forwarded it");
    }

    private void CompareNotices()
    {
        var sent = others.Values.SelectMany(o => o.Notices).Order(StringComparer.Ordinal).ToList();
        var there = world.Backends.Partner.Documents.Values.Select(body => (string)JsonNode.Parse(body)!["number"]!).Order(StringComparer.Ordinal).ToList();
        if (!there.SequenceEqual(sent)) _findings.Add($"{there.Count} documents at partners, and {sent.Count} were sent; missing: {string.Join(' ', sent.Except(there))}; more: {string.Join(' ', there.Except(sent))}");
    }

    /// <summary>Positions grow, ids are once, and a fact of something made is once for each thing.</summary>
    private void CompareLog(IReadOnlyList<JsonNode> events)
    {
        foreach (var twice in events.GroupBy(e => (string?)e["id"]).Where(g => g.Count() > 1)) _findings.Add($"event {twice.Key}: {twice.Count()} times");
        void Count(string type, int wanted)
        {
            if (events.Count(e => (string?)e["type"] == type) is var count && count != wanted) _findings.Add($"{count} events {type}, and it happened {wanted} times");
        }
        Count("return.announced.v1", others.Values.Sum(o => o.Returned.Count) + whole.Count);
        Count("return.received.v1", whole.Count);
        Count("order.confirmed.v1", whole.Count);
        Count("shipment.booked.v1", whole.Sum(w => w.AllLeft ? 2 : 1));
        Count("invoice.issued.v1", whole.Count);
        Count("credit-note.issued.v1", whole.Count);
        Count("storm.warehouse-order.v1", others.Values.Sum(o => o.WarehouseOrders.Count));
        Count("storm.warehouse-order-cancelled.v1", others.Values.Sum(o => o.WarehouseOrders.Values.Count(cancelled => cancelled)));
        Count("storm.label.v1", others.Values.Sum(o => o.Labels.Count));
        Count("storm.label-voided.v1", others.Values.Sum(o => o.Labels.Values.Count(voided => voided)));
        Count("storm.tender.v1", others.Values.Sum(o => o.Loads.Count));
        Count("storm.notice.v1", others.Values.Sum(o => o.Notices.Count));
    }

    /// <summary>What the gateway has acknowledged to a backend is in the log, once; nothing is that was never sent.</summary>
    private void CompareHooks(IReadOnlyList<JsonNode> events)
    {
        Compare("the warehouse's", [.. world.Backends.Wms.HooksTaken], [.. events.Where(e => IsOf(e, "wms.")).Select(e => (string)e["id"]!)]);
        var parcelsTaken = world.Backends.Tms.HooksTaken.Select(path => path.Split('=')[^1]);
        Compare("the carrier's", [.. parcelsTaken], [.. events.Where(e => IsOf(e, "tms.")).Select(e => (string)e["subject"]!)]);
        var parcels = others.Values.SelectMany(o => o.Parcels).ToHashSet();
        foreach (var never in events.Where(e => IsOf(e, "tms.") && !parcels.Contains((string)e["subject"]!))) _findings.Add($"{(string?)never["subject"]}: nothing happened to it");

        void Compare(string whose, HashSet<string> taken, List<string> told)
        {
            foreach (var lost in taken.Except(told)) _findings.Add($"{lost}: a webhook of {whose} was acknowledged and is no event");
            foreach (var twice in told.GroupBy(t => t).Where(g => g.Count() > 1)) _findings.Add($"{twice.Key}: a webhook of {whose} is {twice.Count()} events");
        }
    }

    private static bool IsOf(JsonNode e, string prefix) => ((string)e["type"]!).StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>Every event of a partner has reached its endpoint, under one id of its own however often, and nobody else's.</summary>
    private void CompareWebhooks(IReadOnlyList<JsonNode> events)
    {
        var received = world.Backends.Partner.Received.Where(w => w.IsValid)
            .Select(w => (w.Id, Partner: w.Path.Split('/')[^1], w.Status, Event: (string)JsonNode.Parse(w.Body)!["id"]!)).ToList();
        if (world.Backends.Partner.Received.FirstOrDefault(w => !w.IsValid) is { } invalid) _findings.Add($"webhook {invalid.Id}: {invalid.Wrong}");
        var byEvent = received.ToLookup(w => w.Event);
        foreach (var told in events.Where(e => (string?)e["tenant"] != "-"))
        {
            var deliveries = byEvent[(string)told["id"]!].ToList();
            if (!deliveries.Any(d => d.Status < 300)) _findings.Add($"event {told["id"]} {told["type"]}: no webhook was taken");
            if (deliveries.Select(d => d.Id).Distinct().Count() > 1) _findings.Add($"event {told["id"]}: webhooks under several ids");
            if (deliveries.Any(d => d.Partner != (string?)told["tenant"])) _findings.Add($"event {told["id"]}: told to another partner");
        }
        foreach (var twice in received.GroupBy(w => w.Id).Where(g => g.Select(w => w.Event).Distinct().Count() > 1)) _findings.Add($"webhook {twice.Key}: of several events");
        foreach (var unknown in byEvent.Select(g => g.Key).Except(events.Select(e => (string)e["id"]!))) _findings.Add($"webhook of the event {unknown}, which is not in the log");
    }

    private void Find(ExpectedOrder order, string what) => _findings.Add($"{order.Reference} ({order.Id}) {what}");
}
