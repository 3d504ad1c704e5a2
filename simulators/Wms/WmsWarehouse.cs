using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>The warehouse's state and rules, without HTTP.</summary>
internal sealed class WmsWarehouse(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, WmsOrder> _orders = [];
    private readonly Dictionary<(string Sku, string Center), int> _onHand = new()
    {
        [("DESK0005", "WH")] = 60,
        [("FURN_7777", "WH")] = 120,
        [("FURN_8888", "WH")] = 200,
        [("FURN_0789", "WH")] = 16,
        [("E-COM07", "WH")] = 500,
        [("E-COM08", "WH")] = 18,
        [("E-COM10", "WH")] = 0,
        [("E-COM11", "WH")] = 33,
        [("CAB-2M", "WH")] = 2500,
        [("CAB-5M", "WH")] = 1800,
        [("MON-27", "WH")] = 75,
        [("KEY-DE", "WH")] = 140,
        [("PAPER-A4", "WH")] = 5000,
        [("DESK0005", "WH2")] = 20,
        [("FURN_7777", "WH2")] = 15,
        [("E-COM08", "WH2")] = 300,
    };

    private int _lastShipment;
    private int _lastAdjustment = 9000;

    public IReadOnlyList<WmsOrder> Orders
    {
        get { lock (_gate) return [.. _orders.Values]; }
    }

    public IReadOnlyList<WmsStock> Stock()
    {
        lock (_gate)
            return [.. _onHand.Select(stock =>
                new WmsStock(stock.Key.Sku, stock.Key.Center, stock.Value, Committed(stock.Key.Sku, stock.Key.Center)))];
    }

    public void SetStock(string sku, string center, int units)
    {
        lock (_gate)
            _onHand[(sku, center)] = units;
    }

    /// <summary>What is there becomes what people say: no less than nothing, whatever is promised to orders.</summary>
    /// <param name="onHand">What is there by then, of what was there before.</param>
    public (WmsAdjustment? Adjustment, WmsError? Error) Correct(string sku, string center, Func<int, int> onHand, string reason)
    {
        lock (_gate)
        {
            if (!_onHand.TryGetValue((sku, center), out var before))
                return (null, new WmsError(422, "unknown_sku", "sku", $"{center} does not keep {sku}"));
            var after = onHand(before);
            if (after < 0)
                return (null, new WmsError(422, "quantity", "quantity", $"there are {before} of {sku} in {center}"));
            _onHand[(sku, center)] = after;
            return (new WmsAdjustment(++_lastAdjustment, sku, center, after - before, before, reason, clock.GetUtcNow()), null);
        }
    }

    public bool Keeps(string sku, string center)
    {
        lock (_gate)
            return _onHand.ContainsKey((sku, center));
    }

    public void Restock(string sku, string center, int units)
    {
        lock (_gate)
            _onHand[(sku, center)] += units;
    }

    public (WmsOrder? Order, WmsError? Error) Find(int id)
    {
        lock (_gate)
            return _orders.TryGetValue(id, out var order) ? (order, null)
                : (null, new WmsError(404, "not_found", null, $"there is no order {id}"));
    }

    public (WmsOrder? Order, WmsError? Error) Create(JsonObject members)
    {
        if (Text(members, "reference_id") is not { Length: > 0 } reference)
            return (null, new WmsError(400, "required", "reference_id", "reference_id is required"));
        var (products, wrong) = ReadProducts(members["products"] as JsonArray ?? []);
        if (wrong is not null)
            return (null, wrong);
        var center = Text(members, "fulfillment_center") ?? "WH";
        lock (_gate)
        {
            if (_orders.Values.FirstOrDefault(order => order.ReferenceId == reference) is { } known)
                return (null, new WmsError(422, null, null, $"order {known.Id} has the reference {reference}"));
            for (var i = 0; i < products.Count; i++)
                if (!_onHand.ContainsKey((products[i].Sku, center)))
                    return (null, new WmsError(422, "unknown_sku", $"products[{i}].reference_id",
                        $"{center} does not keep {products[i].Sku}"));
            var enough = products.GroupBy(product => product.Sku)
                .All(sku => _onHand[(sku.Key, center)] - Committed(sku.Key, center) >= sku.Sum(product => product.Quantity));
            var now = clock.GetUtcNow();
            var order = new WmsOrder(1001 + _orders.Count, reference, enough ? "Processing" : "Exception", center,
                (members["recipient"] as JsonObject)?.DeepClone() as JsonObject ?? [],
                Text(members, "shipping_method") ?? "Standard", products, [], now, now)
            {
                Kept = new JsonObject(WmsOrder.KeptMembers.Where(name => members[name] is not null)
                    .Select(name => KeyValuePair.Create(name, members[name]?.DeepClone()))),
            };
            _orders.Add(order.Id, order);
            return (order, null);
        }
    }

    /// <summary>The order, and beside it why it was not cancelled.</summary>
    public (WmsOrder? Order, WmsError? Error) Cancel(int id)
    {
        lock (_gate)
        {
            if (!_orders.TryGetValue(id, out var order))
                return (null, new WmsError(404, "not_found", null, $"there is no order {id}"));
            if (order.Shipments.Count > 0)
                return (order, new WmsError(409, "already_shipped", null, $"order {id} has left the warehouse"));
            if (order.PickedAt is not null)
                return (order, new WmsError(409, "already_picked", null, $"order {id} is picked"));
            return (_orders[id] = order with { Status = "Cancelled", UpdatedAt = clock.GetUtcNow() }, null);
        }
    }

    public (WmsOrder? Order, WmsError? Error) Pick(int id)
    {
        lock (_gate)
        {
            if (!_orders.TryGetValue(id, out var order))
                return (null, new WmsError(404, "not_found", null, $"there is no order {id}"));
            if (order.Status is "Cancelled" or "Fulfilled")
                return (null, new WmsError(409, "not_open", null, $"order {id} is {order.Status}"));
            var now = clock.GetUtcNow();
            return (_orders[id] = order with { PickedAt = now, UpdatedAt = now }, null);
        }
    }

    public (WmsOrder? Order, WmsError? Error) Ship(int id, IReadOnlyDictionary<string, int>? quantities, string? trackingNumber)
    {
        lock (_gate)
        {
            if (!_orders.TryGetValue(id, out var order))
                return (null, new WmsError(404, "not_found", null, $"there is no order {id}"));
            if (order.Status is "Cancelled" or "Fulfilled")
                return (null, new WmsError(409, "not_open", null, $"order {id} is {order.Status}"));
            var leaving = order.Products.Select(product => product.Sku).Distinct()
                .Select(sku => new WmsQuantity(sku, quantities is null ? order.Open(sku) : quantities.GetValueOrDefault(sku)))
                .Where(product => product.Quantity > 0).ToArray();
            if (leaving.Length == 0 || leaving.FirstOrDefault(product => product.Quantity > order.Open(product.Sku)) is not null)
                return (null, new WmsError(422, "quantity", null, "more than is open, or nothing at all"));
            if (leaving.FirstOrDefault(product => _onHand[(product.Sku, order.Center)] < product.Quantity) is { } missing)
                return (null, new WmsError(422, "out_of_stock", null, $"not enough of {missing.Sku} in {order.Center}"));
            foreach (var product in leaving)
                _onHand[(product.Sku, order.Center)] -= product.Quantity;
            var now = clock.GetUtcNow();
            var number = ++_lastShipment;
            var shipment = new WmsShipment(number, id, trackingNumber ?? $"TRK-{5000 + number}", "demo_carrier", leaving, now)
            {
                ReferenceId = order.ReferenceId,
            };
            order = order with { Shipments = [.. order.Shipments, shipment], UpdatedAt = now };
            var all = order.Products.All(product => order.Open(product.Sku) == 0);
            return (_orders[id] = order with { Status = all ? "Fulfilled" : "PartiallyFulfilled" }, null);
        }
    }

    private int Committed(string sku, string center) =>
        _orders.Values.Where(order => order.Center == center && order.Status is not ("Cancelled" or "Fulfilled"))
            .Sum(order => order.Open(sku));

    private static (IReadOnlyList<WmsQuantity> Products, WmsError? Wrong) ReadProducts(JsonArray items)
    {
        var products = new List<WmsQuantity>();
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i] as JsonObject ?? [];
            if (Text(item, "reference_id") is not { } sku)
                return ([], new WmsError(400, "required", $"products[{i}].reference_id",
                    "each product needs its SKU as reference_id"));
            if (item["quantity"] is not JsonValue value || !value.TryGetValue(out int quantity) || quantity < 1)
                return ([], new WmsError(400, "invalid", $"products[{i}].quantity", "quantity is a whole number from 1"));
            products.Add(new WmsQuantity(sku, quantity)
            {
                LineId = item["external_line_id"] is JsonValue line && line.TryGetValue(out long id) ? id : null,
            });
        }
        return products.Count > 0 ? (products, null)
            : ([], new WmsError(400, "required", "products", "an order has at least one product"));
    }

    private static string? Text(JsonObject members, string name) =>
        members[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
