using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OdooStub;

/// <summary>One loaded order, as the three questions of its read-back are answered.</summary>
internal sealed record LoadedOrder(byte[] Header, byte[] Lines, byte[] Positions);

/// <summary>The last orders that were loaded, by their ids.</summary>
internal static class Orders
{
    private const int Kept = 1 << 12;
    private const int LinesPerOrder = 1000;

    private static readonly LoadedOrder[] Last = new LoadedOrder[Kept];
    private static int _count;

    public static int OrderOf(int line) => line / LinesPerOrder;

    public static LoadedOrder Of(int id) => Volatile.Read(ref Last[id % Kept]);

    /// <summary>The answer of <c>load</c>; the order may be read from then on.</summary>
    public static byte[] Load(JsonElement body)
    {
        var id = Interlocked.Increment(ref _count);
        var columns = body.GetProperty("fields").EnumerateArray().Select(f => f.GetString()!).ToList();
        var rows = body.GetProperty("data").EnumerateArray().ToList();
        Volatile.Write(ref Last[id % Kept], OrderFrom(id, columns, rows));
        return Utf8($$"""{"ids":[{{id}}],"messages":[],"nextrow":0}""");
    }

    private static LoadedOrder OrderFrom(int id, List<string> columns, List<JsonElement> rows)
    {
        int name = columns.IndexOf("order_line/id"), product = columns.IndexOf("order_line/product_id/.id"), unit = columns.IndexOf("order_line/product_uom_id/.id"),
            quantity = columns.IndexOf("order_line/product_uom_qty"), price = columns.IndexOf("order_line/price_unit"), reference = columns.IndexOf("client_order_ref"),
            commitment = columns.IndexOf("commitment_date");
        var (lines, positions) = (new StringBuilder("["), new StringBuilder("["));
        var total = 0m;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var (line, item) = (id * LinesPerOrder + i + 1, row[product].GetString());
            var (many, each) = (Decimal(row[quantity]), Decimal(row[price]));
            var amount = Math.Round(many * each, 2, MidpointRounding.AwayFromZero);
            total += amount;
            var comma = i > 0 ? "," : "";
            lines.Append(CultureInfo.InvariantCulture, $$"""
                {{comma}}{"id":{{line}},"sequence":10,"display_type":false,"product_id":[{{item}},"[ITEM-{{item}}] Item of the benchmark {{item}}"],"name":"[ITEM-{{item}}] Item of the benchmark {{item}}","product_uom_qty":{{Float(many)}},"product_uom_id":[{{row[unit].GetString()}},"Units"],"price_unit":{{Float(each)}},"discount":0.0,"price_subtotal":{{Float(amount)}},"price_tax":0.0,"price_total":{{Float(amount)}},"qty_delivered":0.0,"qty_invoiced":0.0}
                """);
            var external = row[name].GetString()!;
            positions.Append(CultureInfo.InvariantCulture, $$"""{{comma}}{"id":{{line}},"name":"{{external[(external.IndexOf('.', StringComparison.Ordinal) + 1)..]}}","res_id":{{line}}}""");
        }
        var date = commitment < 0 ? "false" : rows[0][commitment].GetRawText();
        var header = $$"""
            [{"id":{{id}},"name":"S{{id:D5}}","state":"draft","locked":false,"client_order_ref":{{rows[0][reference].GetRawText()}},"partner_id":[46,"Benchmark buyer"],"partner_shipping_id":[47,"Benchmark buyer, Lager"],"date_order":"2026-11-28 06:00:00","commitment_date":{{date}},"currency_id":[1,"EUR"],"pricelist_id":false,"warehouse_id":[1,"YourCompany"],"company_id":[1,"My Company"],"amount_untaxed":{{Float(total)}},"amount_tax":0.0,"amount_total":{{Float(total)}},"invoice_status":"no","delivery_status":false,"write_date":"2026-11-28 06:00:00"}]
            """;
        return new LoadedOrder(Utf8(header), Utf8(lines.Append(']').ToString()), Utf8(positions.Append(']').ToString()));
    }

    private static decimal Decimal(JsonElement cell) => decimal.Parse(cell.GetString()!, CultureInfo.InvariantCulture);

    /// <summary>Odoo's figures are Python's floats: there is always a point.</summary>
    private static string Float(decimal value) => value.ToString("0.0#########", CultureInfo.InvariantCulture);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
