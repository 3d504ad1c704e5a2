using System.Text.Json;
using System.Text.Json.Serialization;

namespace HandWrittenOrders;

/// <summary>What is asked of Odoo for an order, in its words; kept with the intent, so that it can be sent again.</summary>
internal sealed record OdooInput(
    string ClientOrderRef, string Buyer, string Currency, string? Warehouse, string? CommitmentDate, string? Note, OdooAddress? Delivery, IReadOnlyList<OdooLine> Lines);

internal sealed record OdooAddress(string Name, string? Street, string? Street2, string? Zip, string? City, string? State, string Country);

internal sealed record OdooLine(string DefaultCode, decimal ProductUomQty, string UnitCode, decimal PriceUnit, decimal PriceBase);

/// <summary>An order as Odoo keeps it.</summary>
internal sealed record OdooOrder(OrderRow Order, Currency Currency, IReadOnlyList<KeptLine> Lines);

internal sealed record KeptLine(LineRow Row, int? Position, ProductRow? Product, string? Unit);

internal sealed record Currency(int Id, string Name, int Decimals);

internal sealed record Context(int[] AllowedCompanyIds, string Tz);

internal sealed record Search(object[][] Domain, string[] Fields, int? Limit, string? Order, Context Context);

internal sealed record Read(int[] Ids, string[] Fields, Context Context);

internal sealed record Load(IReadOnlyList<string> Fields, IReadOnlyList<string[]> Data, Context Context);

internal sealed record LoadAnswer(List<int>? Ids, List<LoadMessage>? Messages);

internal sealed record LoadMessage(string? Type, string? Message);

internal sealed record OdooError(string? Name, string? Message);

internal sealed record IdRow(int Id);

internal sealed record ExternalRow(int Id, string? Name, int ResId);

internal sealed record PartnerRow(int Id, Reference? PropertyProductPricelist);

internal sealed record PriceListRow(int Id, Reference? CompanyId);

internal sealed record CurrencyRow(int Id, string? Name, int DecimalPlaces);

internal sealed record CompanyRow(int Id, Reference? CurrencyId);

internal sealed record ProductRow(
    int Id, [property: JsonConverter(typeof(TextConverter))] string? DefaultCode, [property: JsonConverter(typeof(TextConverter))] string? Barcode,
    [property: JsonConverter(typeof(TextConverter))] string? Name, bool SaleOk, Reference? UomId, List<int> UomIds);

internal sealed record OrderRow(
    int Id, string Name, string State, bool Locked, [property: JsonConverter(typeof(TextConverter))] string? ClientOrderRef, Reference? PartnerId, Reference? PartnerShippingId,
    [property: JsonConverter(typeof(TextConverter))] string? DateOrder, [property: JsonConverter(typeof(TextConverter))] string? CommitmentDate, Reference? CurrencyId,
    Reference? PricelistId, Reference? WarehouseId, Reference? CompanyId, decimal AmountUntaxed, decimal AmountTax, decimal AmountTotal,
    [property: JsonConverter(typeof(TextConverter))] string? InvoiceStatus, [property: JsonConverter(typeof(TextConverter))] string? DeliveryStatus,
    [property: JsonConverter(typeof(TextConverter))] string? WriteDate);

internal sealed record LineRow(
    int Id, int Sequence, [property: JsonConverter(typeof(TextConverter))] string? DisplayType, Reference? ProductId,
    [property: JsonConverter(typeof(TextConverter))] string? Name, decimal ProductUomQty, Reference? ProductUomId, decimal PriceUnit, decimal Discount,
    decimal PriceSubtotal, decimal PriceTax, decimal PriceTotal, decimal QtyDelivered, decimal QtyInvoiced);

/// <summary>A many2one: <c>[id, name]</c>, or <c>false</c> when empty.</summary>
[JsonConverter(typeof(ReferenceConverter))]
internal sealed record Reference(int Id, string Name);

internal sealed class ReferenceConverter : JsonConverter<Reference>
{
    public override Reference? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.False) return null;
        reader.Read();
        var id = reader.GetInt32();
        reader.Read();
        var name = reader.GetString()!;
        reader.Read();
        return new Reference(id, name);
    }

    public override void Write(Utf8JsonWriter writer, Reference value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Id);
        writer.WriteStringValue(value.Name);
        writer.WriteEndArray();
    }
}

/// <summary>A text, or <c>false</c> when empty.</summary>
internal sealed class TextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.False ? null : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OdooInput))]
[JsonSerializable(typeof(OdooOrder))]
[JsonSerializable(typeof(Search))]
[JsonSerializable(typeof(Read))]
[JsonSerializable(typeof(Load))]
[JsonSerializable(typeof(LoadAnswer))]
[JsonSerializable(typeof(OdooError))]
[JsonSerializable(typeof(object[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(List<IdRow>))]
[JsonSerializable(typeof(List<ExternalRow>))]
[JsonSerializable(typeof(List<PartnerRow>))]
[JsonSerializable(typeof(List<PriceListRow>))]
[JsonSerializable(typeof(List<CurrencyRow>))]
[JsonSerializable(typeof(List<CompanyRow>))]
[JsonSerializable(typeof(List<ProductRow>))]
[JsonSerializable(typeof(List<OrderRow>))]
[JsonSerializable(typeof(List<LineRow>))]
internal sealed partial class OdooJson : JsonSerializerContext;
