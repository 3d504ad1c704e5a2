using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gateway.Adapters.Canonical;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>An order as Odoo keeps it, read after the fact: what response mappings see, and what the caller's order is compared with.</summary>
internal sealed class OrderRecord
{
    private static readonly string[] Fields =
    [
        "name", "state", "locked", "client_order_ref", "partner_id", "partner_shipping_id", "date_order", "commitment_date", "currency_id", "pricelist_id",
        "warehouse_id", "company_id", "note", "amount_untaxed", "amount_tax", "amount_total", "invoice_status", "delivery_status", "write_date",
    ];

    private static readonly string[] LineFields =
    [
        "sequence", "display_type", "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount", "price_subtotal", "price_tax",
        "price_total", "qty_delivered", "qty_invoiced",
    ];

    private static readonly byte[][] Amounts =
        [.. "amount_untaxed amount_tax amount_total price_subtotal price_tax price_total".Split(' ').Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] Quantities = [.. "product_uom_qty qty_delivered qty_invoiced".Split(' ').Select(Encoding.UTF8.GetBytes)];

    private readonly JsonElement _order;

    private OrderRecord(JsonElement order, Currency currency, IReadOnlyList<Line> lines) => (_order, Currency, Lines) = (order, currency, lines);

    public Currency Currency { get; }

    /// <summary>The lines that sell something, in Odoo's order; sections and notes are left out.</summary>
    public IReadOnlyList<Line> Lines { get; }

    public int Id => _order.Id("id") ?? 0;

    /// <summary>draft, sent, sale, cancel; up to Odoo 16 also done, which is locked.</summary>
    public string State => _order.Text("state") ?? "";

    public bool IsCancelled => State == "cancel";

    /// <summary>Still a quotation: nothing follows from it yet.</summary>
    public bool IsOpen => State is "draft" or "sent";

    public bool IsConfirmed => State is "sale" or "done";

    public bool IsLocked => _order.Flag("locked") || State == "done";

    /// <summary>Something has left, or begun to.</summary>
    public bool IsShipping => _order.Text("delivery_status") is "started" or "partial" or "full" || Lines.Any(line => line.Delivered != 0);

    public bool IsInvoiced => Lines.Any(line => line.Invoiced != 0);

    /// <summary>The buyer's own number.</summary>
    public string? Reference => _order.Text("client_order_ref");

    public int? Buyer => _order.Id("partner_id");

    public int? DeliverTo => _order.Id("partner_shipping_id");

    /// <summary>HTML; null when empty.</summary>
    public string? Note => _order.Text("note");

    public decimal Untaxed => _order.Amount("amount_untaxed");

    /// <summary><c>YYYY-MM-DD HH:MM:SS</c> in UTC; null when empty.</summary>
    public string? CommitmentDate => _order.Text("commitment_date");

    /// <param name="Id">The buyer's id of the line; null for one that was added in Odoo.</param>
    /// <param name="Unit">UN/ECE Rec 20 code of its unit; null for one made by hand.</param>
    internal sealed record Line(JsonElement Row, string? Id, JsonElement? Product, string? Unit)
    {
        public decimal Quantity => Row.Amount("product_uom_qty");

        public decimal Price => Row.Amount("price_unit");

        public decimal Delivered => Row.Amount("qty_delivered");

        public decimal Invoiced => Row.Amount("qty_invoiced");

        public decimal Subtotal => Row.Amount("price_subtotal");

        public string? Sku => Product?.Text("default_code");
    }

    /// <summary>The order that a reference of order.create names; NotFound when it names none in the partner's companies.</summary>
    public static ValueTask<Lookup<OrderRecord>> ReadAsync(OdooSession odoo, string? reference) =>
        int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? ReadAsync(odoo, id)
            : new(OdooReply.NotFound("There is no such order.") with { Reason = $"'{reference}' is no reference of Odoo" });

    /// <summary>NotFound when there is no such order in the partner's companies.</summary>
    public static async ValueTask<Lookup<OrderRecord>> ReadAsync(OdooSession odoo, int id)
    {
        var orderTask = odoo.ReadAsync("sale.order", [id], Fields).AsTask();
        var linesTask = odoo.SearchAsync("sale.order.line", [Is("order_id", id)], LineFields, order: "sequence,id").AsTask();
        await Task.WhenAll(orderTask, linesTask);
        var (orders, rows) = (await orderTask, await linesTask);
        if (!orders.Done)
            return orders;
        if (!rows.Done)
            return rows;
        if (orders.Value.GetArrayLength() == 0 || odoo.PlaceOf(orders.Value[0]) is null)
            return OdooReply.NotFound("The order system no longer has this order.");
        var order = orders.Value[0];
        if (order.Id("currency_id") is not { } currencyId)
            return OdooReply.Unusable($"order {id} has no currency");

        JsonElement[] selling = [.. rows.Value.EnumerateArray().Where(row => row.Text("display_type") is null)];
        var currencyTask = odoo.Master.CurrencyAsync(odoo, currencyId).AsTask();
        var namesTask = LinesByIdAsync(odoo, selling).AsTask();
        var productsTask = ProductsAsync(odoo, selling).AsTask();
        var unitsTask = odoo.Master.UnitCodesAsync(odoo, Distinct(selling, "product_uom_id")).AsTask();
        await Task.WhenAll(currencyTask, namesTask, productsTask, unitsTask);
        var (currency, names, products, units) = (await currencyTask, await namesTask, await productsTask, await unitsTask);
        if ((currency.Failure ?? names.Failure ?? products.Failure ?? units.Failure) is { } failure)
            return failure;
        return new OrderRecord(order, currency.Value!, [.. selling.Select(row => new Line(
            row,
            row.Id("id") is { } line ? names.Value!.GetValueOrDefault(line) : null,
            row.Id("product_id") is { } product && products.Value!.TryGetValue(product, out var found) ? found : null,
            row.Id("product_uom_id") is { } unit ? units.Value!.GetValueOrDefault(unit) : null))]);
    }

