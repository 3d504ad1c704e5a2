using System.Text.Json.Nodes;
using static Gateway.Simulators.Odoo.Field;

namespace Gateway.Simulators.Odoo.Models;

/// <summary>Customers and their addresses.</summary>
internal static class PartnerModel
{
    public static readonly Model Partners = new("res.partner", "Contact",
        Char("name", "Name"),
        Char("complete_name", "Complete Name").ReadOnly().By((session, row) => DisplayName(session, row)),
        Boolean("is_company", "Is a Company").Initially(false),
        Selection("company_type", "Company Type", ("person", "Person"), ("company", "Company")).NotStored()
            .By((session, row) => session.Is(row, "is_company") ? "company" : "person"),
        Many2One("parent_id", "Related Company", "res.partner"),
        One2Many("child_ids", "Contact", "res.partner", "parent_id"),
        Selection("type", "Address Type", ("contact", "Contact"), ("invoice", "Invoice"), ("delivery", "Delivery"),
            ("other", "Other")).Initially("contact"),
        Char("ref", "Reference"),
        Char("vat", "Tax ID"),
        Char("street", "Street"),
        Char("street2", "Street2"),
        Char("city", "City"),
        Char("zip", "Zip"),
        Many2One("state_id", "State", "res.country.state"),
        Many2One("country_id", "Country", "res.country"),
        Char("country_code", "Country Code").ReadOnly().NotStored()
            .By((session, row) => session.Follow(row, "country_id") is { } country ? session.Text(country, "code") : null),
        Char("email", "Email"),
        Char("phone", "Phone"),
        Char("website", "Website Link"),
        Selection("lang", "Language", ("en_US", "English (US)")).Initially("en_US"),
        Html("comment", "Notes"),
        Monetary("credit", "Total Receivable").ReadOnly().NotStored().By((session, row) => Credit(session, row)),
        Float("credit_limit", "Credit Limit"),
        Boolean("use_partner_credit_limit", "Partner Limit").NotStored().Initially(false),
        Many2One("property_payment_term_id", "Customer Payment Terms", "account.payment.term"),
        Many2One("property_product_pricelist", "Pricelist", "product.pricelist").NotStored(),
        Integer("customer_rank", "Customer Rank"),
        Integer("supplier_rank", "Supplier Rank"),
        Many2Many("category_id", "Tags", "res.partner.category"),
        Many2One("user_id", "Salesperson", "res.users"),
        Char("barcode", "Barcode"),
        Char("global_location_number", "GLN"),
        Many2One("commercial_partner_id", "Commercial Entity", "res.partner").ReadOnly()
            .By((session, row) => Commercial(session, row).Id),
        Many2One("company_id", "Company", "res.company"),
        Selection("tz", "Timezone", ("UTC", "UTC"), ("Europe/Berlin", "Europe/Berlin"), ("Europe/Brussels", "Europe/Brussels"),
            ("Europe/Paris", "Europe/Paris")),
        Boolean("active", "Active").Initially(true))
    {
        Order = "complete_name,id desc",
        Indexed = ["ref"],
        Display = DisplayName,
        Methods = [new("address_get", true, ["adr_pref?"], AddressGet)],
        Changed = (session, row, _) =>
        {
            if (session.Text(row, "name") is null or "" && session.Text(row, "type") == "contact")
                throw OdooError.Validation("The operation cannot be completed: Contacts require a name");
        },
    };

    /// <summary>The address of a kind for a partner: its own child of that kind, else the partner.</summary>
    public static int AddressOf(this Session session, Row partner, string type) =>
        session.FollowAll(partner, "child_ids")
            .FirstOrDefault(child => session.Text(child, "type") == type && session.Is(child, "active"))?.Id ?? partner.Id;

    /// <summary>Addresses by their kinds; <c>contact</c> is always among them.</summary>
    private static JsonNode AddressGet(Call call)
    {
        var partner = call.Records[0];
        var addresses = new JsonObject { ["contact"] = partner.Id };
        foreach (var kind in call.Names("adr_pref") ?? [])
            if (kind != "contact")
                addresses[kind] = call.Session.AddressOf(partner, kind);
        return addresses;
    }

    private static string DisplayName(Session session, Row row)
    {
        var name = session.Text(row, "name") ?? "";
        if (session.Follow(row, "parent_id") is not { } parent || session.Is(row, "is_company"))
            return name;
        var type = row.Model.Fields["type"].Choices.FirstOrDefault(choice => choice.Value == session.Text(row, "type")).Label;
        return $"{DisplayName(session, parent)}, {(name.Length > 0 ? name : type + " Address")}";
    }

    private static Row Commercial(Session session, Row row) =>
        session.Is(row, "is_company") || session.Follow(row, "parent_id") is not { } parent ? row : Commercial(session, parent);

    /// <summary>What the partner owes the company that asks: its posted invoices less its credit notes.</summary>
    private static object Credit(Session session, Row partner) => session.Where("account.move", "partner_id", partner.Id)
        .Where(move => session.Text(move, "state") == "posted" && Equals(session.Get(move, "company_id"), session.Company))
        .Sum(move => session.Text(move, "move_type") == "out_refund" ? -session.Number(move, "amount_total")
            : session.Number(move, "amount_total"));
}
