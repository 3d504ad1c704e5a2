using System.Text.Json.Nodes;
using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Sales orders: quotation, confirmation, cancellation.</summary>
internal static class SaleModels
{
    public static readonly string[] Groups =
        ["Accounting/Invoicing", "Inventory/User", "Sales/Administrator", "Sales/User: Own Documents Only", "Role / Portal",
            "Show Accounting Features - Readonly", "Show Full Accounting Features"];

    public static readonly (string, string)[] States =
        [("draft", "Quotation"), ("sent", "Quotation Sent"), ("sale", "Sales Order"), ("cancel", "Cancelled")];

    public static readonly (string, string)[] InvoiceStates =
        [("upselling", "Upselling Opportunity"), ("invoiced", "Fully Invoiced"), ("to invoice", "To Invoice"),
            ("no", "Nothing to Invoice")];

    public static readonly Model Taxes = new("account.tax", "Tax",
        Char("name", "Tax Name").Required(),
        Selection("amount_type", "Tax Computation", ("group", "Group of Taxes"), ("fixed", "Fixed"), ("percent", "Percentage"),
            ("division", "Percentage Tax Included")).Required().Initially("percent"),
        Float("amount", "Amount").Required(),
        Boolean("price_include", "Included in Price").ReadOnly().By((_, _) => false),
        Boolean("active", "Active").Initially(true));

    public static readonly Model Orders = new("sale.order", "Sales Order",
        Char("name", "Order Reference").Required().Initially(session => session.Database.NextName("S")),
        Selection("state", "Status", States).ReadOnly().Initially("draft"),
        Boolean("locked", "Locked").Initially(false),
        Char("client_order_ref", "Customer Reference"),
        Char("origin", "Source Document"),
        Char("reference", "Payment Ref."),
        Many2One("partner_id", "Customer", "res.partner").Required(),
        Many2One("partner_invoice_id", "Invoice Address", "res.partner").Required(),
        Many2One("partner_shipping_id", "Delivery Address", "res.partner").Required(),
        Datetime("date_order", "Order Date").Required().Initially(session => session.Now),
        Datetime("commitment_date", "Delivery Date"),
        Datetime("expected_date", "Expected Date").ReadOnly().NotStored().By((session, row) => session.Get(row, "date_order")),
        Date("validity_date", "Expiration").Initially(session => DateOnly.FromDateTime(session.Now.AddDays(30))),
        Datetime("effective_date", "Effective Date").ReadOnly().By((session, row) =>
            session.FollowAll(row, "picking_ids").Select(picking => session.Get(picking, "date_done"))
                .FirstOrDefault(done => done is not null)),
        Many2One("currency_id", "Currency", "res.currency").ReadOnly(),
        Many2One("pricelist_id", "Pricelist", "product.pricelist"),
        Many2One("payment_term_id", "Payment Terms", "account.payment.term"),
        Many2One("fiscal_position_id", "Fiscal Position", "account.fiscal.position"),
        Many2One("warehouse_id", "Warehouse", "stock.warehouse").Initially(1),
        Selection("picking_policy", "Shipping Policy", ("direct", "As soon as possible"), ("one", "When all products are ready"))
            .Required().Initially("direct"),
        Many2One("carrier_id", "Delivery Method", "delivery.carrier"),
        Many2One("incoterm", "Incoterm", "account.incoterms"),
        Many2One("company_id", "Company", "res.company").Required().Initially(session => session.Company),
        Many2One("user_id", "Salesperson", "res.users").Initially(session => session.User),
        Many2One("team_id", "Sales Team", "crm.team"),
        Html("note", "Terms and conditions"),
        Monetary("amount_untaxed", "Untaxed Amount").ReadOnly().By((session, row) => Sum(session, row, "price_subtotal")),
        Monetary("amount_tax", "Taxes").ReadOnly().By((session, row) => Sum(session, row, "price_tax")),
        Monetary("amount_total", "Total").ReadOnly().By((session, row) => Sum(session, row, "price_total")),
        Selection("invoice_status", "Invoice Status", InvoiceStates).ReadOnly().By((session, row) => InvoiceStatus(session, row)),
        Selection("delivery_status", "Delivery Status", ("pending", "Not Delivered"), ("started", "Started"),
            ("partial", "Partially Delivered"), ("full", "Fully Delivered")).ReadOnly()
            .By((session, row) => DeliveryStatus(session, row)),
        Integer("delivery_count", "Delivery Orders").ReadOnly().NotStored()
            .By((session, row) => session.Ids(row, "picking_ids").Length),
        Integer("invoice_count", "Invoice Count").ReadOnly().NotStored()
            .By((session, row) => session.Ids(row, "invoice_ids").Length),
        One2Many("picking_ids", "Transfers", "stock.picking", "sale_id"),
        Many2Many("invoice_ids", "Invoices", "account.move").ReadOnly().NotStored()
            .By((session, row) => InvoiceModels.OfOrder(session, row)),
        One2Many("order_line", "Order Lines", "sale.order.line", "order_id"),
        Many2Many("tag_ids", "Tags", "crm.tag"),
        Datetime("create_date", "Creation Date").ReadOnly().By((_, row) => row.CreatedAt))
    {
        Order = "date_order desc,id desc",
        Indexed = ["client_order_ref", "name"],
        OnlyFor = Groups,
        Creating = Complete,
        Deleting = RefuseIfRunning,
        Methods = [new("action_confirm", true, [], Confirm), new("action_cancel", true, [], Cancel)],
    };

