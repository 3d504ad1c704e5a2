using Gateway.Simulators.Odoo;
using Gateway.Simulators.Odoo.Models;

namespace Gateway.Simulators;

/// <summary>A transfer as a test looks at it.</summary>
/// <param name="Id">Database id.</param>
/// <param name="Name"><c>WH/OUT/00001</c>.</param>
/// <param name="State"><c>assigned</c>, <c>done</c>, <c>cancel</c> …</param>
/// <param name="Origin">Where it comes from, in words.</param>
/// <param name="OrderId">The sales order.</param>
/// <param name="ReturnOf">The delivery that it brings back; null where it is none.</param>
public sealed record SimulatedTransfer(int Id, string Name, string State, string? Origin, int? OrderId, int? ReturnOf);

/// <summary>An invoice or a credit note as a test looks at it.</summary>
/// <param name="Id">Database id.</param>
/// <param name="Type"><c>out_invoice</c> or <c>out_refund</c>.</param>
/// <param name="State"><c>draft</c> or <c>posted</c>.</param>
/// <param name="Origin">Where it comes from, in words.</param>
/// <param name="Quantity">Of all its lines together, each in its unit.</param>
public sealed record SimulatedBill(int Id, string Type, string State, string? Origin, decimal Quantity)
{
    /// <summary>Its amount without tax, in its own currency.</summary>
    public decimal Untaxed { get; init; }
}

/// <summary>A correction of stock as a test looks at it.</summary>
/// <param name="Reference">What it is called, and who is named as who counted.</param>
/// <param name="Difference">Below zero: less is there.</param>
public sealed record SimulatedAdjustment(string Reference, string Sku, decimal Difference);

/// <summary>What became of the orders.</summary>
public sealed partial class OdooSimulator
{
    /// <summary>All transfers, oldest first.</summary>
    public IReadOnlyList<SimulatedTransfer> Transfers => Looked(session => session.All("stock.picking").Select(row => new SimulatedTransfer(
        row.Id, session.Text(row, "name")!, session.Text(row, "state")!, session.Text(row, "origin"),
        (int?)session.Get(row, "sale_id"), (int?)session.Get(row, "return_id"))));

    /// <summary>All invoices and credit notes, oldest first.</summary>
    public IReadOnlyList<SimulatedBill> Bills => Looked(session => session.All("account.move").Select(row => new SimulatedBill(
        row.Id, session.Text(row, "move_type")!, session.Text(row, "state")!, session.Text(row, "invoice_origin"),
        session.FollowAll(row, "invoice_line_ids").Sum(line => session.Number(line, "quantity")))
    { Untaxed = session.Number(row, "amount_untaxed") }));

    /// <summary>All corrections of stock that are booked, oldest first.</summary>
    public IReadOnlyList<SimulatedAdjustment> Adjustments => Looked(session => session.All("stock.move").Where(row => session.Is(row, "is_inventory")).Select(row => new SimulatedAdjustment(
        session.Text(row, "reference") ?? "", session.Text(session.Follow(row, "product_id")!, "default_code")!,
        session.Text(session.Follow(row, "location_dest_id")!, "usage") == "inventory" ? -session.Number(row, "quantity") : session.Number(row, "quantity"))));

    /// <summary>What lies of a product in a warehouse's stock location.</summary>
    public decimal OnHand(string sku, string warehouse) => Looked<decimal>(session =>
    {
        var product = session.All("product.product").First(row => session.Text(row, "default_code") == sku);
        var place = session.All("stock.warehouse").First(row => session.Text(row, "code") == warehouse);
        return [StockModels.QuantIfAny(session, product.Id, (int)session.Get(place, "lot_stock_id")!) is { } quant ? session.Number(quant, "quantity") : 0m];
    })[0];

    private IReadOnlyList<T> Looked<T>(Func<Session, IEnumerable<T>> look) => Locked(() => (IReadOnlyList<T>)[.. look(NewSession())]);
}
