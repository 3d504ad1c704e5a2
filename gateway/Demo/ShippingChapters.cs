using Gateway.Simulators;

namespace Gateway.Demo;

/// <summary>An order leaves in two parts: the warehouse has not all of it at once. Returns the order's path and the first shipment's number.</summary>
internal sealed class ShippingChapters(Demonstration demo, Teller teller, CancellationToken cancellation)
{
    private const string Ours = Demonstration.FulfilmentKey;

    private readonly SimulatorSet _outside = demo.Simulators;
    /// <summary>Desks that lie in the simulated warehouse.</summary>
    private int _inStock = 60;
    private int _parcels;
    private string _path = "";
    private string _order = "";

    public async Task<(string Order, string Shipment)> PlayAsync()
    {
        await ConfirmAsync();
        var (first, parcel) = await ShipAsync(await NextAsync("What is to leave", ordered: 5), ordered: 5, leaves: 3);
        await FollowAsync(parcel);
        await ShipAsync(await NextAsync("What comes later", ordered: 2), ordered: 2, leaves: 2);
        var shipments = await teller.SendAsync("All of it has left", 200, "GET", $"{_path}/shipments");
        teller.Expect("All of it has left", Quantities(shipments) == (3, 2, 0) && shipments.Member("shipments", "2") == "", "two shipments, of three and of two");
        return (_path, first);
    }

    private async Task ConfirmAsync()
    {
        teller.Chapter("Our order desk confirms an order");
        var order = await teller.SendAsync("Five desks", 201, "POST", Story.Orders, SampleOrder.Json("PO-4750", quantity: 5), "k-4750");
        (_path, _order) = ($"{Story.Orders}/{order.Member("id")}", order.Member("salesOrderId"));
        await teller.SendAsync("The shop may not do that itself", 403, "POST", _path + "/confirmation", "{}", "k-4751");
        await teller.SendAsync("Our desk does", 200, "POST", _path + "/confirmation", "{}", "k-4751", Ours);
        await ToldAsync("Our desk does", "order.confirmed.v1", order.Member("id"));
    }

    /// <summary>The shipment that has not left yet: its number, and the id of its line.</summary>
    private async Task<(string Shipment, string Line)> NextAsync(string title, decimal ordered)
    {
        var shipments = await teller.SendAsync(title, 200, "GET", $"{_path}/shipments");
        var at = shipments.Member("shipments", "0", "shipmentStatusCode") == "shipped" ? "1" : "0";
        teller.Expect(title, shipments.Member("shipments", at, "shipmentStatusCode") == "ready", "a shipment that is ready");
        teller.Expect(title, shipments.Number("shipments", at, "despatchLines", "0", "plannedQuantity") == ordered, $"{ordered} desks in it");
        return (shipments.Member("shipments", at, "id"), shipments.Member("shipments", at, "despatchLines", "0", "id"));
    }

