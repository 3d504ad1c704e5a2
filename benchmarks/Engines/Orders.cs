using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Benchmarks.Engines;

/// <summary>Orders that order@1 takes, the same in every run: every member is there, and no two lines are alike.</summary>
internal static class Orders
{
    /// <summary>The buyer of all orders, who must be one of the partner's.</summary>
    public const string Buyer = "ACME-DE";

    private static readonly JsonSerializerOptions AsCallersWrite = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Sku, string Name, string Unit)[] Goods =
    [
        ("DESK0005", "Schreibtisch, höhenverstellbar", "C62"), ("CAB-2M", "Network Cable 2 m", "MTR"), ("E-COM07", "Large Cabinet", "C62"),
        ("OIL-5L", "Hydrauliköl HLP 46", "LTR"), ("FURN_8888", "Office Lamp", "C62"),
    ];

    /// <summary>The order with just so many lines that it is not shorter than this.</summary>
    public static byte[] OfSize(int bytes) => Enumerable.Range(1, 500).Select(WithLines).First(order => order.Length >= bytes);

    /// <summary>An order as UTF-8 without white space.</summary>
    public static byte[] WithLines(int lines) => Write(Build(lines));

    /// <summary>The same order, whose last line breaks the contract.</summary>
    public static byte[] Broken(byte[] order)
    {
        var broken = JsonNode.Parse(order)!.AsObject();
        broken["orderLines"]!.AsArray()[^1]!["unitCode"] = "piece";
        return Write(broken);
    }

    private static byte[] Write(JsonObject order) => JsonSerializer.SerializeToUtf8Bytes(order, AsCallersWrite);

    private static JsonObject Build(int lines) => new()
    {
        ["customerReference"] = "PO-4711",
        ["issueDate"] = "2026-11-23",
        ["documentCurrencyCode"] = "EUR",
        ["buyerParty"] = new JsonObject { ["id"] = Buyer },
        ["delivery"] = new JsonObject
        {
            ["deliveryAddress"] = new JsonObject
            {
                ["name"] = "Acme Lager",
                ["streetName"] = "Hafenstr. 1",
                ["additionalStreetName"] = "Tor 3",
                ["cityName"] = "Köln",
                ["postalZone"] = "50667",
                ["countryCode"] = "DE",
            },
            ["requestedDeliveryPeriod"] = new JsonObject { ["startDate"] = "2026-11-25", ["endDate"] = "2026-11-27" },
        },
        ["note"] = "call before delivery",
        ["orderLines"] = new JsonArray([.. Enumerable.Range(1, lines).Select(Line)]),
    };

    private static JsonObject Line(int number)
    {
        var (sku, name, unit) = Goods[number % Goods.Length];
        return new JsonObject
        {
            ["id"] = $"{number}",
            ["quantity"] = unit == "C62" ? number : number + 0.5m,
            ["unitCode"] = unit,
            ["item"] = new JsonObject { ["sellersItemIdentification"] = sku, ["standardItemIdentification"] = $"{4012345000000 + number}", ["name"] = name },
            ["price"] = new JsonObject { ["priceAmount"] = $"{number * 7 % 1000}.{number * 13 % 100:00}", ["baseQuantity"] = number % 4 == 0 ? 100 : 1 },
        };
    }
}