    /// <summary>The record of the operation: Odoo's fields as they came, amounts as text, and what its ids stand for.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512 * (Lines.Count + 2));
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteOrder(json);
            json.WriteStartArray("lines");
            foreach (var line in Lines)
                WriteLine(json, line);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>The order after something was done to it.</summary>
    /// <param name="happened">What is told of it.</param>
    /// <param name="named">Tells the buyer's number, too, for the request does not.</param>
    public OperationResult ToResult(string? reference, OrderStatusCode happened, bool named = false) => new(OperationStatus.Done)
    {
        Record = ToJson(),
        Facts = ToFacts(happened, named ? Reference : null),
        Reference = reference,
    };

    /// <summary>Members for events.</summary>
    /// <param name="happened">What was done to the order.</param>
    /// <param name="reference">The buyer's own number, where the event has no other.</param>
    public ReadOnlyMemory<byte> ToFacts(OrderStatusCode happened, string? reference = null)
    {
        var (untaxed, total) = (Currency.Amount(Untaxed), Currency.Amount(_order.Amount("amount_total")));
        var totals = new MonetaryTotal { LineExtensionAmount = untaxed, TaxExclusiveAmount = untaxed, TaxInclusiveAmount = total, PayableAmount = total };
        return JsonSerializer.SerializeToUtf8Bytes(new OrderFacts(_order.Text("name"), happened, totals) { CustomerReference = reference }, OrderFactsJson.Default.OrderFacts);
    }

    private void WriteOrder(Utf8JsonWriter json)
    {
        json.WriteStartObject("order");
        CopyFields(json, _order);
        json.WriteStartObject("currency");
        json.WriteString("name", Currency.Code);
        json.WriteNumber("decimal_places", Currency.Decimals);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteLine(Utf8JsonWriter json, Line line)
    {
        json.WriteStartObject();
        CopyFields(json, line.Row);
        if (line.Id is { } id)
            json.WriteString("line", id);
        if (line.Unit is { } unit)
            json.WriteString("unit_code", unit);
        if (line.Product is { } product)
            WriteProduct(json, product);
        json.WriteEndObject();
    }

    private void CopyFields(Utf8JsonWriter json, JsonElement record)
    {
        foreach (var field in record.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(field);
            json.WritePropertyName(name);
            if (IsOneOf(Amounts, name))
                json.WriteStringValue(Currency.Amount(field.Value.Figure()));
            else if (name.SequenceEqual("price_unit"u8))
                json.WriteStringValue(Currency.Price(field.Value.Figure()));
            else if (IsOneOf(Quantities, name))
                json.WriteNumberValue(Math.Round(field.Value.Figure(), 6).Normal());
            else
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(field.Value), skipInputValidation: true);
        }
    }

    /// <summary>A field that is empty in Odoo, which says false there, is left out.</summary>
    private static void WriteProduct(Utf8JsonWriter json, JsonElement product)
    {
        json.WriteStartObject("product");
        foreach (var field in product.EnumerateObject())
        {
            var value = JsonMarshal.GetRawUtf8Value(field.Value);
            if (value.SequenceEqual("false"u8) || value.SequenceEqual("\"\""u8))
                continue;
            json.WritePropertyName(JsonMarshal.GetRawUtf8PropertyName(field));
            json.WriteRawValue(value, skipInputValidation: true);
        }
        json.WriteEndObject();
    }

    private static bool IsOneOf(byte[][] names, ReadOnlySpan<byte> name)
    {
        foreach (var one in names)
            if (name.SequenceEqual(one))
                return true;
        return false;
    }

    private static async ValueTask<Lookup<Dictionary<int, string>>> LinesByIdAsync(OdooSession odoo, JsonElement[] lines)
    {
        if (lines.Length == 0)
            return new Dictionary<int, string>();
        var reply = await odoo.SearchAsync("ir.model.data",
            [Is("module", odoo.Options.ExternalIdModule), Is("model", "sale.order.line"), In("res_id", Distinct(lines, "id"))], ["name", "res_id"]);
        if (!reply.Done)
            return reply;
        var names = new Dictionary<int, string>();
        foreach (var row in reply.Value.EnumerateArray())
            if (row.Id("res_id") is { } id && row.Text("name") is { } name && LineNames.LineOf(name) is { } line)
                names[id] = line;
        return names;
    }

    /// <summary>By id and with archived ones: an order outlives the product's sale.</summary>
    private static async ValueTask<Lookup<Dictionary<int, JsonElement>>> ProductsAsync(OdooSession odoo, JsonElement[] lines)
    {
        var ids = Distinct(lines, "product_id");
        if (ids.Count == 0)
            return new Dictionary<int, JsonElement>();
        var reply = await odoo.ReadAsync("product.product", ids, ["default_code", "barcode", "name"]);
        return reply.Done
            ? reply.Value.EnumerateArray().Where(row => row.Id("id") is not null).ToDictionary(row => row.Id("id")!.Value)
            : reply;
    }

    private static List<int> Distinct(JsonElement[] rows, string field) =>
        [.. rows.Select(row => row.Id(field)).OfType<int>().Distinct()];
}