    private async Task<(string Shipment, string Parcel)> ShipAsync((string Shipment, string Line) next, int ordered, int leaves)
    {
        var (shipment, line) = next;
        var later = ordered - leaves;
        teller.Chapter(later > 0 ? "The warehouse ships what it has" : "The rest follows");
        var asked = await teller.SendAsync("Ordered out of the warehouse", 201, "POST", "/v1/warehouse-orders", SampleDespatch.WarehouseOrder(shipment, _order, ordered), $"w-{shipment}", Ours);
        var again = await teller.SendAsync("Asked twice, ordered once", 200, "POST", "/v1/warehouse-orders", SampleDespatch.WarehouseOrder(shipment, _order, ordered), $"w-{shipment}-2", Ours);
        teller.Expect("Asked twice, ordered once", again.Member("id") == asked.Member("id") && _outside.Wms.Orders.Count(o => o.Products.Any(p => p.Quantity == ordered)) == 1, "one order in the warehouse");
        var label = await teller.SendAsync("A label of the carrier", 201, "POST", "/v1/labels", SampleDespatch.ToLabel(shipment, _order, leaves), $"l-{shipment}", Ours);
        var parcel = label.Member("trackingId");
        teller.Expect("A label of the carrier", parcel.StartsWith("TRK-", StringComparison.Ordinal), "the number of the parcel");

        var (left, wrong) = _outside.Wms.Ship(int.Parse(asked.Member("warehouseReference"), System.Globalization.CultureInfo.InvariantCulture), new Dictionary<string, int> { ["DESK0005"] = leaves }, parcel);
        teller.Say($"People in the warehouse pack {leaves} of {ordered}, and the carrier takes parcel {parcel}.");
        teller.Expect("The parcel", left is not null, wrong ?? "a parcel");
        await HeardAsync("The warehouse tells it", "wms.order.shipped.v1", ++_parcels);
        await ToldAsync("The carrier has it", "parcel.moved.v1", parcel, "\"accepted\"");
        _inStock -= leaves;
        var stock = await teller.SendAsync("What lies there now", 200, "GET", "/v1/warehouse-stock?item=DESK0005&location=WH", key: Ours);
        teller.Expect("What lies there now", stock.Number("quantity") == _inStock, $"{_inStock} desks");
        var confirmed = await teller.SendAsync("What the warehouse says", 200, "GET", $"/v1/warehouse-orders/{asked.Member("id")}", key: Ours);
        teller.Expect("What the warehouse says", confirmed.Member("warehouseStatusCode") == (later > 0 ? "partiallyDone" : "done"), later > 0 ? "some, and the rest later" : "all of it");

        await teller.SendAsync("More than was ordered never leaves", 422, "POST", $"{_path}/shipments", SampleDespatch.Left(shipment, line, ordered + 1, 0, parcel), $"s-{shipment}-1", Ours);
        var booked = await teller.SendAsync("Booked in Odoo", 200, "POST", $"{_path}/shipments", SampleDespatch.Left(shipment, line, leaves, later, parcel), $"s-{shipment}-2", Ours);
        teller.Expect("Booked in Odoo", booked.Member("shipmentStatusCode") == "shipped" && booked.Member("trackingId") == parcel, "a shipment with the parcel's number");
        teller.Expect("Booked in Odoo", booked.Number("despatchLines", "0", "deliveredQuantity") == leaves && (booked.Number("despatchLines", "0", "backorderQuantity") ?? 0) == later, $"{leaves} delivered, {later} later");
        await ToldAsync("Booked in Odoo", "shipment.booked.v1", shipment);
        return (shipment, parcel);
    }

    private async Task FollowAsync(string parcel)
    {
        teller.Chapter("The partner follows its parcel");
        await teller.SendAsync("On its way", 200, "GET", $"/v1/tracking/{parcel}");
        await teller.SendAsync("Another partner's parcel", 404, "GET", $"/v1/tracking/{parcel}", key: "globex-demo-key");
        _outside.Tms.Chaos.Set(new ChaosRule(ChaosMode.HookTwice) { Count = 1 });
        _outside.Tms.AddEvent(parcel, "DE");
        teller.Say("The carrier hands it over, scans it, and tells so twice.");
        await ToldAsync("Scanned", "parcel.moved.v1", parcel, "\"delivered\"");
        var delivered = await teller.SendAsync("Where it is", 200, "GET", $"/v1/tracking/{parcel}");
        teller.Expect("Where it is", delivered.Member("transportEventTypeCode") == "delivered" && delivered.Member("completionIndicator") == "true", "delivered");
        var scans = _outside.Partner.Received.Where(w => w.Body.Contains(parcel, StringComparison.Ordinal) && w.Body.Contains("\"actualDeliveryTime\"", StringComparison.Ordinal)).Select(w => w.Id).Distinct().Count();
        teller.Expect("Scanned", scans == 1, "one webhook for a scan that was told twice");
    }

    /// <summary>What backends tell is kept as it came, for operators.</summary>
    private async Task HeardAsync(string title, string type, int times)
    {
        using var operators = new HttpClient { BaseAddress = demo.Gateway.AdminUrl, DefaultRequestHeaders = { Authorization = new("Bearer", Demonstration.OperatorToken) } };
        var heard = await Eventually.SeeAsync(async () => await operators.GetStringAsync("/events", cancellation) is var events && events.Split(type).Length > times ? events : null, cancellation);
        teller.Expect(title, heard is not null, $"an event {type} for operators");
    }

    private static (decimal, decimal, decimal) Quantities(Reply shipments) => (Delivered(shipments, "0"), Delivered(shipments, "1"), Delivered(shipments, "2"));

    private static decimal Delivered(Reply shipments, string at) => shipments.Number("shipments", at, "despatchLines", "0", "deliveredQuantity") ?? 0;

    private Task ToldAsync(string title, string type, params string[] words) => teller.WebhookAsync(title, _outside.Partner, type, cancellation, words);
}
