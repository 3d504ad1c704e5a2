using Gateway.Demo;
using Xunit;

namespace Gateway.Tests.Conformance.Ownership;

/// <summary>What our own desk, at work for one partner, tries on what is another's.</summary>
public sealed partial class CrossPartnerTests
{
    private const string AcmeDesk = Demonstration.FulfilmentKey;
    private const string GlobexDesk = "globex-fulfilment-demo-key";
    private const string Nobodys = "/v1/orders/ord_j1pda46bw52qb8xmhdc1d9bad6";

    private const string Line = """ "id": "a", "item": { "sellersItemIdentification": "DESK0005" }, "unitCode": "C62" """;

    private async Task ConfirmAnothersOrderAsync()
    {
        var order = (string)(await OrderAsync(Acme, "ACME-DE", "PO-1", "key-1")).Json["id"]!;

        var foreign = await DoAsync(GlobexDesk, $"/v1/orders/{order}/confirmation", "{}", "c-1");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await DoAsync(GlobexDesk, Nobodys + "/confirmation", "{}", "c-2"), foreign);
        Assert.Equal("draft", _demo.Simulators.Odoo.Orders.Single().State);
        Assert.Equal(200, (await DoAsync(AcmeDesk, $"/v1/orders/{order}/confirmation", "{}", "c-3")).Status);
    }

    private async Task BookAnothersShipmentAsync()
    {
        var anothers = await ConfirmedOrderAsync(Acme, AcmeDesk, "ACME-DE");
        var own = await ConfirmedOrderAsync(Globex, GlobexDesk, "GLOBEX-DE");

        Assert.Equal((404, "not-found"), (await DoAsync(GlobexDesk, $"{anothers}/shipments", Left("WH/OUT/00001"), "s-1")) is var foreign ? (foreign.Status, foreign.Problem) : default);
        // Nor under an order of its own, by a number that it has guessed.
        var guessed = await DoAsync(GlobexDesk, $"{own}/shipments", Left("WH/OUT/00001"), "s-2");
        Assert.Equal((422, "business-refused"), (guessed.Status, guessed.Problem));
        Assert.Equal((await DoAsync(GlobexDesk, $"{own}/shipments", Left("WH/OUT/09999"), "s-3")).Text.Replace("09999", "00001", StringComparison.Ordinal), guessed.Text);
        Assert.Equal(0, _demo.Simulators.Odoo.CallsOf("stock.picking", "button_validate"));
        Assert.Equal(200, (await DoAsync(AcmeDesk, $"{anothers}/shipments", Left("WH/OUT/00001"), "s-4")).Status);
    }

    private async Task ReceiveAnothersReturnAsync()
    {
        await ShippedOrderAsync();
        var announced = await ReturnAsync(Acme, "WH/OUT/00001", "RET-1", "key-r1");
        var (path, receipt) = (announced.Headers["Location"] + "/receipt", Back((string)announced.Json["receiptId"]!));

        var foreign = await DoAsync(GlobexDesk, path, receipt, "r-1");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await DoAsync(GlobexDesk, "/v1/returns/ret_j1pda46bw52qb8xmhdc1d9bad6/receipt", receipt, "r-2"), foreign);
        // A receipt of goods that were never sent is none of this return.
        Assert.Equal(422, (await DoAsync(AcmeDesk, path, Back("WH/IN/09999"), "r-3")).Status);
        Assert.Equal(200, (await DoAsync(AcmeDesk, path, receipt, "r-4")).Status);
    }

    private async Task BillAnothersOrderAsync(string what)
    {
        var order = await ShippedOrderAsync();

        var foreign = await DoAsync(GlobexDesk, $"/v1/orders/{order}/{what}", "{}", "b-1");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await DoAsync(GlobexDesk, $"{Nobodys}/{what}", "{}", "b-2"), foreign);
        // All of it is invoiced, and nothing came back: that is said to nobody else.
        Assert.Equal(422, (await DoAsync(AcmeDesk, $"/v1/orders/{order}/{what}", "{}", "b-3")).Status);
    }

    private async Task OrderOutOfAnothersWarehouseAsync()
    {
        // Neither for another's buyer nor out of a warehouse that is not its own.
        foreach (var body in (string[])[Outbound("ACME-DE"), Outbound("GLOBEX-DE", "WH2"), Outbound("GLOBEX-DE", "NOPE")])
            Assert.Equal((403, "forbidden"), (await DoAsync(GlobexDesk, "/v1/warehouse-orders", body, "w-1")) is var foreign ? (foreign.Status, foreign.Problem) : default);
        Assert.Empty(_demo.Simulators.Wms.Orders);

        var acmes = await DoAsync(AcmeDesk, "/v1/warehouse-orders", Outbound("ACME-DE"), "w-1");
        var own = await DoAsync(GlobexDesk, "/v1/warehouse-orders", Outbound("GLOBEX-DE"), "w-1");

        // The same number and the same key are another's business.
        Assert.Equal((201, 201), (acmes.Status, own.Status));
        Assert.NotEqual((string?)acmes.Json["id"], (string?)own.Json["id"]);
        Assert.Equal(2, _demo.Simulators.Wms.Orders.Count);
    }

    private async Task ReachAnothersWarehouseOrderAsync()
    {
        var path = (await DoAsync(AcmeDesk, "/v1/warehouse-orders", Outbound("ACME-DE"), "w-1")).Headers["Location"];

        var foreign = await GetAsync(GlobexDesk, path);
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await GetAsync(GlobexDesk, "/v1/warehouse-orders/war_j1pda46bw52qb8xmhdc1d9bad6"), foreign);
        Assert.Equal(404, (await DoAsync(GlobexDesk, path + "/cancellation", "{}", "w-2")).Status);
        Assert.Equal("Processing", _demo.Simulators.Wms.Orders.Single().Status);
        Assert.Equal((200, 200), ((await GetAsync(AcmeDesk, path)).Status, (await DoAsync(AcmeDesk, path + "/cancellation", "{}", "w-3")).Status));
    }

    private async Task CountInAnothersWarehouseAsync()
    {
        var foreign = await GetAsync(GlobexDesk, "/v1/warehouse-stock?item=DESK0005&location=WH2");
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await GetAsync(GlobexDesk, "/v1/warehouse-stock?item=DESK0005&location=NOPE"), foreign);
        Assert.Equal("WH", (string?)(await GetAsync(GlobexDesk, "/v1/warehouse-stock?item=DESK0005")).Json["inventoryLocation"]!["id"]);
        Assert.Equal(200, (await GetAsync(AcmeDesk, "/v1/warehouse-stock?item=DESK0005&location=WH2")).Status);
    }

    private async Task BuyALabelForAnothersBuyerAsync()
    {
        var foreign = await DoAsync(GlobexDesk, "/v1/labels", Parcel("ACME-DE"), "l-1");
        Assert.Equal((403, "forbidden"), (foreign.Status, foreign.Problem));
        Assert.Empty(_demo.Simulators.Tms.Labels);

        // The parcel is its buyer's, and nobody else hears of it.
        var own = await DoAsync(GlobexDesk, "/v1/labels", Parcel("GLOBEX-DE"), "l-2");
        var parcel = (string)own.Json["trackingId"]!;
        Assert.Equal((404, 200), ((await GetAsync(Acme, $"/v1/tracking/{parcel}")).Status, (await GetAsync(Globex, $"/v1/tracking/{parcel}")).Status));
    }

    private async Task ReachAnothersLabelAsync()
    {
        var path = (await DoAsync(AcmeDesk, "/v1/labels", Parcel("ACME-DE"), "l-1")).Headers["Location"];

        var foreign = await GetAsync(GlobexDesk, path);
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        AssertSame(await GetAsync(GlobexDesk, "/v1/labels/lab_j1pda46bw52qb8xmhdc1d9bad6"), foreign);
        Assert.Equal(404, (await DoAsync(GlobexDesk, path + "/void", "{}", "l-2")).Status);
        Assert.Equal("completed", _demo.Simulators.Tms.Labels.Single().Status);
        Assert.Equal((200, 200), ((await GetAsync(AcmeDesk, path)).Status, (await DoAsync(AcmeDesk, path + "/void", "{}", "l-3")).Status));
    }

    /// <summary>Its path.</summary>
    private async Task<string> ConfirmedOrderAsync(string shop, string desk, string buyer)
    {
        var path = "/v1/orders/" + (string)(await OrderAsync(shop, buyer, "PO-1", "key-1")).Json["id"]!;
        Assert.Equal(200, (await DoAsync(desk, path + "/confirmation", "{}", "key-c")).Status);
        return path;
    }

    private Task<Answered> DoAsync(string key, string path, string body, string idempotencyKey) => SendAsync(HttpMethod.Post, key, path, body, ("Idempotency-Key", idempotencyKey));

    private static string Left(string shipment) => $$"""{ "id": "{{shipment}}", "shipmentStatusCode": "shipped", "despatchLines": [{ {{Line}}, "deliveredQuantity": 1 }] }""";

    private static string Back(string receipt) =>
        $$"""{ "id": "{{receipt}}", "receiptId": "{{receipt}}", "shipmentId": "WH/OUT/00001", "returnStatusCode": "received", "returnLines": [{ {{Line}}, "quantity": 1, "receivedQuantity": 1 }] }""";

    private static string Outbound(string buyer, string warehouse = "WH") => $$"""
        {
          "id": "WH/OUT/00001", "warehouseOrderTypeCode": "outbound", "warehouse": { "id": "{{warehouse}}" }, "buyerParty": { "id": "{{buyer}}" },
          "warehouseOrderLines": [{ {{Line}}, "quantity": 1 }]
        }
        """;

    private static string Parcel(string buyer) => $$"""
        {
          "id": "WH/OUT/00001", "shipmentStatusCode": "ready", "buyerParty": { "id": "{{buyer}}" }, "carrierServiceCode": "standard", "grossWeightMeasure": 9.5,
          "deliveryParty": { "name": "Lager", "postalAddress": { "streetName": "Hafenstr. 1", "cityName": "Hamburg", "countryCode": "DE" } },
          "despatchLines": [{ {{Line}}, "deliveredQuantity": 0 }]
        }
        """;
}
