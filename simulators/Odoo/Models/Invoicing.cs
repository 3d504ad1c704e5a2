using System.Text.Json.Nodes;
using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>From orders to invoices: the wizard, and posting.</summary>
internal static class Invoicing
{
    private const string NothingToInvoice =
        "Cannot create an invoice. No items are available to invoice.\n\nTo resolve this issue, please ensure that:\n"
        + "   \u2022 The products have been delivered before attempting to invoice them.\n"
        + "   \u2022 The invoicing policy of the product is configured correctly.\n\n"
        + "If you want to invoice based on ordered quantities instead:\n"
        + "   \u2022 For consumable or storable products, open the product, go to the 'General Information' tab and change the 'Invoicing Policy' from 'Delivered Quantities' to 'Ordered Quantities'.\n"
        + "   \u2022 For services (and other products), change the 'Invoicing Policy' to 'Prepaid/Fixed Price'.\n";

    public static readonly Model Wizard = new("sale.advance.payment.inv", "Sales Advance Payment Invoice",
        Selection("advance_payment_method", "Create Invoice", ("delivered", "Regular invoice"),
            ("percentage", "Down payment (percentage)"), ("fixed", "Down payment (fixed amount)"))
                .Required().Initially("delivered"),
        Many2Many("sale_order_ids", "Sale Order", "sale.order"))
    {
        Methods = [new("create_invoices", true, [], CreateInvoices)],
        Creating = (session, row) =>
        {
            if (session.Context["active_ids"] is JsonArray active)
                session.Set(row, "sale_order_ids", active.Select(id => id!.GetValue<int>()).ToArray());
        },
    };

    /// <summary><c>action_post</c>: numbers and dates the drafts. It answers <c>false</c> on success.</summary>
    public static JsonNode Post(Call call)
    {
        foreach (var move in call.Records)
        {
            if (call.Session.Text(move, "state") != "draft")
                throw OdooError.User($"The entry {call.Session.Text(move, "name")} (id {move.Id}) must be in draft.");
            if (call.Session.Number(move, "amount_total") < 0)
                throw OdooError.User("You cannot validate an invoice with a negative total amount. You should create a credit note instead.");
            var refund = call.Session.Text(move, "move_type") == "out_refund";
            var name = call.Session.Database.NextName($"{(refund ? "RINV" : "INV")}/{call.Session.Now.Year}/");
            call.Session.Set(move, "name", name);
            call.Session.Set(move, "state", "posted");
            if (call.Session.Get(move, "invoice_date") is null)
                call.Session.Set(move, "invoice_date", DateOnly.FromDateTime(call.Session.Now));
            if (!refund && call.Session.Get(move, "payment_reference") is null)
                call.Session.Set(move, "payment_reference", name);
        }
        return false;
    }

    /// <summary><c>action_switch_move_type</c>: makes a draft a credit note, or an invoice again. Quantities change their signs only where the total is below zero.</summary>
    public static JsonNode? Switch(Call call)
    {
        foreach (var move in call.Records)
        {
            if (call.Session.Text(move, "name") is not null)
                throw OdooError.Validation("You cannot switch the type of a document with an existing sequence number.");
            call.Session.Set(move, "move_type", call.Session.Text(move, "move_type") == "out_refund" ? "out_invoice" : "out_refund");
            if (call.Session.Number(move, "amount_total") < 0)
                foreach (var line in call.Session.FollowAll(move, "invoice_line_ids").ToArray())
                    call.Session.Set(line, "quantity", -call.Session.Number(line, "quantity"));
        }
        return null;
    }

    /// <summary>Until 16 there was a way to the credit note only.</summary>
    public static JsonNode? SwitchToCreditNote(Call call) => call.Records.All(move => call.Session.Text(move, "move_type") == "out_invoice")
        ? Switch(call)
        : throw OdooError.Validation("This action isn't available for this document.");

