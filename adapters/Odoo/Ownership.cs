namespace Gateway.Adapters.Odoo;

/// <summary>Whose a sales order is: a partner's, if it may order for the customer, or for the company that the customer is a contact of.</summary>
internal static class Ownership
{
    /// <summary>What to read of an order's <c>partner_id</c>.</summary>
    public static Reading Customer { get; } = new Reading("res.partner", "ref").Into("commercial_partner_id", new Reading("res.partner", "ref"));

    /// <param name="order">Read with <c>partner_id</c>, and of it <see cref="Customer"/>.</param>
    public static bool IsOf(Found? order, Partner partner) =>
        order?.To("partner_id") is { } customer
        && (Knows(partner, customer.Text("ref")) || Knows(partner, customer.To("commercial_partner_id")?.Text("ref")));

    private static bool Knows(Partner partner, string? reference) => reference is not null && partner.Buyers.Contains(reference);
}
