using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace OdooStub;

/// <summary>The methods that stand on the road of an order. Ids follow from names: <c>ITEM-17</c> is product 17, and order 5 has the lines 5001, 5002 …</summary>
internal static class Answers
{
    private const int MaxBody = 1 << 20;

    public static async Task AnswerAsync(HttpContext http)
    {
        using var body = await ReadAsync(http.Request);
        var response = http.Response;
        response.ContentType = "application/json; charset=utf-8";
        if (http.Request.Path.Value is not { } path || !path.StartsWith("/json/2/", StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status201Created;
            await WriteAsync(response, body.Memory);
            return;
        }
        using var document = JsonDocument.Parse(body.Memory);
        var answer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(answer)) Answer(path["/json/2/".Length..], document.RootElement, json);
        await WriteAsync(response, answer.WrittenMemory);
    }

    private static void Answer(string call, JsonElement body, Utf8JsonWriter json)
    {
        switch (call)
        {
            case "ir.model.data/search_read": ExternalIds(body, json); break;
            case "res.partner/search_read": json.WriteRawValue("""[{"id":46,"property_product_pricelist":false}]"""u8); break;
            case "product.pricelist/search_read": json.WriteRawValue("""[{"id":1,"company_id":false}]"""u8); break;
            case "product.product/search_read": Rows(json, Value(body, "default_code").EnumerateArray().Select(c => Number(c.GetString()!)), Product); break;
            case "product.product/read": Rows(json, body.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()), Product); break;
            case "stock.warehouse/search_read": json.WriteRawValue("""[{"id":1,"code":"WH"}]"""u8); break;
            case "res.currency/search_read": json.WriteRawValue("""[{"id":1,"name":"EUR","decimal_places":2}]"""u8); break;
            case "res.company/read": json.WriteRawValue("""[{"id":1,"currency_id":[1,"EUR"]}]"""u8); break;
            case "res.country/search_read": json.WriteRawValue("""[{"id":57,"code":"DE"}]"""u8); break;
            case "sale.order/load": json.WriteRawValue(Orders.Load(body)); break;
            case "sale.order/read": json.WriteRawValue(Orders.Of(body.GetProperty("ids")[0].GetInt32()).Header); break;
            case "sale.order.line/search_read": json.WriteRawValue(Orders.Of(Value(body, "order_id").GetInt32()).Lines); break;
            default: throw new NotSupportedException(call);
        }
    }

    /// <summary>Units are known, and so are the addresses of every buyer; an order never is before it was loaded, and its lines are by their ids.</summary>
    private static void ExternalIds(JsonElement body, Utf8JsonWriter json)
    {
        switch (Value(body, "model").GetString())
        {
            case "uom.uom": json.WriteRawValue("""[{"id":1,"name":"product_uom_unit","res_id":1}]"""u8); break;
            case "res.partner": json.WriteRawValue("""[{"id":2,"model":"res.partner","res_id":47}]"""u8); break;
            case "sale.order.line": json.WriteRawValue(Orders.Of(Orders.OrderOf(Value(body, "res_id")[0].GetInt32())).Positions); break;
            default: json.WriteRawValue("[]"u8); break;
        }
    }

    private static void Rows(Utf8JsonWriter json, IEnumerable<int> ids, Action<Utf8JsonWriter, int> row)
    {
        json.WriteStartArray();
        foreach (var id in ids) row(json, id);
        json.WriteEndArray();
    }

    private static void Product(Utf8JsonWriter json, int id)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("default_code", string.Create(CultureInfo.InvariantCulture, $"ITEM-{id}"));
        json.WriteBoolean("barcode", false);
        json.WriteString("name", string.Create(CultureInfo.InvariantCulture, $"Item of the benchmark {id}"));
        json.WriteBoolean("sale_ok", true);
        json.WritePropertyName("uom_id");
        json.WriteRawValue("""[1,"Units"]"""u8);
        json.WritePropertyName("uom_ids");
        json.WriteRawValue("[]"u8);
        json.WriteEndObject();
    }

    private static int Number(string name) => int.Parse(name.AsSpan(name.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);

    /// <summary>What a domain's leaf over a field compares with.</summary>
    private static JsonElement Value(JsonElement body, string field)
    {
        foreach (var leaf in body.GetProperty("domain").EnumerateArray())
            if (leaf[0].ValueEquals(field)) return leaf[2];
        throw new NotSupportedException($"a domain without {field}");
    }

    private static async ValueTask<Body> ReadAsync(HttpRequest request)
    {
        var length = (int)(request.ContentLength ?? 0);
        if (length > MaxBody) throw new BadHttpRequestException("too long", StatusCodes.Status413PayloadTooLarge);
        var body = new Body(ArrayPool<byte>.Shared.Rent(Math.Max(1, length)), length);
        await request.Body.ReadExactlyAsync(body.Memory, request.HttpContext.RequestAborted);
        return body;
    }

    private static async ValueTask WriteAsync(HttpResponse response, ReadOnlyMemory<byte> body)
    {
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body);
    }

    private readonly struct Body(byte[] pooled, int length) : IDisposable
    {
        public Memory<byte> Memory => pooled.AsMemory(0, length);

        public void Dispose() => ArrayPool<byte>.Shared.Return(pooled);
    }
}
