using System.Text.Json;
using Gateway.Adapters.Canonical;

namespace Gateway.Demo;

/// <summary>What leaves for the order of the story, and what comes back of it.</summary>
internal static class SampleDespatch
{
    private static readonly Item Desk = new() { SellersItemIdentification = "DESK0005", Name = "Desk" };

    private static readonly Party Receiver = new()
    {
        Name = "Acme Lager",
        PostalAddress = new() { StreetName = "Hafenstr. 1", CityName = "Hamburg", PostalZone = "20457", CountryCode = "DE" },
    };

    /// <summary>So many desks, ordered out of the warehouse.</summary>
    /// <param name="shipment">Odoo's number of the transfer: WH/OUT/00001.</param>
    public static string WarehouseOrder(string shipment, string order, decimal quantity) => JsonSerializer.Serialize(
        new WarehouseOrder
        {
            Id = shipment,
            WarehouseOrderTypeCode = WarehouseOrderTypeCode.Outbound,
            OrderReference = new() { SalesOrderId = order },
            Warehouse = new() { Id = "WH" },
            BuyerParty = new() { Id = "ACME-DE" },
            DeliveryParty = Receiver,
            WarehouseOrderLines = [new() { Id = "1", Item = Desk, UnitCode = "C62", Quantity = quantity }],
        },
        CanonicalJson.Default.WarehouseOrder);

    /// <summary>A shipment that is to leave in one parcel.</summary>
    public static string ToLabel(string shipment, string order, decimal quantity) => JsonSerializer.Serialize(
        new Shipment
        {
            Id = shipment,
            ShipmentStatusCode = ShipmentStatusCode.Ready,
            OrderReference = new() { SalesOrderId = order },
            BuyerParty = new() { Id = "ACME-DE" },
            DeliveryParty = Receiver,
            CarrierServiceCode = "standard",
            GrossWeightMeasure = 9.5m * quantity,
            DespatchLines = [new() { Id = "1", Item = Desk, UnitCode = "C62", DeliveredQuantity = 0, PlannedQuantity = quantity }],
        },
        CanonicalJson.Default.Shipment);

    /// <summary>What left of a shipment, and what is to come later.</summary>
    /// <param name="line">Id of the shipment's line, as the read of it told.</param>
    public static string Left(string shipment, string line, decimal delivered, decimal later, string tracking) => JsonSerializer.Serialize(
        new Shipment
        {
            Id = shipment,
            ShipmentStatusCode = ShipmentStatusCode.Shipped,
            TrackingId = tracking,
            DespatchLines = [new() { Id = line, Item = Desk, UnitCode = "C62", DeliveredQuantity = delivered, BackorderQuantity = later > 0 ? later : null }],
        },
        CanonicalJson.Default.Shipment);

    /// <summary>Desks that the partner wants to send back.</summary>
    public static string Return(string reference, string shipment, decimal quantity) => JsonSerializer.Serialize(
        new ReturnRequest
        {
            CustomerReference = reference,
            ShipmentId = shipment,
            ReturnLines = [new() { Id = "1", Item = Desk, UnitCode = "C62", Quantity = quantity, ReturnReasonCode = ReturnReasonCode.Defective, DesiredActionCode = DesiredActionCode.Credit }],
        },
        CanonicalJson.Default.ReturnRequest);

    /// <summary>The same desks, received.</summary>
    /// <param name="receipt">Odoo's number of the transfer that brings them back: WH/IN/00001.</param>
    public static string Received(string receipt, string shipment, decimal quantity) => JsonSerializer.Serialize(
        new GoodsReturn
        {
            Id = receipt,
            ReceiptId = receipt,
            ReturnStatusCode = ReturnStatusCode.Received,
            ShipmentId = shipment,
            ReturnLines = [new() { Id = "1", Item = Desk, UnitCode = "C62", Quantity = quantity, ReceivedQuantity = quantity }],
        },
        CanonicalJson.Default.GoodsReturn);
}
