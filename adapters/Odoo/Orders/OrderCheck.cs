using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>Compares what Odoo keeps with what it was sent: rounding, price lists, taxes inside prices and automation rules all change orders silently.</summary>
internal static class OrderCheck
{
    /// <summary>Every difference, in words for the operator; empty when the order is what was asked for.</summary>
    /// <param name="withOthers">Lines that were added in Odoo are no difference: the order has been there for a while.</param>
    public static IReadOnlyList<string> Differences(OrderInput asked, OrderRecord kept, bool withOthers = false)
    {
        var found = new List<string>();
        void Compare<T>(string what, T wanted, T? got, int? line = null)
        {
            if (!EqualityComparer<T>.Default.Equals(wanted, got))
                found.Add($"{(line is { } n ? $"orderLines/{n}: " : "")}{what} {Words(wanted)} became {Words(got)}");
        }

        Compare("currency", asked.Currency, kept.Currency.Code);
        if (asked.CommitmentDate is { } date)
            Compare("commitment date", date, kept.CommitmentDate);
        var byId = kept.Lines.Where(line => line.Id is not null).GroupBy(line => line.Id!, StringComparer.Ordinal).ToDictionary(lines => lines.Key, lines => lines.First(), StringComparer.Ordinal);
        var total = 0m;
        foreach (var (n, line) in asked.Lines.Index())
        {
            var price = OrderRows.PriceOfOne(line) ?? 0;
            var amount = kept.Currency.Round(price * line.ProductUomQty);
            total += amount;
            if (!byId.Remove(line.Id, out var row))
            {
                found.Add($"orderLines/{n} is gone");
                continue;
            }
            Compare("item", line.DefaultCode, row.Sku, n);
            Compare("unit", Units.NameOf(line.UnitCode), row.Unit is { } unit ? Units.NameOf(unit) : null, n);
            Compare("quantity", line.ProductUomQty, row.Quantity, n);
            Compare("price", price, row.Price, n);
            Compare("amount", amount, kept.Currency.Round(row.Subtotal), n);
        }
        found.AddRange(byId.Values.Where(line => line.Quantity != 0).Select(line => $"line '{line.Id}' is still there: {line.Sku} for {line.Subtotal.Plain()}"));
        var others = kept.Lines.Where(line => line.Id is null).ToArray();
        if (!withOthers)
            found.AddRange(others.Select(line => $"a line was added: {line.Sku} for {line.Subtotal.Plain()}"));
        Compare("untaxed total", total + (withOthers ? others.Sum(line => kept.Currency.Round(line.Subtotal)) : 0), kept.Currency.Round(kept.Untaxed));
        return found;
    }

    private static object? Words<T>(T value) => value is decimal figure ? figure.Plain() : value;
}