    /// <summary>Orders of one company, one invoice address and one currency are invoiced together, as <c>consolidated_billing</c> is on by default.</summary>
    private static JsonNode CreateInvoices(Call call)
    {
        var session = call.Session;
        var orders = call.Records.SelectMany(wizard => session.FollowAll(wizard, "sale_order_ids")).ToArray();
        var invoices = orders.GroupBy(order => (session.Get(order, "company_id"), session.Get(order, "partner_invoice_id"), session.Get(order, "currency_id")))
            .Select(together => Invoice(session, [.. together])).OfType<Row>().ToArray();
        return invoices.Length > 0 ? Action(session, orders[0], invoices) : throw OdooError.User(NothingToInvoice);
    }

    /// <summary>A draft over what is to invoice. Where more came back than was delivered since, it is a credit note, tied to no invoice.</summary>
    private static Row? Invoice(Session session, Row[] orders)
    {
        var lines = orders.SelectMany(order => session.FollowAll(order, "order_line"))
            .Select(line => (Line: line, Quantity: session.Number(line, "qty_to_invoice")))
            .Where(line => line.Quantity != 0).ToArray();
        if (lines.Length == 0)
            return null;
        var refund = lines.Sum(line => line.Quantity * session.Number(line.Line, "price_unit")) < 0;
        var billed = orders.Where(order => lines.Any(line => Equals(session.Get(line.Line, "order_id"), order.Id))).ToArray();
        var references = billed.Select(order => session.Text(order, "client_order_ref")).OfType<string>().Distinct().ToArray();
        var move = session.Create(InvoiceModels.Invoices, new Values
        {
            ["move_type"] = refund ? "out_refund" : "out_invoice",
            ["partner_id"] = session.Get(billed[0], "partner_invoice_id"),
            ["ref"] = references.Length > 0 ? string.Join(", ", references) : null,
            ["invoice_origin"] = string.Join(", ", billed.Select(order => session.Text(order, "name"))),
            ["currency_id"] = session.Get(billed[0], "currency_id"),
            ["company_id"] = session.Get(billed[0], "company_id"),
        });
        foreach (var (line, quantity) in lines)
        {
            var values = new Values { ["move_id"] = move.Id, ["quantity"] = refund ? -quantity : quantity };
            foreach (var name in new[] { "product_id", "name", "product_uom_id", "price_unit", "discount", "is_downpayment" })
                values[name] = session.Get(line, name);
            var made = session.Create(InvoiceModels.Lines, values);
            session.Set(made, "tax_ids", session.Ids(line, "tax_ids"));
            session.Set(made, InvoiceModels.OrderLine, line.Id);
        }
        return move;
    }

    private static JsonObject Action(Session session, Row order, Row[] invoices) => new()
    {
        ["id"] = 261,
        ["display_name"] = "Invoices",
        ["name"] = "Invoices",
        ["type"] = "ir.actions.act_window",
        ["xml_id"] = "account.action_move_out_invoice_type",
        ["path"] = "invoicing",
        ["binding_model_id"] = false,
        ["binding_type"] = "action",
        ["binding_view_types"] = "list,form",
        ["view_id"] = new JsonArray(737, "account.out.invoice.list"),
        ["domain"] = "[('move_type', 'in', ['out_invoice', 'out_refund', 'out_receipt'])]",
        ["context"] = new JsonObject
        {
            ["default_move_type"] = "out_invoice",
            ["default_partner_id"] = (int?)session.Get(order, "partner_id"),
            ["default_partner_shipping_id"] = (int?)session.Get(order, "partner_shipping_id"),
            ["default_invoice_payment_term_id"] = null,
        },
        ["res_id"] = invoices[0].Id,
        ["res_model"] = "account.move",
        ["target"] = "current",
        ["view_mode"] = "list,kanban,form,activity",
        ["mobile_view_mode"] = "kanban",
        ["views"] = new JsonArray(new JsonArray(743, "form"), new JsonArray(737, "list"), new JsonArray(false, "kanban"),
            new JsonArray(false, "activity")),
        ["limit"] = 80,
        ["group_ids"] = new JsonArray(),
        ["search_view_id"] = new JsonArray(746, "account.invoice.select"),
        ["embedded_action_ids"] = new JsonArray(),
        ["filter"] = false,
        ["cache"] = true,
    };
}
