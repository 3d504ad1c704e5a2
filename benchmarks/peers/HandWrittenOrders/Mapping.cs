using System.Globalization;

namespace HandWrittenOrders;

/// <summary>Between order@1 and Odoo, both ways.</summary>
internal static class Mapping
{
    public static OdooInput ToOdoo(Order order, string warehouse)
    {
        var period = order.Delivery?.RequestedDeliveryPeriod;
        var lines = new List<OdooLine>(order.OrderLines.Count);
        foreach (var line in order.OrderLines)
        {
            lines.Add(new OdooLine(line.Item.SellersItemIdentification, line.Quantity!.Value, line.UnitCode,
                decimal.Parse(line.Price.PriceAmount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture), line.Price.BaseQuantity ?? 1));
        }
        return new OdooInput(order.CustomerReference, order.BuyerParty.Id, order.DocumentCurrencyCode, warehouse,
            (period?.EndDate ?? period?.StartDate) is { } day ? day + " 12:00:00" : null, order.Note,
            order.Delivery?.DeliveryAddress is { } to
                ? new OdooAddress(to.Name, to.StreetName, to.AdditionalStreetName, to.PostalZone, to.CityName, to.CountrySubentityCode, to.CountryCode)
                : null,
            lines);
    }

    public static OrderResponse FromOdoo(OdooOrder kept, Order asked, string id)
    {
        var byPosition = new Dictionary<int, KeptLine>(kept.Lines.Count);
        foreach (var line in kept.Lines)
            if (line.Position is { } position) byPosition[position] = line;
        var lines = new List<ResponseLine>(asked.OrderLines.Count);
        for (var i = 0; i < asked.OrderLines.Count; i++)
            lines.Add(byPosition.TryGetValue(i + 1, out var line) ? Kept(kept, line, asked.OrderLines[i]) : Gone(asked.OrderLines[i]));
        var added = 0;
        foreach (var line in kept.Lines)
            if (line is { Position: null, Product: not null }) lines.Add(Added(kept, line, ++added));
        return new OrderResponse(id, asked.CustomerReference, kept.Order.Name, StatusOf(kept.Order), asked.IssueDate, kept.Currency.Name, asked.BuyerParty,
            asked.Delivery, kept.Order.CommitmentDate is { } promised ? new Period { EndDate = promised[..10] } : null, asked.Note, lines, TotalsOf(kept));
    }

    public static OrderAccepted ToEvent(OdooOrder kept, Order asked, string id) => new(
        id, asked.CustomerReference, asked.IssueDate, asked.DocumentCurrencyCode, asked.BuyerParty, asked.Delivery, asked.Note, asked.OrderLines,
        kept.Order.Name, "accepted", TotalsOf(kept));

    /// <summary>Where Odoo keeps something else than it was asked for; null where all is the same.</summary>
    public static string? Difference(OdooInput asked, OdooOrder kept)
    {
        if (kept.Currency.Name != asked.Currency) return "currency";
        if (asked.CommitmentDate is { } date && kept.Order.CommitmentDate != date) return "commitment date";
        var byPosition = kept.Lines.Where(l => l.Position is not null).ToDictionary(l => l.Position!.Value);
        var total = 0m;
        for (var n = 0; n < asked.Lines.Count; n++)
        {
            var line = asked.Lines[n];
            if (!byPosition.TryGetValue(n + 1, out var row)) return $"orderLines/{n} is gone";
            var price = Odoo.PriceOfOne(line) ?? 0;
            var amount = Round(kept, price * line.ProductUomQty);
            total += amount;
            if (row.Product?.DefaultCode != line.DefaultCode || row.Row.ProductUomQty != line.ProductUomQty || row.Row.PriceUnit != price || Round(kept, row.Row.PriceSubtotal) != amount)
                return $"orderLines/{n}";
        }
        return Round(kept, kept.Order.AmountUntaxed) == total && byPosition.Count == kept.Lines.Count ? null : "untaxed total";
    }

    private static string StatusOf(OrderRow order) => order switch
    {
        { State: "cancel" } => "cancelled",
        { State: not "sale" } => "accepted",
        { InvoiceStatus: "invoiced", DeliveryStatus: null or "full" } => "invoiced",
        { DeliveryStatus: "full" } => "shipped",
        { DeliveryStatus: "started" or "partial" } => "picked",
        _ => "released",
    };

