namespace Gateway.Adapters.Odoo.Stock;

/// <summary>How transfers are read: as <c>picking@1</c> of the mappings says.</summary>
internal static class Transfers
{
    private static readonly Reading Country = Reading.Master("res.country", "display_name", "code");

    private static readonly Reading State = Reading.Master("res.country.state", "display_name", "code");

    /// <summary>A partner as documents name it.</summary>
    public static Reading Party { get; } = NewParty();

    public static Reading Currency { get; } = Reading.Master("res.currency", "display_name", "name", "decimal_places");

    /// <summary>One of our companies, and the partner that stands for it.</summary>
    public static Reading Company { get; } = Reading.Master("res.company", "display_name", "name").Into("partner_id", Party).Into("currency_id", Currency);

    public static Reading Product { get; } = new("product.product", "display_name", "default_code", "barcode", "name", "tracking");

    public static Reading Unit { get; } = Reading.Master("uom.uom", "display_name", "name");

    private static readonly Reading Warehouse = Reading.Master("stock.warehouse", "display_name", "code", "name");

    private static readonly Reading Type = Reading.Master("stock.picking.type", "display_name").Into("warehouse_id", Warehouse);

    private static readonly Reading Place = Reading.Master("stock.location", "display_name", "complete_name").Into("warehouse_id", Warehouse);

    /// <summary>What a move was sold as: of which order, and what a unit of it costs.</summary>
    private static readonly Reading Sold = new("sale.order.line", "display_name", "order_id", "product_uom_id", "price_unit", "discount");

    private static readonly Reading Move = new Reading("stock.move",
            "state", "product_uom_qty", "quantity", "picked", "to_refund", "location_id", "location_dest_id")
        .Into("sale_line_id", Sold)
        .Into("product_id", Product)
        .Into("product_uom", Unit)
        .Into("origin_returned_move_id", new Reading("stock.move", "display_name", "picking_id"));

    /// <summary>What booking looks at, and nobody is shown: whose the transfer is, what it is of, and what is left of the order's lines.</summary>
    public static Reading ToBook { get; } = new Reading("stock.picking",
            "name", "state", "picking_type_code", "note", "scheduled_date", "carrier_id", "carrier_tracking_ref", "carrier_price", "shipping_weight")
        .Into("backorder_id", new Reading("stock.picking", "name"))
        .Into("picking_type_id", Type)
        .Into("sale_id", new Reading("sale.order", "name", "client_order_ref").Into("partner_id", Ownership.Customer))
        .Into("move_ids", new Reading("stock.move", "state", "product_uom_qty", "quantity", "picked", "origin_returned_move_id")
            .Into("product_id", Product)
            .Into("product_uom", Unit)
            .Into("sale_line_id", new Reading("sale.order.line", "product_id", "product_uom_id", "product_uom_qty", "qty_delivered")));

    /// <summary>What may have changed since.</summary>
    public static Reading Progress { get; } = new Reading("stock.picking", "state")
        .Into("move_ids", new Reading("stock.move", "state", "product_uom_qty", "quantity", "picked"));

    /// <summary>One transfer, with its moves and what became of its rest.</summary>
    public static Reading Whole { get; } = Build();

    /// <summary>The same, for who reads more of it.</summary>
    public static Reading NewParty() => new Reading("res.partner", "display_name", "name", "ref", "vat", "street", "street2", "zip", "city", "phone", "email")
        .Into("country_id", Country)
        .Into("state_id", State);

    private static Reading Build()
    {
        var backorder = new Reading("stock.picking", "display_name", "name", "state");
        backorder.Into("move_ids", new Reading("stock.move", "state", "product_id", "sale_line_id", "origin_returned_move_id", "product_uom_qty"));
        backorder.Into("backorder_ids", backorder);
        return new Reading("stock.picking",
                "name", "state", "origin", "note", "picking_type_code", "scheduled_date", "date_deadline", "date_done", "return_id",
                "carrier_id", "carrier_tracking_ref", "carrier_tracking_url", "carrier_price", "weight", "shipping_weight", "create_uid", "write_date")
            .Into("picking_type_id", Type)
            .Into("sale_id", new Reading("sale.order", "display_name", "name", "client_order_ref", "commitment_date").Into("partner_id", Party).Into("currency_id", Currency))
            .Into("partner_id", Party)
            .Into("company_id", Company)
            .Into("location_id", Place)
            .Into("location_dest_id", Place)
            .Into("backorder_id", new Reading("stock.picking", "display_name", "name", "return_id"))
            .Into("backorder_ids", backorder)
            .Into("move_ids", Move);
    }
}
