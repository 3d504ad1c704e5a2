using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gateway.Adapters.Odoo.Billing;
using Gateway.Adapters.Odoo.Orders;
using Gateway.Adapters.Odoo.Returns;
using Gateway.Adapters.Odoo.Stock;

namespace Gateway.Adapters.Odoo;

/// <summary>
/// How operations read what mappings make: numbers may be text, so that no digit is lost, and an unknown member is refused, for a typing error in a
/// mapping must not lose data in silence.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(OrderInput))]
[JsonSerializable(typeof(TransferInput))]
[JsonSerializable(typeof(ReturnInput))]
[JsonSerializable(typeof(IReadOnlyList<CountInput>))]
[JsonSerializable(typeof(AdjustInput))]
[JsonSerializable(typeof(BillInput))]
[JsonSerializable(typeof(BillName))]
internal sealed partial class InputJson : JsonSerializerContext
{
    /// <summary>The input, or null and what is wrong with it: then the mapping is at fault, not the caller.</summary>
    public static (T? Input, string? Wrong) Read<T>(JsonElement input, JsonTypeInfo<T> type)
        where T : class
    {
        if (input.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return (null, "nothing");
        if (HoldsNull(input))
            return (null, "a list with null in it");
        try
        {
            return (input.Deserialize(type), null);
        }
        catch (JsonException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Types say that no item of a list is null, and the serializer does not look.</summary>
    private static bool HoldsNull(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Null || HoldsNull(item)),
        JsonValueKind.Object => value.EnumerateObject().Any(member => HoldsNull(member.Value)),
        _ => false,
    };
}
