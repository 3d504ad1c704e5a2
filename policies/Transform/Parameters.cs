using System.Buffers;
using System.Text.Json;

namespace Gateway.Policies.Transform;

/// <summary>The request's parameters as one JSON object of strings: query first, then route, which a query can't override.</summary>
public static class Parameters
{
    public static ReadOnlyMemory<byte> Of(Exchange exchange)
    {
        var request = exchange.Http.Request;
        if (request.RouteValues.Count == 0 && !request.QueryString.HasValue) return "{}"u8.ToArray();
        var output = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        foreach (var (name, values) in QueryText.Of(request))
        {
            if (!request.RouteValues.ContainsKey(name)) writer.WriteString(name, values[^1]);
        }
        foreach (var (name, value) in request.RouteValues) writer.WriteString(name, value as string);
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }
}
