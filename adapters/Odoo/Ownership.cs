namespace Gateway.Adapters.Odoo;

/// <summary>Whose a sales order is: a partner's, if it may order for the customer, or for the company that the customer is a contact of.</summary>
internal static class Ownership
{
    /// <param name="order">Read with <c>partner_id</c>, and of it <c>ref</c> and <c>commercial_partner_id</c>.</param>
    public static bool IsOf(Found? order, Partner partner) =>
        order?.To("partner_id") is { } customer
        && (Knows(partner, customer.Text("ref")) || Knows(partner, customer.To("commercial_partner_id")?.Text("ref")));

    private static bool Knows(Partner partner, string? reference) => reference is not null && partner.Buyers.Contains(reference);
}
