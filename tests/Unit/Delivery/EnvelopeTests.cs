using System.Text;
using System.Text.Json;
using Gateway.Delivery.Events;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

public sealed class EnvelopeTests
{
    private static readonly NewEvent Happened = new("e-1", "acme", "com.example.order.created", "/orders", "o-1", "acme/PO-4711",
        new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
        Encoding.UTF8.GetBytes("""{"quantity":1.10,"big":12345678901234567890.000,"exponent":1E+2,"text":"Grüße <&>","none":null}"""))
    {
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        CorrelationId = "c-1",
    };

    [Fact]
    public void Holds_the_attributes_of_CloudEvents_and_the_extensions()
    {
        using var envelope = JsonDocument.Parse(Envelope.Write(new StoredEvent(7, 42, Happened)));

        var members = envelope.RootElement.EnumerateObject().Where(m => m.Name != "data").ToDictionary(m => m.Name, m => m.Value.GetString());
        Assert.Equal(new Dictionary<string, string?>
        {
            ["specversion"] = "1.0",
            ["id"] = "e-1",
            ["type"] = "com.example.order.created",
            ["source"] = "/orders",
            ["subject"] = "o-1",
            ["time"] = "2026-11-23T09:00:00Z",
            ["datacontenttype"] = "application/json",
            ["partitionkey"] = "acme/PO-4711",
            ["sequence"] = "00000000000000000042",
            ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ["correlationid"] = "c-1",
        }, members);
    }

    [Fact]
    public void Numbers_keep_their_digits_and_data_are_JSON_not_text()
    {
        using var envelope = JsonDocument.Parse(Envelope.Write(new StoredEvent(7, 1, Happened)));

        var data = envelope.RootElement.GetProperty("data");
        Assert.Equal(["1.10", "12345678901234567890.000", "1E+2"],
            new[] { "quantity", "big", "exponent" }.Select(name => data.GetProperty(name).GetRawText()));
        Assert.Equal("Grüße <&>", data.GetProperty("text").GetString());
        Assert.Equal(JsonValueKind.Null, data.GetProperty("none").ValueKind);
    }

    [Fact]
    public void What_is_not_known_is_left_out_and_the_bytes_are_always_the_same()
    {
        var plain = new StoredEvent(7, 1, Happened with { TraceParent = null, CorrelationId = null });

        var bytes = Envelope.Write(plain);

        var text = Encoding.UTF8.GetString(bytes.Span);
        Assert.DoesNotContain("traceparent", text);
        Assert.DoesNotContain("correlationid", text);
        Assert.Equal(text, Encoding.UTF8.GetString(Envelope.Write(plain).Span));
    }

    [Fact]
    public void In_binary_mode_attributes_are_headers_and_the_type_of_the_data_is_none_of_them()
    {
        var happened = Happened with { Subject = "Euro € 😀", PartitionKey = "50% \"off\"" };

        Assert.Equal(new Dictionary<string, string>
        {
            ["ce-specversion"] = "1.0",
            ["ce-id"] = "e-1",
            ["ce-type"] = "com.example.order.created",
            ["ce-source"] = "/orders",
            ["ce-subject"] = "Euro%20%E2%82%AC%20%F0%9F%98%80",
            ["ce-time"] = "2026-11-23T09:00:00Z",
            ["ce-partitionkey"] = "50%25%20%22off%22",
            ["ce-sequence"] = "00000000000000000042",
            ["ce-traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ["ce-correlationid"] = "c-1",
        }, Envelope.Headers(new StoredEvent(7, 42, happened)).ToDictionary());
    }

    [Fact]
    public void What_is_not_known_has_no_header() =>
        Assert.DoesNotContain(Envelope.Headers(new StoredEvent(7, 1, Happened with { TraceParent = null, CorrelationId = null })), h => h.Key is "ce-traceparent" or "ce-correlationid");
}
