using System.Text.Json;
using Gateway.Adapters.Canonical;

namespace Gateway.Demo;

/// <summary>The order of the story, whole or bent.</summary>
internal static class SampleOrder
{
    private static readonly OrderLine Line = new()
    {
        Id = "1",
        Quantity = 3,
        UnitCode = "C62",
        Item = new() { SellersItemIdentification = "DESK0005", StandardItemIdentification = "04012345000016", Name = "Desk" },
        Price = new() { PriceAmount = "12.50", BaseQuantity = 1 },
    };

    private static readonly Order Whole = new()
    {
        CustomerReference = "PO-4711",
        IssueDate = new DateOnly(2026, 11, 23),
        DocumentCurrencyCode = "EUR",
        BuyerParty = new() { Id = "ACME-DE" },
        Delivery = new()
        {
            DeliveryAddress = new() { Name = "Acme Lager", StreetName = "Hafenstr. 1", CityName = "Hamburg", PostalZone = "20457", CountryCode = "DE" },
            RequestedDeliveryPeriod = new() { StartDate = new DateOnly(2026, 11, 25), EndDate = new DateOnly(2026, 11, 27) },
        },
        Note = "call before delivery",
        OrderLines = [Line],
    };

    public static string Json(string reference = "PO-4711", decimal quantity = 3, string item = "DESK0005", string note = "call before delivery") =>
        Text(Whole with
        {
            CustomerReference = reference,
            Note = note,
            OrderLines = [Line with { Quantity = quantity, Item = Line.Item with { SellersItemIdentification = item } }],
        });

    /// <summary>The same order without what may be left out of its head, so that it fits a command line.</summary>
    public static string ShortJson() => Text(Whole with { IssueDate = null, Delivery = null, Note = null });

    private static string Text(Order order) => JsonSerializer.Serialize(order, CanonicalJson.Default.Order);
}
