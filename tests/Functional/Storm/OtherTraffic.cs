using System.Collections.Concurrent;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Storm;

/// <summary>What a partner does beside ordering: returns, warehouse orders, labels and tenders, documents of its own; and reads of all kinds.</summary>
internal sealed class OtherTraffic(StormWorld world, Asking asking, string partner, Complaints complaints)
{
    /// <summary>A number that no storm reaches.</summary>
    private const int Calm = 1_000_000;

    /// <summary>What shipments begin with whose labels are bought by a forwarded request.</summary>
    public const string Plain = "PLAIN-";

    /// <summary>Returns that were announced, by the shipment that they are of.</summary>
    public ConcurrentQueue<string> Returned { get; } = new();

    /// <summary>Warehouse orders by their number, and whether they were cancelled.</summary>
    public ConcurrentDictionary<string, bool> WarehouseOrders { get; } = new();

    /// <summary>Labels by the carrier's id, and whether they were voided.</summary>
    public ConcurrentDictionary<string, bool> Labels { get; } = new();

    /// <summary>Loads that were offered to the carrier.</summary>
    public ConcurrentQueue<string> Loads { get; } = new();

    /// <summary>Numbers of documents that were sent to the partner's own API.</summary>
    public ConcurrentQueue<string> Notices { get; } = new();

    /// <summary>Parcels that something happened to.</summary>
    public ConcurrentQueue<string> Parcels { get; } = new();

    /// <summary>Labels whose buying was forwarded, by their shipment, and whether they are there; null where the answer did not say.</summary>
    public ConcurrentDictionary<string, bool?> Forwarded { get; } = new();

    public Task RunAsync(IReadOnlyList<string> shipments, ConcurrentQueue<ExpectedOrder> orders, Random random, CancellationToken stop) => Task.WhenAll(
        AgainAsync(number => ReturnAsync(shipments[number % shipments.Count], number), 600, stop),
        AgainAsync(number => WarehouseAsync(number, number % 4), 500, stop),
        AgainAsync(number => CarrierAsync(number, number % 3), 500, stop),
        AgainAsync(NoticeAsync, 500, stop),
        AgainAsync(ForwardAsync, 200, stop),
        AgainAsync(number => ReadAsync(number, shipments, orders, random), 60, stop));

    /// <summary>One of each, with an answer in one go.</summary>
    public async Task OnceEachAsync(IReadOnlyList<string> shipments)
    {
        await ReturnAsync(shipments[0], Calm);
        await WarehouseAsync(Calm, kind: 2);
        await CarrierAsync(Calm, kind: 1);
        await NoticeAsync(Calm);
        // A circuit that the last of the storm has opened stays so until somebody asks.
        await asking.UntilKnownAsync("GET", partner == "acme" ? "/v1/tracking/TRK-1001" : "/v1/tracking/TRK-1004");
        // Its circuit, or its gate, may be shut for a moment still; who is told so has sent nothing.
        var number = Calm;
        await ForwardAsync(number);
        while (Forwarded[Shipment(number)] is false && number < Calm + 40)
        {
            await Task.Delay(250, TestContext.Current.CancellationToken);
            await ForwardAsync(++number);
        }
        Assert.True(Forwarded[Shipment(number)], "what is forwarded when all is well is done");
    }

