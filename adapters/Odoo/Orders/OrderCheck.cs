using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>Compares what Odoo keeps with what it was sent: rounding, price lists, taxes inside prices and automation rules all change orders silently.</summary>
internal static class OrderCheck
{
    /// <summary>Every difference, in words for the operator; empty when the order is what was asked for.</summary>
    public static IReadOnlyList<string> Differences(OrderInput asked, OrderRecord kept)
    {
        var found = new List<string>();
        void Compare<T>(string what, T wanted, T? got)
        {
            if (!EqualityComparer<T>.Default.Equals(wanted, got))
                found.Add($"{what} {wanted} became {got}");
        }

        Compare("currency", asked.Currency, kept.Currency.Code);
        if (asked.CommitmentDate is { } date)
            Compare("commitment date", date, kept.CommitmentDate);
        var byPosition = kept.Lines.Where(line => line.Position is not null).GroupBy(line => line.Position!.Value).ToDictionary(lines => lines.Key, lines => lines.First());
        var total = 0m;
        foreach (var (n, line) in asked.Lines.Index())
        {
            var price = OrderRows.PriceOfOne(line) ?? 0;
            var amount = kept.Currency.Round(price * line.ProductUomQty);
            total += amount;
            if (!byPosition.TryGetValue(n + 1, out var row))
            {
                found.Add($"orderLines/{n} is gone");
                continue;
            }
            Compare($"orderLines/{n}: item", line.DefaultCode, row.Sku);
            Compare($"orderLines/{n}: unit", Units.NameOf(line.UnitCode), row.Unit is { } unit ? Units.NameOf(unit) : null);
            Compare($"orderLines/{n}: quantity", line.ProductUomQty.Plain(), row.Quantity.Plain());
            Compare($"orderLines/{n}: price", price.Plain(), row.Price.Plain());
            Compare($"orderLines/{n}: amount", amount.Plain(), kept.Currency.Round(row.Subtotal).Plain());
        }
        foreach (var line in kept.Lines.Where(line => line.Position is null))
            found.Add($"a line was added: {line.Sku} for {line.Subtotal.Plain()}");
        Compare("untaxed total", total.Plain(), kept.Currency.Round(kept.Untaxed).Plain());
        return found;
    }
}
