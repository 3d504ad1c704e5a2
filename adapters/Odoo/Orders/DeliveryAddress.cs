using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>
/// A delivery address is a child contact of the buyer. Its external id is a hash of buyer and address, so the same address is made once,
/// however many orders bring it, and an address somebody corrected in Odoo is not overwritten by the next order.
/// Its type is <c>other</c>: Odoo takes a contact of type <c>delivery</c> as the buyer's default, and the next order without an address would go there.
/// </summary>
internal sealed class DeliveryAddress(OdooSession odoo, AddressInput? address, int buyer)
{
    private const string Prefix = "addr_";

    /// <summary>Database id of the contact; null when the order names no address.</summary>
    public async ValueTask<Lookup<int?>> IdAsync()
    {
        if (address is null)
            return new Lookup<int?>(null, null);
        var name = ExternalName(buyer, address);
        var reply = await odoo.FindOrLoadAsync("res.partner", name, () => RowsAsync(name));
        return reply.Done ? reply.Id : reply;
    }

    /// <summary>The same without making one: null where it is none that the gateway has made.</summary>
    public async ValueTask<Lookup<int?>> FindAsync()
    {
        if (address is null)
            return new Lookup<int?>(null, null);
        var reply = await odoo.FindAsync("res.partner", ExternalName(buyer, address));
        return reply.Status == OperationStatus.NotFound ? new Lookup<int?>(null, null) : reply.Done ? reply.Id : reply;
    }

    /// <summary>
    /// Where an order goes whose buyer names no address any more: where Odoo sends new orders of that buyer. Null where it stays: it goes there already, or
    /// to an address that the gateway has not made, which people in Odoo have chosen.
    /// </summary>
    public static async ValueTask<Lookup<int?>> UnnamedAsync(OdooSession odoo, OrderRecord kept)
    {
        if (kept is not { DeliverTo: { } now, Buyer: { } buyer } || now == buyer)
            return new Lookup<int?>(null, null);
        var name = await odoo.NameOfAsync("res.partner", now);
        if (name.Failure is { } failure)
            return failure.Status == OperationStatus.NotFound ? new Lookup<int?>(null, null) : failure;
        if (!name.Value!.StartsWith(Prefix, StringComparison.Ordinal))
            return new Lookup<int?>(null, null);
        var own = await odoo.DeliversToAsync(buyer);
        return own.Failure is { } unknown ? unknown : own.Value == now ? new Lookup<int?>(null, null) : (int?)own.Value;
    }

    /// <summary>Injective over the parts: each is hashed with its length before it.</summary>
    public static string ExternalName(int buyer, AddressInput address)
    {
        var parts = new StringBuilder();
        foreach (var part in new[]
        {
            buyer.ToString(CultureInfo.InvariantCulture), address.Name, address.Street, address.Street2, address.Zip, address.City, address.State, address.Country,
        })
            parts.Append(CultureInfo.InvariantCulture, $"{part?.Length ?? 0}:{part}");
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())))[..32];
    }

    private async ValueTask<Lookup<LoadRows>> RowsAsync(string name)
    {
        var country = await odoo.Master.CountryAsync(odoo, address!.Country);
        if (country.Failure is { } unknown)
            return unknown;
        var state = await StateAsync(country.Value!.Value);
        if (state.Failure is { } failure)
            return failure;
        return LoadRows.One(
            ("id", $"{odoo.Options.ExternalIdModule}.{name}"),
            ("parent_id/.id", buyer.ToString(CultureInfo.InvariantCulture)),
            ("type", "other"),
            ("name", address.Name),
            ("street", address.Street),
            ("street2", address.Street2),
            ("zip", address.Zip),
            ("city", address.City),
            ("state_id/.id", state.Value?.ToString(CultureInfo.InvariantCulture)),
            ("country_id/.id", country.Value.Value.ToString(CultureInfo.InvariantCulture)));
    }

    private async ValueTask<Lookup<int?>> StateAsync(int country)
    {
        if (address!.State is not { } code)
            return new Lookup<int?>(null, null);
        var reply = await odoo.SearchAsync("res.country.state", [Is("country_id", country), Is("code", code)], ["code"], limit: 1);
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() > 0
            ? reply.Value[0].Id("id")
            : OdooReply.Refused($"delivery/deliveryAddress/countrySubentityCode: '{code}' is no part of country '{address.Country}'");
    }
}
