namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// What the transcripts have of Odoo's records that no mapping can be tried on, because the recorded call asked for less than makes such a
/// record: by mapping, file and what was not read. A test fails where this list is not what the transcripts are.
/// </summary>
internal static class SparseRecords
{
    private const string Figures = "qty_available free_qty virtual_available incoming_qty outgoing_qty";

    public static readonly IReadOnlyDictionary<string, string[]> Of = new Dictionary<string, string[]>
    {
        ["odoo/partner.from"] =
        [
            "022-jsonrpc-partner-read-empty.json: is_company customer_rank", "113-jsonrpc-write_date.json: is_company name customer_rank",
            "219-partner-credit.json: is_company name customer_rank", "405-json2-partner-by-ref.json: is_company customer_rank",
        ],
        ["odoo/item.from"] =
        [
            "009-jsonrpc-product-load-null.json: name type sale_ok", "010-jsonrpc-product-web_search_read.json: type sale_ok",
            "111-jsonrpc-page-1.json: name type sale_ok", "112-jsonrpc-page-2.json: name type sale_ok",
            "221-lot-tracked-products.json: name type sale_ok", "401-json2-item-by-sku.json: sale_ok",
            "403-json2-item-stock-in-warehouse.json: name type sale_ok",
        ],
        ["odoo/stock.from"] =
        [
            $"009-jsonrpc-product-load-null.json: {Figures}", $"010-jsonrpc-product-web_search_read.json: {Figures}",
            $"111-jsonrpc-page-1.json: {Figures}", $"112-jsonrpc-page-2.json: {Figures}", $"221-lot-tracked-products.json: {Figures}",
            $"401-json2-item-by-sku.json: {Figures}",
        ],
        ["odoo/quant.from"] = ["314-short-quant.json: product_id"],
        ["odoo/stock-movement.from"] =
        [
            "034-jsonrpc-move-read.json: to_refund", "225-over-ship.json: date to_refund", "312-short-move.json: date to_refund",
            "428-json2-moves-read.json: date", "450-json2-return-moves.json: date",
        ],
        ["odoo/invoice.from"] = ["308-r2c-moves.json: currency_id amount_untaxed"],
        ["odoo/shipment.from"] = ["311-short-picking.json: name picking_type_code move_ids", "433-json2-pickings-after.json: move_ids"],
        ["odoo/return.from"] = ["311-short-picking.json: name picking_type_code return_id move_ids"],
        ["odoo/warehouse-order.from"] = ["311-short-picking.json: name picking_type_code move_ids", "433-json2-pickings-after.json: move_ids"],
    };
}
