using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Configuration.Yaml;

namespace Gateway.Cases;

/// <summary>
/// YAML as the JSON it stands for (YAML 1.2, section 10.2, the JSON schema): plain <c>true</c>, <c>false</c>, <c>null</c> and numbers are
/// those, numbers with the digits they were written with; everything else is text.
/// </summary>
internal static partial class YamlJson
{
    public static JsonElement Of(Node node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(node, writer);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static void Write(Node node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case Node.Map map:
                writer.WriteStartObject();
                foreach (var member in map.Members)
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, writer);
                }
                writer.WriteEndObject();
                break;
            case Node.List list:
                writer.WriteStartArray();
                foreach (var item in list.Items) Write(item, writer);
                writer.WriteEndArray();
                break;
            case Node.Scalar { IsNull: true }:
                writer.WriteNullValue();
                break;
            case Node.Scalar { Plain: true } scalar when scalar.Text is "true" or "false" || Number().IsMatch(scalar.Text):
                writer.WriteRawValue(scalar.Text);
                break;
            case Node.Scalar scalar:
                writer.WriteStringValue(scalar.Text);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();
}
