using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>The same for an order that is there: what it is to become.</summary>
internal sealed partial class OrderRows
{
    /// <summary>
    /// Date, note and address are written as asked, and taken away where nothing is asked. A line that is not asked for any more stays, with a quantity of
    /// none: Odoo takes no line out of a confirmed order.
    /// </summary>
    public async ValueTask<Lookup<LoadRows>> PrepareChangeAsync(OrderRecord kept)
    {
        var there = kept.Lines.Where(line => line.Id is not null).DistinctBy(line => line.Id).ToDictionary(line => line.Id!, StringComparer.Ordinal);
        var buyerTask = BuyerAsync().AsTask();
        var productsTask = ProductsAsync().AsTask();
        var unitsTask = odoo.Master.UnitsAsync(odoo, order.Lines.Select(line => line.UnitCode)).AsTask();
        await Task.WhenAll(buyerTask, productsTask, unitsTask);
        var (buyer, products, units) = (await buyerTask, await productsTask, await unitsTask);
        if ((buyer.Failure ?? products.Failure ?? units.Failure) is { } failure)
            return failure;
        if (buyer.Value!.Id != kept.Buyer)
            return OdooReply.Refused("buyerParty/id: the order is another buyer's; place a new order");
        var lines = Lines(products.Value!, units.Value!, there);
        if (lines.Failure is { } bad)
            return bad;
        var address = await ChangedAddressAsync(kept, buyer.Value.Id);
        if (address.Failure is { } refused)
            return refused;

        var asked = order.Lines.Select(line => line.Id).ToHashSet(StringComparer.Ordinal);
        var gone = there.Values.Where(line => !asked.Contains(line.Id!) && line.Quantity != 0)
            .Select(line => Row(line.Id!, line.Row.Id("product_id"), line.Row.Id("product_uom_id"), 0, line.Price));
        var header = new LoadRows(["id", "commitment_date", "note"], [[External(externalId), order.CommitmentDate ?? "", Html(order.Note) ?? ""]]);
        if (address.Value is { } deliverTo)
            header = new LoadRows([.. header.Columns, "partner_shipping_id/.id"], [[.. header.Rows[0], Text(deliverTo)!]]);
        return Join(header, new LoadRows(LineColumns, [.. lines.Value!.Rows, .. gone]));
    }

    /// <summary>
    /// The contact to deliver to; null where it stays. On a confirmed order it can't be another: its transfers have the address already, and keep it. So
    /// it is where none is asked for, and the order has one that its buyer named.
    /// </summary>
    private async ValueTask<Lookup<int?>> ChangedAddressAsync(OrderRecord kept, int buyer)
    {
        if (order.Delivery is null)
        {
            var own = await DeliveryAddress.UnnamedAsync(odoo, kept);
            return kept.IsOpen || own.Failure is not null || own.Value is null
                ? own
                : OdooReply.Refused("delivery: the order is released, so its address can't be taken away any more; name the one that it has");
        }
        var address = new DeliveryAddress(odoo, order.Delivery, buyer);
        if (kept.IsOpen)
            return await address.IdAsync();
        var known = await address.FindAsync();
        return known.Failure is null && known.Value != kept.DeliverTo
            ? OdooReply.Refused("delivery/deliveryAddress: the order is released, so its address can't be changed any more")
            : known;
    }
}
