using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>What may not be done any more to an order that others work on as well. Odoo itself takes most of it (README, trap 13).</summary>
internal static class OrderRules
{
    /// <summary>Why an order can't be cancelled; null where it can.</summary>
    public static OdooReply? AgainstCancelling(OrderRecord order) =>
        order.IsShipping ? OdooReply.Refused("Goods of this order have been shipped, so it can't be cancelled any more. What was shipped can be returned.")
        : order.IsInvoiced ? OdooReply.Refused("This order has been invoiced, so it can't be cancelled any more.")
        : order.IsLocked ? OdooReply.Refused("This order is locked, so it can't be cancelled any more.")
        : null;

    /// <summary>Why an order can't become what is asked; null where it can.</summary>
    public static OdooReply? AgainstChanging(OrderRecord order, OrderInput asked)
    {
        if (order.IsCancelled)
            return OdooReply.Refused("This order is cancelled, so it can't be changed any more. Place a new order.");
        if (order.IsLocked)
            return OdooReply.Refused("This order is locked, so it can't be changed any more.");
        if (order.Reference != asked.ClientOrderRef)
            return OdooReply.Refused("customerReference: the order has another; place a new order");
        if (order.Currency.Code != asked.Currency)
            return OdooReply.Refused($"documentCurrencyCode: the order is in {order.Currency.Code}; place a new order");
        var there = order.Lines.Where(line => line.Id is not null).DistinctBy(line => line.Id).ToDictionary(line => line.Id!, StringComparer.Ordinal);
        foreach (var (n, line) in asked.Lines.Index())
            if (there.Remove(line.Id, out var kept) && AgainstChanging(kept, line) is { } refused)
                return OdooReply.Refused($"orderLines/{n}{refused}");
        return there.Values.FirstOrDefault(line => Used(line) is not null) is { } left
            ? OdooReply.Refused($"orderLines: line '{left.Id}' can't be left out, for {Used(left)}")
            : null;
    }

    private static string? AgainstChanging(OrderRecord.Line kept, LineInput asked)
    {
        if (kept.Sku != asked.DefaultCode)
            return $"/item: line '{asked.Id}' is item '{kept.Sku}'; leave it out, and add a line with an id of its own";
        if (kept.Unit is null || Units.NameOf(kept.Unit) != Units.NameOf(asked.UnitCode))
            return $"/unitCode: line '{asked.Id}' is in unit '{kept.Unit}'; leave it out, and add a line with an id of its own";
        if (Used(kept) is not { } used)
            return null;
        return asked.ProductUomQty < Math.Max(kept.Delivered, kept.Invoiced) ? $"/quantity: it can't be less, for {used}"
            : OrderRows.PriceOfOne(asked) != kept.Price ? $"/price: it can't be another, for {used}"
            : null;
    }

    /// <summary>What can't be undone of a line by a change; null where nothing has happened yet.</summary>
    private static string? Used(OrderRecord.Line line) =>
        line.Delivered > 0 ? $"{line.Delivered.Plain()} of it have been shipped"
        : line.Invoiced > 0 ? $"{line.Invoiced.Plain()} of it have been invoiced"
        : null;
}