    /// <summary>A partner's addresses and price list, and from that the currency, where the order names none.</summary>
    private static void Complete(Session session, Row order)
    {
        if (session.Follow(order, "partner_id") is { } partner)
        {
            Default("partner_invoice_id", session.AddressOf(partner, "invoice"));
            Default("partner_shipping_id", session.AddressOf(partner, "delivery"));
            Default("pricelist_id", session.Get(partner, "property_product_pricelist"));
            Default("payment_term_id", session.Get(partner, "property_payment_term_id"));
        }
        Default("currency_id", session.Follow(order, "pricelist_id") is { } list
            ? session.Get(list, "currency_id")
            : session.Get(session.Follow(order, "company_id")!, "currency_id"));

        void Default(string name, object? value)
        {
            if (session.Get(order, name) is null && value is not null)
                session.Set(order, name, value);
        }
    }

    private static JsonNode Confirm(Call call)
    {
        var orders = call.Records;
        if (orders.Any(order => call.Session.Text(order, "state") is not ("draft" or "sent")))
            throw OdooError.User("Some orders are not in a state requiring confirmation.");
        foreach (var order in orders)
        {
            call.Session.Set(order, "state", "sale");
            call.Session.Set(order, "date_order", call.Session.Now);
            Delivery.Plan(call.Session, order);
        }
        return true;
    }

    /// <summary>Cancels even what has been shipped and invoiced; only open transfers are cancelled with it.</summary>
    private static JsonNode Cancel(Call call)
    {
        foreach (var order in call.Records)
        {
            if (call.Session.Is(order, "locked"))
                throw OdooError.User("You cannot cancel a locked order. Please unlock it first.");
            foreach (var picking in call.Session.FollowAll(order, "picking_ids"))
                Delivery.Cancel(call.Session, picking);
            call.Session.Set(order, "state", "cancel");
        }
        return true;
    }

    private static void RefuseIfRunning(Session session, Row order)
    {
        if (session.Text(order, "state") is not ("draft" or "cancel"))
            throw OdooError.User("You can not delete a sent quotation or a confirmed sales order. You must first cancel it.");
        foreach (var line in session.FollowAll(order, "order_line"))
            session.Remove(line);
    }

    private static object Sum(Session session, Row order, string name) =>
        session.FollowAll(order, "order_line").Sum(line => session.Number(line, name));

    private static object InvoiceStatus(Session session, Row order)
    {
        if (session.Text(order, "state") != "sale")
            return "no";
        var lines = session.FollowAll(order, "order_line").Select(line => session.Text(line, "invoice_status")).ToArray();
        if (lines.Contains("to invoice"))
            return "to invoice";
        return lines.Length > 0 && lines.All(status => status == "invoiced") ? "invoiced" : "no";
    }

    private static object? DeliveryStatus(Session session, Row order)
    {
        var states = session.FollowAll(order, "picking_ids").Select(picking => session.Text(picking, "state")).ToArray();
        if (states.All(state => state == "cancel"))
            return null;
        if (states.All(state => state is "done" or "cancel"))
            return "full";
        if (!states.Contains("done"))
            return "pending";
        var delivered = session.FollowAll(order, "order_line").Any(line => session.Number(line, "qty_delivered") > 0);
        return delivered ? "partial" : "started";
    }
}
