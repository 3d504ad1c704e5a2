using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>
/// Turns an order's names into Odoo's ids and the rows of one <c>sale.order/load</c>. Asks only; changes nothing but a new delivery address.
/// The look-ups run side by side; the first failure, in the order of the document, ends it.
/// </summary>
internal sealed partial class OrderRows(OdooSession odoo, OrderInput order, string externalId)
{
    private const int MaxPriceDecimals = 6;

    private static readonly string[] LineColumns =
    [
        "order_line/id", "order_line/product_id/.id", "order_line/product_uom_id/.id", "order_line/product_uom_qty", "order_line/price_unit",
        "order_line/discount", "order_line/technical_price_unit",
    ];

    private static readonly Dictionary<string, OrderRecord.Line> NoLines = [];

    public async ValueTask<Lookup<LoadRows>> PrepareAsync()
    {
        var buyerTask = BuyerAsync().AsTask();
        var pricesTask = PriceListsAsync().AsTask();
        var productsTask = ProductsAsync().AsTask();
        var unitsTask = odoo.Master.UnitsAsync(odoo, order.Lines.Select(line => line.UnitCode)).AsTask();
        var warehouseTask = WarehouseAsync().AsTask();
        await Task.WhenAll(buyerTask, pricesTask, productsTask, unitsTask, warehouseTask);
        var (buyer, prices, products, units, warehouse) = (await buyerTask, await pricesTask, await productsTask, await unitsTask, await warehouseTask);
        if ((buyer.Failure ?? prices.Failure ?? products.Failure ?? units.Failure ?? warehouse.Failure) is { } failure)
            return failure;

        var (priceList, refused) = ChoosePriceList(buyer.Value!, prices.Value!);
        if (refused is not null)
            return refused;
        var lines = Lines(products.Value!, units.Value!, NoLines);
        if (lines.Failure is { } bad)
            return bad;
        var address = await new DeliveryAddress(odoo, order.Delivery, buyer.Value!.Id).IdAsync();
        if (address.Failure is { } unknown)
            return unknown;

        var header = LoadRows.One(
            ("id", External(externalId)),
            ("partner_id/.id", Text(buyer.Value.Id)),
            ("partner_shipping_id/.id", Text(address.Value)),
            ("company_id/.id", Text(odoo.Company)),
            ("warehouse_id/.id", Text(warehouse.Value)),
            ("pricelist_id/.id", Text(priceList)),
            ("client_order_ref", order.ClientOrderRef),
            ("commitment_date", order.CommitmentDate),
            ("note", Html(order.Note)));
        return Join(header, lines.Value!);
    }

    private string External(string name) => $"{odoo.Options.ExternalIdModule}.{name}";

    private static string? Text(int? id) => id?.ToString(CultureInfo.InvariantCulture);

    /// <summary>Odoo keeps the note as HTML; the caller's text stays text.</summary>
    private static string? Html(string? text) => text?
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\r\n", "<br/>", StringComparison.Ordinal).Replace("\n", "<br/>", StringComparison.Ordinal);

    /// <summary>The header's cells stand in the first line's row; further rows leave them empty, which is how <c>load</c> knows one record's lines.</summary>
    private static LoadRows Join(LoadRows header, LoadRows lines)
    {
        var head = header.Rows[0];
        var empty = Enumerable.Repeat("", head.Length).ToArray();
        return new LoadRows([.. header.Columns, .. lines.Columns], [.. lines.Rows.Select((line, n) => n == 0 ? [.. head, .. line] : (string[])[.. empty, .. line])]);
    }

    /// <summary>
    /// Price and quantity go together, always; the discount is written as none, or a price list adds one; and a technical price other than
    /// the price marks it as agreed, so that a later change of quantity inside Odoo does not replace it with the list price.
    /// </summary>
    /// <param name="kept">Lines that are there, by the buyer's ids: their items and units stay, whether they may still be ordered or not.</param>
    private Lookup<LoadRows> Lines(
        IReadOnlyDictionary<string, Product> products, IReadOnlyDictionary<string, int> units, IReadOnlyDictionary<string, OrderRecord.Line> kept)
    {
        var rows = new List<string[]>(order.Lines.Count);
        foreach (var (n, line) in order.Lines.Index())
        {
            if (PriceOfOne(line) is not { } price)
                return OdooReply.Refused($"orderLines/{n}/price: {line.PriceUnit.Plain()} for {(line.PriceBase ?? 1).Plain()} has no exact price for one, with {MaxPriceDecimals} decimals at most");
            if (kept.TryGetValue(line.Id, out var there))
            {
                rows.Add(Row(line.Id, there.Row.Id("product_id"), there.Row.Id("product_uom_id"), line.ProductUomQty, price));
                continue;
            }
            if (!products.TryGetValue(line.DefaultCode, out var product))
                return OdooReply.Refused($"orderLines/{n}: item '{line.DefaultCode}' is not known");
            if (!product.Unique)
                return OdooReply.Refused($"orderLines/{n}: item '{line.DefaultCode}' stands for more than one product");
            if (!product.ForSale)
                return OdooReply.Refused($"orderLines/{n}: item '{line.DefaultCode}' is not for sale");
            if (!units.TryGetValue(line.UnitCode, out var unit) || !product.Units.Contains(unit))
                return OdooReply.Refused($"orderLines/{n}: item '{line.DefaultCode}' is not sold in unit '{line.UnitCode}'");
            rows.Add(Row(line.Id, product.Id, unit, line.ProductUomQty, price));
        }
        return new LoadRows(LineColumns, rows);
    }