    private static Task AgainAsync(Func<int, Task> what, int pause, CancellationToken stop) => Task.Run(async () =>
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await what(number);
            await Task.Delay(pause, TestContext.Current.CancellationToken);
        }
    });

    private async Task ReturnAsync(string shipment, int number)
    {
        var body = $$"""
            { "customerReference": "RET-{{number}}", "shipmentId": "{{shipment}}",
              "returnLines": [{ "id": "1", "quantity": 1, "unitCode": "C62", "item": { "sellersItemIdentification": "FURN_8888" }, "returnReasonCode": "defective" }] }
            """;
        await DoneAsync("/v1/returns", body, $"r-{number}");
        Returned.Enqueue(shipment);
    }

    private async Task WarehouseAsync(int number, int kind)
    {
        var name = $"WO-{partner}-{number}";
        var body = $$"""{ "order_number": "{{name}}", "products": [ { "reference_id": "DESK0005", "quantity": 1, "external_line_id": 1 } ] }""";
        var made = await DoneAsync("/v1/storm/warehouse-orders", body, $"w-{number}");
        WarehouseOrders[name] = false;
        var order = world.Backends.Wms.Orders.First(o => (string?)o.Kept["order_number"] == name).Id;
        var wrong = kind switch { 0 => null, 1 => world.Backends.Wms.Ship(order).Wrong, _ => world.Backends.Wms.Pick(order) };
        if (wrong is not null) complaints.Add($"{name}: {wrong}");
        if (kind > 1) return;
        // People were faster: what has left is not cancelled any more.
        var cancelled = await asking.UntilKnownAsync("POST", $"/v1/storm/warehouse-orders/{IdOf(made)}/cancellation", "{}", $"wx-{number}");
        if (cancelled.Status != (kind == 1 ? 422 : 200)) complaints.Add($"{name}, which {(kind == 1 ? "has" : "has not")} left: its cancellation was answered {cancelled.Status} {cancelled.Body}");
        WarehouseOrders[name] = cancelled.Status == 200;
    }

    private async Task CarrierAsync(int number, int kind)
    {
        if (kind == 2)
        {
            var load = $"LOAD-{partner}-{number}";
            await DoneAsync("/v1/storm/tenders", $$"""
                { "tenderType": "ORIGINAL", "shipmentIdentifiers": [ { "type": "CUSTOMER_REFERENCE", "value": "{{load}}" } ], "carrierIdentifier": { "type": "SCAC", "value": "DMOC" },
                  "shipmentStops": [ { "stopNumber": 1, "stopType": "PICKUP" }, { "stopNumber": 2, "stopType": "DELIVERY" } ] }
                """, $"t-{number}");
            Loads.Enqueue(load);
            return;
        }
        var bought = await DoneAsync("/v1/storm/labels", $$"""
            { "shipment": { "service_code": "express", "customer_reference": "{{ExpectedOrder.Buyer(partner)}}",
              "ship_to": { "name": "Lager", "address_line1": "Hafenstr. 1", "city_locality": "Hamburg", "postal_code": "20457", "country_code": "DE" },
              "packages": [ { "weight": { "value": 2, "unit": "kilogram" } } ] } }
            """, $"l-{number}");
        var (label, parcel) = (bought.Text("label_id"), $"TRK-{partner}-{number}");
        Labels[label] = false;
        Parcels.Enqueue(parcel);
        world.Backends.Tms.AddEvent(parcel, "IT");
        if (kind == 0) return;
        var voided = await asking.UntilKnownAsync("POST", $"/v1/storm/labels/{IdOf(bought)}/void", "{}", $"lv-{number}");
        if (voided.Status != 200) complaints.Add($"{label}: a label of which nothing was sent is not voided: {voided.Status} {voided.Body}");
        Labels[label] = true;
    }

    private async Task NoticeAsync(int number)
    {
        var name = $"N-{partner}-{number}";
        await DoneAsync("/v1/storm/notices", $$"""{ "number": "{{name}}" }""", $"n-{number}");
        Notices.Enqueue(name);
    }

    private string Shipment(int number) => $"{Plain}{partner}-{number}";

    /// <summary>Asked once, for nobody takes up what was forwarded. The platform would refuse a second one: a 409 says that it was sent twice.</summary>
    private async Task ForwardAsync(int number)
    {
        var shipment = Shipment(number);
        var answer = await asking.OnceAsync("POST", "/v1/storm/plain", $$"""
            { "shipment": { "external_shipment_id": "{{shipment}}", "service_code": "express",
              "ship_to": { "name": "Lager", "address_line1": "Hafenstr. 1", "city_locality": "Hamburg", "postal_code": "20457", "country_code": "DE" },
              "packages": [ { "weight": { "value": 2, "unit": "kilogram" } } ] } }
            """);
        Forwarded[shipment] = answer switch
        {
            { Status: 200 or 201 } => true,
            { Status: 503 } when answer.Body.Contains("Nothing was done", StringComparison.Ordinal) => false,
            _ => null,
        };
        if (answer is { Status: not (200 or 201 or 502 or 503 or 504) }) complaints.Add($"{shipment}: {answer.Status} {answer.Body}");
        if (Forwarded[shipment] is true && await asking.OnceAsync("GET", "/v1/storm/plain/" + shipment) is { Status: not (200 or 502 or 503 or 504) } read) complaints.Add($"{shipment} was bought: {read.Status} {read.Body}");
    }

    /// <summary>What is there is never "not there", and what is another's is never there.</summary>
    private async Task ReadAsync(int number, IReadOnlyList<string> shipments, ConcurrentQueue<ExpectedOrder> orders, Random random)
    {
        var known = orders.Where(o => o.Id is not null).ToArray();
        var any = known.Length == 0 ? null : known[random.Next(known.Length)];
        var path = (number % 6) switch
        {
            0 => "/v1/inventory?item=DESK0005&location=WH",
            1 => "/v1/items/FURN_7777",
            2 => partner == "acme" ? "/v1/tracking/TRK-1001" : "/v1/tracking/TRK-1004",
            3 when any is { IsThere: true } => $"/v1/orders/{any.Id}/shipments",
            _ => "/v1/orders/" + any?.Id,
        };
        if (path == "/v1/orders/" || shipments.Count == 0) return;
        var answer = await asking.OnceAsync("GET", path);
        if (answer is not { Status: 200 or 404 } || !path.StartsWith("/v1/orders", StringComparison.Ordinal)) return;
        // What was only accepted has no shipments yet, and Odoo knows nothing of it.
        var wrong = any!.Partner != partner ? answer.Status == 200 : answer.Status == 404 && !path.EndsWith("shipments", StringComparison.Ordinal);
        if (wrong) complaints.Add($"GET {path} by {partner}, of {any.Partner}: {answer.Status} {answer.Body}");
    }

    /// <summary>The gateway's id of what was made: the answer is in the backend's own words, and says where it is read.</summary>
    private static string IdOf(Answered made) => made.Header("Location").Split('/')[^1];

    private async Task<Answered> DoneAsync(string path, string body, string key)
    {
        var answer = await asking.UntilKnownAsync("POST", path, body, key);
        Assert.True(answer.Status is 200 or 201, $"{path} [{key}]: {answer.Status} {answer.Body}");
        return answer;
    }
}