    private static ResponseLine Kept(OdooOrder kept, KeptLine line, OrderLine asked)
    {
        var wanted = decimal.Parse(asked.Price.PriceAmount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) / (asked.Price.BaseQuantity ?? 1);
        var unchanged = line.Product?.DefaultCode == asked.Item.SellersItemIdentification && line.Row.ProductUomQty == asked.Quantity
            && Math.Round(line.Row.PriceUnit, 6) == Math.Round(wanted, 6);
        return new ResponseLine(asked.Id, Normal(line.Row.ProductUomQty), line.Unit ?? asked.UnitCode, Merge(asked.Item, line.Product),
            unchanged ? new ResponsePrice(asked.Price.PriceAmount, asked.Price.BaseQuantity ?? 1) : new ResponsePrice(Price(kept, line.Row.PriceUnit), 1),
            LineStatus(kept, line.Row, unchanged), Amount(kept, line.Row.PriceSubtotal))
        {
            TaxInclusiveAmount = Amount(kept, line.Row.PriceTotal),
            MultiplierFactorNumeric = NotZero(line.Row.Discount),
            DeliveredQuantity = NotZero(line.Row.QtyDelivered),
            InvoicedQuantity = NotZero(line.Row.QtyInvoiced),
        };
    }

    private static decimal? NotZero(decimal figure) => figure == 0 ? null : Normal(figure);

    private static ResponseLine Gone(OrderLine asked) => new(asked.Id, 0, asked.UnitCode, asked.Item,
        new ResponsePrice(asked.Price.PriceAmount, asked.Price.BaseQuantity ?? 1), "cancelled", "0");

    private static ResponseLine Added(OdooOrder kept, KeptLine line, int n) => new($"added-{n}", Normal(line.Row.ProductUomQty), line.Unit,
        Merge(new Item { SellersItemIdentification = $"product-{line.Product!.Id}" }, line.Product),
        new ResponsePrice(Price(kept, line.Row.PriceUnit), 1), LineStatus(kept, line.Row, unchanged: true), Amount(kept, line.Row.PriceSubtotal));

    private static Item Merge(Item asked, ProductRow? product) => new()
    {
        SellersItemIdentification = product?.DefaultCode ?? asked.SellersItemIdentification,
        StandardItemIdentification = (product?.Barcode is { } code && code.Length is 8 or (>= 12 and <= 14) && code.All(char.IsAsciiDigit) ? product.Barcode : null) ?? asked.StandardItemIdentification,
        Name = product?.Name ?? asked.Name,
    };

    private static string LineStatus(OdooOrder kept, LineRow line, bool unchanged) =>
        kept.Order.State == "cancel" ? "cancelled"
        : line.QtyInvoiced > 0 && line.QtyInvoiced >= line.ProductUomQty ? "invoiced"
        : line.QtyDelivered > 0 && line.QtyDelivered >= line.ProductUomQty ? "shipped"
        : line.QtyDelivered > 0 ? "partiallyShipped"
        : !unchanged ? "changed"
        : kept.Order.State == "sale" ? "released"
        : "accepted";

    private static Totals TotalsOf(OdooOrder kept)
    {
        var (untaxed, total) = (Amount(kept, kept.Order.AmountUntaxed), Amount(kept, kept.Order.AmountTotal));
        return new Totals(untaxed, untaxed, total, total);
    }

    private static decimal Round(OdooOrder kept, decimal amount) => Math.Round(amount, kept.Currency.Decimals, MidpointRounding.AwayFromZero);

    private static string Amount(OdooOrder kept, decimal amount) => Round(kept, amount).ToString("F" + kept.Currency.Decimals, CultureInfo.InvariantCulture);

    private static string Price(OdooOrder kept, decimal price) =>
        price.ToString("0." + new string('0', kept.Currency.Decimals) + new string('#', 10 - kept.Currency.Decimals), CultureInfo.InvariantCulture).TrimEnd('.');

    private static decimal Normal(decimal value) => value / 1.000000000000000000000000000000000m;
}
