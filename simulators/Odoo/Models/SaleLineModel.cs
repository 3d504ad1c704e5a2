using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Lines of sales orders: prices, taxes, and what became of the quantity.</summary>
internal static class SaleLineModel
{
    public static readonly Model Lines = new("sale.order.line", "Sales Order Line",
        Many2One("order_id", "Order Reference", "sale.order").Required(),
        Many2One("order_partner_id", "Customer", "res.partner").ReadOnly()
            .By((session, row) => OfOrder(session, row, "partner_id")),
        Integer("sequence", "Sequence").Initially(10),
        Selection("display_type", "Display Type", ("line_section", "Section"), ("line_subsection", "Subsection"),
            ("line_note", "Note")),
        Many2One("product_id", "Product", "product.product"),
        Many2One("product_template_id", "Product Template", "product.template").NotStored().By((session, row) =>
            session.Follow(row, "product_id") is { } product ? session.Get(product, "product_tmpl_id") : null),
        Text("name", "Description").Required(),
        Float("product_uom_qty", "Quantity").Required().Initially(1m),
        Many2One("product_uom_id", "Unit", "uom.uom"),
        Float("price_unit", "Unit Price").Required(),
        Float("technical_price_unit", "Technical Price Unit"),
        Float("discount", "Discount (%)").Initially(0m),
        Many2Many("tax_ids", "Taxes", "account.tax"),
        Monetary("price_subtotal", "Subtotal").ReadOnly().By((session, row) => Subtotal(session, row)),
        Float("price_tax", "Total Tax").ReadOnly().By((session, row) => Tax(session, row)),
        Monetary("price_total", "Total").ReadOnly().By((session, row) => Subtotal(session, row) + Tax(session, row)),
        Boolean("is_downpayment", "Is a down payment").Initially(false),
        Selection("qty_delivered_method", "Method to update delivered qty", ("manual", "Manual"), ("analytic", "Analytic From Expenses"),
            ("stock_move", "Stock Moves")).ReadOnly().By((session, row) =>
            session.Follow(row, "product_id") is { } product ? session.Text(product, "type") == "consu" ? "stock_move" : "manual" : null),
        Float("qty_delivered", "Delivery Quantity").By((session, row) => Delivered(session, row)),
        Float("qty_invoiced", "Invoiced Quantity").ReadOnly().By((session, row) => InvoiceModels.Invoiced(session, row)),
        Float("qty_to_invoice", "Quantity To Invoice").ReadOnly().By((session, row) => ToInvoice(session, row)),
        Float("qty_to_deliver", "Qty To Deliver").ReadOnly().NotStored()
            .By((session, row) => session.Number(row, "product_uom_qty") - Delivered(session, row)),
        Selection("invoice_status", "Invoice Status", SaleModels.InvoiceStates).ReadOnly()
            .By((session, row) => InvoiceStatus(session, row)),
        Float("customer_lead", "Lead Time").Required().Initially(0m),
        One2Many("move_ids", "Stock Moves", "stock.move", "sale_line_id"),
        Many2Many("invoice_lines", "Invoice Lines", "account.move.line")
            .By((session, row) => InvoiceModels.LinesOf(session, row)),
        Many2One("warehouse_id", "Warehouse", "stock.warehouse").ReadOnly()
            .By((session, row) => OfOrder(session, row, "warehouse_id")),
        Selection("state", "Order Status", SaleModels.States).ReadOnly().By((session, row) => OfOrder(session, row, "state")),
        Many2One("currency_id", "Currency", "res.currency").ReadOnly().By((session, row) => OfOrder(session, row, "currency_id")),
        Many2One("company_id", "Company", "res.company").ReadOnly().By((session, row) => OfOrder(session, row, "company_id")))
    {
        Order = "order_id,sequence,id",
        OnlyFor = SaleModels.Groups,
        Display = DisplayName,
        Creating = Complete,
        Changed = Follow,
    };

