using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Partners;

/// <summary>
/// What a customer will owe by confirmed orders, with taxes: what is delivered, or is to be billed by what was ordered, and has no invoice yet, and what is
/// still to be delivered. Ordered less invoiced would count for ever what was credited after it came back, and the rest of what was closed short.
/// </summary>
/// <param name="Lines">Lines that have an amount, with the ids of its currencies.</param>
internal sealed record OpenOrders(IReadOnlyList<(int? Currency, decimal Amount)> Lines)
{
    private static readonly string[] Fields =
        ["product_uom_id", "product_uom_qty", "qty_delivered_method", "qty_delivered", "qty_invoiced", "qty_to_invoice", "price_total", "currency_id"];

    public decimal Of(Currency currency) => Lines.Where(line => line.Currency == currency.Id).Sum(line => line.Amount);

    public bool InOthersThan(Currency currency) => Lines.Any(line => line.Currency != currency.Id);

    /// <param name="partner">Database id of the company that answers for the customer.</param>
    public static async ValueTask<Lookup<OpenOrders>> ReadAsync(OdooSession odoo, int partner)
    {
        var lines = await odoo.SearchAsync("sale.order.line",
            [Is("order_partner_id.commercial_partner_id", partner), Is("company_id", odoo.Company), In("state", ["sale", "done"])], Fields);
        if (!lines.Done)
            return lines;
        JsonElement[] rows = [.. lines.Value.EnumerateArray()];
        var moves = await OpenMovesAsync(odoo, [.. rows.Where(line => IsMoved(line) && NotDelivered(line) > 0).Select(line => line.Id("id")!.Value)]);
        return moves.Failure is { } failure ? failure
            : new OpenOrders([.. rows.Select(line => (Currency: line.Id("currency_id"), Amount: AmountOf(line, moves.Value!))).Where(line => line.Amount != 0)]);
    }

    /// <summary>Moves that are still to bring goods nearer to the customer, by the order line.</summary>
    private static async ValueTask<Lookup<ILookup<int?, JsonElement>>> OpenMovesAsync(OdooSession odoo, int[] lines)
    {
        if (lines.Length == 0)
            return new Lookup<ILookup<int?, JsonElement>>(Array.Empty<JsonElement>().ToLookup(move => move.Id("sale_line_id")), null);
        var moves = await odoo.SearchAsync("stock.move",
            [In("sale_line_id", lines), (object[])["state", "not in", (string[])["done", "cancel"]], (object[])["location_id.usage", "!=", "customer"]],
            ["sale_line_id", "product_uom_qty", "product_uom"]);
        return moves.Done ? new Lookup<ILookup<int?, JsonElement>>(moves.Value.EnumerateArray().ToLookup(move => move.Id("sale_line_id")), null) : moves;
    }

    private static bool IsMoved(JsonElement line) => line.Text("qty_delivered_method") == "stock_move";

    private static decimal NotDelivered(JsonElement line) => Math.Max(0, line.Amount("product_uom_qty") - line.Amount("qty_delivered"));

    private static decimal AmountOf(JsonElement line, ILookup<int?, JsonElement> moves)
    {
        if (line.Amount("product_uom_qty") is not (not 0 and var ordered))
            return 0;
        var delivered = line.Amount("qty_delivered") + ToCome(line, [.. moves[line.Id("id")]]) - line.Amount("qty_invoiced");
        return line.Amount("price_total") * Math.Max(0, Math.Max(delivered, line.Amount("qty_to_invoice"))) / ordered;
    }

    /// <summary>
    /// In the line's unit. A delivery in several steps has several moves for the same goods, and one of a kit moves its parts: never more than is not
    /// delivered, and all of that where moves count in another unit.
    /// </summary>
    private static decimal ToCome(JsonElement line, JsonElement[] moves)
    {
        var left = NotDelivered(line);
        if (!IsMoved(line))
            return left;
        return moves.Length > 0 && !Array.TrueForAll(moves, move => move.Id("product_uom") == line.Id("product_uom_id"))
            ? left
            : Math.Min(left, moves.Sum(move => move.Amount("product_uom_qty")));
    }
}