    private string[] Row(string line, int? product, int? unit, decimal quantity, decimal price) =>
        [External(LineNames.Of(externalId, line)), Text(product) ?? "", Text(unit) ?? "", quantity.Plain(), price.Plain(), "0", price == 0 ? "1" : "0"];

    /// <summary>Odoo's <c>price_unit</c> of a line, or null when it can't be said exactly.</summary>
    public static decimal? PriceOfOne(LineInput line)
    {
        var many = line.PriceBase ?? 1;
        if (many <= 0)
            return null;
        var one = line.PriceUnit / many;
        return Math.Round(one, MaxPriceDecimals) == one && one * many == line.PriceUnit ? one : null;
    }

    private async ValueTask<Lookup<Buyer>> BuyerAsync()
    {
        var reply = await odoo.SearchAsync("res.partner", [Is("ref", order.Buyer), odoo.SharedWhereMade], ["property_product_pricelist"], limit: 2, order: "id");
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() switch
        {
            0 => OdooReply.Refused($"buyerParty/id: buyer '{order.Buyer}' is not known"),
            1 => new Buyer(reply.Value[0].Id("id")!.Value, reply.Value[0].Id("property_product_pricelist")),
            _ => OdooReply.Refused($"buyerParty/id: buyer '{order.Buyer}' stands for more than one customer"),
        };
    }

    private async ValueTask<Lookup<Dictionary<string, Product>>> ProductsAsync()
    {
        var reply = await odoo.SearchAsync("product.product",
            [In("default_code", order.Lines.Select(line => line.DefaultCode).Distinct()), odoo.SharedWhereMade], ["default_code", "sale_ok", "uom_id", "uom_ids"], order: "id");
        if (!reply.Done)
            return reply;
        return reply.Value.EnumerateArray()
            .Select(row => (Code: row.Text("default_code") ?? "", Row: row))
            .GroupBy(row => row.Code, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Product.From([.. group.Select(row => row.Row)]), StringComparer.Ordinal);
    }

    private async ValueTask<Lookup<int?>> WarehouseAsync()
    {
        if (order.Warehouse is not { } code)
            return new Lookup<int?>(null, null);
        var reply = await odoo.SearchAsync("stock.warehouse", [Is("code", code), Is("company_id", odoo.Company)], ["code"], limit: 1);
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() > 0
            ? reply.Value[0].Id("id")
            : OdooReply.NotSent($"company {odoo.Company} has no warehouse '{code}'");
    }

    /// <summary>The asked currency, the company's, and the price lists in it: an order's currency is its price list's, else the company's.</summary>
    private async ValueTask<Lookup<Prices>> PriceListsAsync()
    {
        var currency = await odoo.Master.CurrencyAsync(odoo, order.Currency);
        if (currency.Failure is { } unknown)
            return unknown;
        var company = await odoo.Master.CompanyCurrencyAsync(odoo);
        if (company.Failure is { } failure)
            return failure;
        var reply = await odoo.SearchAsync("product.pricelist", [Is("currency_id", currency.Value!.Id)], ["company_id"], order: "sequence,id");
        if (!reply.Done)
            return reply;
        var lists = reply.Value.EnumerateArray()
            .Where(list => list.Id("company_id") is not { } owner || owner == odoo.Company)
            .Select(list => list.Id("id")!.Value);
        return new Prices(currency.Value.Id == company.Value, [.. lists]);
    }

    /// <summary>The price list to write so that Odoo keeps the asked currency; none where the buyer's own or the company's is right.</summary>
    private (int? PriceList, OdooReply? Refused) ChoosePriceList(Buyer buyer, Prices prices)
    {
        if (buyer.PriceList is { } own ? prices.Lists.Contains(own) : prices.CompanysOwn)
            return (buyer.PriceList, null);
        return prices.Lists.Count > 0
            ? (prices.Lists[0], null)
            : (null, OdooReply.Refused($"documentCurrencyCode: '{order.Currency}' is not a currency in which buyer '{order.Buyer}' is sold to"));
    }

    private sealed record Buyer(int Id, int? PriceList);

    /// <param name="CompanysOwn">The asked currency is the company's.</param>
    /// <param name="Lists">Price lists in the asked currency, best first.</param>
    private sealed record Prices(bool CompanysOwn, IReadOnlyList<int> Lists);

    /// <param name="Unique">No other product has this SKU.</param>
    /// <param name="Units">The product's own unit and the packagings it is sold in.</param>
    private sealed record Product(int Id, bool Unique, bool ForSale, IReadOnlySet<int> Units)
    {
        public static Product From(IReadOnlyList<System.Text.Json.JsonElement> rows)
        {
            var row = rows[0];
            var units = row.Ids("uom_ids").ToHashSet();
            if (row.Id("uom_id") is { } own)
                units.Add(own);
            return new Product(row.Id("id")!.Value, rows.Count == 1, row.Flag("sale_ok"), units);
        }
    }
}