    private static void Complete(Session session, Row line)
    {
        if (session.Follow(line, "product_id") is not { } product)
        {
            if (session.Get(line, "price_unit") is null)
                session.Set(line, "price_unit", 0m);
            return;
        }
        if (session.Get(line, "name") is null)
            session.Set(line, "name", Description(session, product));
        if (session.Get(line, "product_uom_id") is null)
            session.Set(line, "product_uom_id", session.Get(product, "uom_id"));
        if (session.Ids(line, "tax_ids").Length == 0)
            session.Set(line, "tax_ids", session.Ids(product, "taxes_id"));
        if (session.Get(line, "price_unit") is null)
            session.Set(line, "price_unit", ListPrice(session, line, product));
        if (session.Get(line, "technical_price_unit") is null)
            session.Set(line, "technical_price_unit", session.Number(line, "price_unit"));
    }

    /// <summary>
    /// A change of quantity without a price recomputes the price, unless it was told apart from the list price before
    /// by a technical price that differs from it: an agreed price given at creation is lost.
    /// </summary>
    private static void Follow(Session session, Row line, IReadOnlySet<string> written)
    {
        if (session.Follow(line, "order_id") is { } order)
            session.Touch(order);
        var created = written.Contains("order_id");
        if (created || written.Contains("product_uom_qty"))
            Procurement.Follow(session, line);
        if (created || written.Contains("price_unit") || !(written.Contains("product_uom_qty") || written.Contains("product_id")))
            return;
        if (session.Follow(line, "product_id") is { } product
            && session.Number(line, "technical_price_unit") == session.Number(line, "price_unit"))
        {
            var price = ListPrice(session, line, product);
            session.Set(line, "price_unit", price);
            session.Set(line, "technical_price_unit", price);
        }
    }

    private static decimal ListPrice(Session session, Row line, Row product)
    {
        var pricelist = session.Follow(line, "order_id") is { } order ? session.Follow(order, "pricelist_id") : null;
        return session.PriceOf(product, pricelist, session.Number(line, "product_uom_qty"));
    }

    private static string Description(Session session, Row product)
    {
        var name = product.Model.Display(session, product);
        return session.Text(product, "description_sale") is { } more ? $"{name}\n{more}" : name;
    }

    private static string DisplayName(Session session, Row line)
    {
        var order = session.Follow(line, "order_id")!;
        var name = $"{session.Text(order, "name")} - {session.Text(line, "name")?.Split('\n')[0]}";
        return session.Follow(order, "partner_id") is { } partner && session.Text(partner, "ref") is { } reference
            ? $"{name} ({reference})" : name;
    }

    private static object? OfOrder(Session session, Row line, string name) =>
        session.Follow(line, "order_id") is { } order ? session.Get(order, name) : null;

    private static decimal Subtotal(Session session, Row line) => session.Round(session.Follow(line, "currency_id"),
        session.Number(line, "product_uom_qty") * session.Number(line, "price_unit")
        * (1 - session.Number(line, "discount") / 100));

    private static decimal Tax(Session session, Row line) => session.FollowAll(line, "tax_ids").Sum(tax =>
        session.Round(session.Follow(line, "currency_id"), Subtotal(session, line) * session.Number(tax, "amount") / 100));

    /// <summary>What was moved to the customer, less what came back to be refunded.</summary>
    private static decimal Delivered(Session session, Row line) => session.FollowAll(line, "move_ids")
        .Where(move => session.Text(move, "state") == "done")
        .Sum(move => Procurement.IsDelivery(session, move) ? session.Number(move, "quantity")
            : session.Is(move, "to_refund") ? -session.Number(move, "quantity") : 0);

    private static decimal ToInvoice(Session session, Row line)
    {
        if (session.Text(line, "state") != "sale")
            return 0;
        var byOrder = session.Follow(line, "product_id") is { } product && session.Text(product, "invoice_policy") == "order";
        var owed = byOrder ? session.Number(line, "product_uom_qty") : Delivered(session, line);
        return owed - InvoiceModels.Invoiced(session, line);
    }

    private static object InvoiceStatus(Session session, Row line)
    {
        if (session.Text(line, "state") != "sale")
            return "no";
        if (ToInvoice(session, line) != 0)
            return "to invoice";
        return InvoiceModels.Invoiced(session, line) >= session.Number(line, "product_uom_qty") ? "invoiced" : "no";
    }
}
