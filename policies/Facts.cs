using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Jsonata;
using Gateway.Policies.Authorize;

namespace Gateway.Policies;

/// <summary>Partners and consumers as mappings and conditions see them, made once each.</summary>
internal static class Facts
{
    private static readonly ConditionalWeakTable<Partner, JsonDocument> Partners = [];
    private static readonly ConditionalWeakTable<Consumer, JsonDocument> Consumers = [];

    /// <summary>What somebody has not is missing, as everywhere in JSONata; a null would exist.</summary>
    private static readonly JsonSerializerOptions LeftOut = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary><c>{ name, displayName, tier, buyers, company, companies: [{ name, id }], warehouse, warehouses, invoicing }</c>; the company is the id of the first.</summary>
    public static JsonElement Of(Partner partner) => Partners.GetValue(partner, p => JsonSerializer.SerializeToDocument(new
    {
        name = p.Name,
        displayName = p.DisplayName,
        tier = p.Tier,
        buyers = p.Buyers,
        company = p.Companies.Count > 0 ? p.Companies[0].Id : (int?)null,
        companies = p.Companies.Select(c => new { name = c.Name, id = c.Id }),
        warehouse = p.Warehouse,
        warehouses = p.Warehouses,
        invoicing = p.Invoicing.ToString().ToLowerInvariant(),
    }, LeftOut)).RootElement;

    /// <summary><c>{ name, kind, location, roles, scopes }</c>; roles and scopes are those that the caller's credentials leave it.</summary>
    public static JsonElement Of(Consumer consumer) => Consumers.GetValue(consumer, c => JsonSerializer.SerializeToDocument(new
    {
        name = c.Name,
        kind = c.Kind.ToString().ToLowerInvariant(),
        location = c.Location,
        roles = c.Roles.Select(r => r.Name),
        scopes = c.Scopes.Order(StringComparer.Ordinal),
    }, LeftOut)).RootElement;

    /// <summary>The values of those names that a request has one for: <c>consumer</c>, <c>partner</c>, <c>route</c>, <c>params</c>, <c>claims</c>, <c>address</c>, <c>answer</c>.</summary>
    /// <param name="parameters">The request's parameters; null where no name asks for them.</param>
    /// <param name="answer">The backend's answer, once it is there.</param>
    public static JsonataBindings Bind(IEnumerable<string> names, Exchange exchange, JsonElement? parameters, JsonElement? answer = null)
    {
        var bindings = new JsonataBindings(exchange.StartedAt);
        foreach (var name in names)
        {
            switch (name)
            {
                case "consumer" when exchange.Consumer is { } consumer:
                    bindings.Set(name, Of(consumer));
                    break;
                case "partner" when exchange.Consumer is { Partner: var partner }:
                    bindings.Set(name, Of(partner));
                    break;
                case "route":
                    bindings.Set(name, exchange.Route.Name);
                    break;
                case "params" when parameters is { } all:
                    bindings.Set(name, all);
                    break;
                case "claims" when exchange.Consumer?.Claims is { } claims:
                    bindings.Set(name, claims.Json);
                    break;
                case "address" when NetworkDemand.AddressOf(exchange.Http) is { } address:
                    bindings.Set(name, address.ToString());
                    break;
                case "answer" when answer is { } said:
                    bindings.Set(name, said);
                    break;
            }
        }
        return bindings;
    }
}
