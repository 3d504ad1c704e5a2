using System.Globalization;
using System.Text.Json;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>What <c>order.create</c> and <c>order.change</c> take: an order in Odoo's words, with names from outside where Odoo has ids.</summary>
internal sealed record OrderInput
{
    /// <summary>The buyer's own number; shown on Odoo's order.</summary>
    public required string ClientOrderRef { get; init; }

    /// <summary><c>ref</c> of the customer (res.partner).</summary>
    public required string Buyer { get; init; }

    /// <summary>ISO 4217; the order is refused when Odoo would keep it in another one.</summary>
    public required string Currency { get; init; }

    /// <summary>Code of the warehouse to ship from; null leaves it to Odoo.</summary>
    public string? Warehouse { get; init; }

    /// <summary><c>YYYY-MM-DD HH:MM:SS</c>, UTC, without zone.</summary>
    public string? CommitmentDate { get; init; }

    /// <summary>Plain text.</summary>
    public string? Note { get; init; }

    /// <summary>Where to deliver; null leaves it to the customer's address in Odoo.</summary>
    public AddressInput? Delivery { get; init; }

    public required IReadOnlyList<LineInput> Lines { get; init; }

    /// <summary>The input, or null and what is wrong with it: then the mapping is at fault, not the caller.</summary>
    public static (OrderInput? Order, string? Wrong) Parse(JsonElement input)
    {
        var (order, wrong) = InputJson.Read(input, InputJson.Default.OrderInput);
        if (order is not { Lines.Count: > 0 })
            return (null, wrong ?? "an order without lines");
        order = order with { Lines = [.. order.Lines.Select((line, n) => line.Id.Length > 0 ? line : line with { Id = (n + 1).ToString(CultureInfo.InvariantCulture) })] };
        return order.Lines.DistinctBy(line => line.Id).Count() == order.Lines.Count ? (order, null) : (null, "two lines with one id");
    }
}

/// <summary>A delivery address in Odoo's words; codes where Odoo has ids.</summary>
internal sealed record AddressInput
{
    public required string Name { get; init; }

    public string? Street { get; init; }

    public string? Street2 { get; init; }

    public string? Zip { get; init; }

    public string? City { get; init; }

    /// <summary>Code of res.country.state within the country: <c>NY</c>.</summary>
    public string? State { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public required string Country { get; init; }
}

/// <summary>One line. Amounts are decimal text or numbers; no digit is lost.</summary>
internal sealed record LineInput
{
    /// <summary>The buyer's id of the line, its own within the order; its place from 1 when left out.</summary>
    public string Id { get; set; } = "";

    /// <summary>The SKU: <c>default_code</c> of product.product.</summary>
    public required string DefaultCode { get; init; }

    public required decimal ProductUomQty { get; init; }

    /// <summary>UN/ECE Rec 20.</summary>
    public required string UnitCode { get; init; }

    /// <summary>Agreed net price of <see cref="PriceBase"/> units; Odoo's own price lists never replace it.</summary>
    public required decimal PriceUnit { get; init; }

    /// <summary>1 when left out.</summary>
    public decimal? PriceBase { get; init; }
}
