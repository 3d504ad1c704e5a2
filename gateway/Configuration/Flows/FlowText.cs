using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Configuration.Flows;

/// <summary>A declaration as it is kept with the instances that go by it: JSON of what it says, without what is there by itself.</summary>
internal static class FlowText
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static byte[] Write(FlowDeclaration declaration) => JsonSerializer.SerializeToUtf8Bytes(declaration, Form);

    /// <summary>Null for what another build has written, that says more than this one reads.</summary>
    public static FlowDeclaration? Read(ReadOnlyMemory<byte> document)
    {
        try
        {
            return JsonSerializer.Deserialize<FlowDeclaration>(document.Span, Form);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>16 hex digits.</summary>
    public static string RevisionOf(ReadOnlySpan<byte> document) => Convert.ToHexStringLower(SHA256.HashData(document))[..16];
}
