using System.Globalization;

namespace Gateway.Tests.Functional.Storm;

/// <summary>What answers say that an order must be, whatever happened meanwhile.</summary>
/// <param name="Partner">Who ordered.</param>
/// <param name="Reference">The partner's own number.</param>
internal sealed record ExpectedOrder(string Partner, string Reference)
{
    /// <summary>Items of a line by its id; a partner keeps the item of a line.</summary>
    public static readonly IReadOnlyDictionary<string, string> Items = new Dictionary<string, string> { ["1"] = "DESK0005", ["2"] = "FURN_7777", ["3"] = "FURN_8888" };

    /// <summary>The key that it is first sent under.</summary>
    public string Key => "k-" + Reference;

    /// <summary>The gateway's id, once an answer has told it.</summary>
    public string? Id { get; set; }

    /// <summary>Whether it must be in Odoo (true), must not (false), or nobody was told (null).</summary>
    public bool? IsThere { get; set; }

    /// <summary>Of what there is not: Odoo's rules say no, whenever it is asked.</summary>
    public bool IsImpossible { get; set; }

    /// <summary>Its partner was told that it was accepted, and Odoo's rules say no.</summary>
    public bool IsParked { get; set; }

    /// <summary>Quantities by line, as last accepted.</summary>
    public required IReadOnlyDictionary<string, int> Lines { get; set; }

    /// <summary>What a change of which nobody was told would have made of it.</summary>
    public IReadOnlyDictionary<string, int>? Perhaps { get; set; }

    /// <summary>Two changes at once were accepted, and nobody was told which of them was the later one: what the other made of it.</summary>
    public IReadOnlyDictionary<string, int>? Rival { get; set; }

    /// <summary>How many changes were accepted.</summary>
    public int Changes { get; set; }

    public bool IsCancelled { get; set; }

    /// <summary>People in Odoo have shipped all of it.</summary>
    public bool IsShipped { get; init; }

    /// <summary>How far it was brought by <see cref="WholeOrders"/>.</summary>
    public Walk Walk { get; set; }

    /// <summary>How far it is, as the gateway says it: <c>orderStatusCode</c>.</summary>
    public string Status => IsParked ? "rejected" : IsCancelled ? "cancelled" : Walk == Walk.Whole ? "shipped" : IsShipped || Walk == Walk.InPart ? "picked" : "accepted";

    /// <summary>As it is sent; <paramref name="bad"/> names an item that there is none of.</summary>
    public static string Json(string partner, string reference, IReadOnlyDictionary<string, int> lines, bool bad = false)
    {
        const string Address = """ "delivery":{"deliveryAddress":{"name":"Lager","streetName":"Hafenstr. 1","cityName":"Hamburg","postalZone":"20457","countryCode":"DE"}},""";
        var address = reference.Length % 2 == 0 ? "" : Address;
        var written = lines.Select(line => string.Create(CultureInfo.InvariantCulture, $$"""
            {"id":"{{line.Key}}","quantity":{{line.Value}},"unitCode":"C62","item":{"sellersItemIdentification":"{{(bad ? "NOPE" : Items[line.Key])}}"},
             "price":{"priceAmount":"12.50","baseQuantity":1} }
            """));
        return $$"""
            {"customerReference":"{{reference}}","issueDate":"2026-11-23","documentCurrencyCode":"EUR","buyerParty":{"id":"{{Buyer(partner)}}"},{{address}}
             "orderLines":[{{string.Join(",", written)}}]}
            """;
    }

    public static string Buyer(string partner) => partner == "acme" ? "ACME-DE" : "GLOBEX-DE";
}

/// <summary>What of an order has left, come back in part, and been billed.</summary>
internal enum Walk
{
    None,

    /// <summary>The rest is still to leave.</summary>
    InPart,

    /// <summary>All has left. It is no more than shipped: Odoo calls an order invoiced where as much is invoiced as was ordered, and some was credited.</summary>
    Whole,
}
