using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Extensions;
using CloudNative.CloudEvents.SystemTextJson;

namespace Gateway.Delivery.Events;

/// <summary>
/// An event as others get it: CloudEvents 1.0, with the documented extensions <c>partitionkey</c>, <c>sequence</c> and distributed tracing, and
/// <c>correlationid</c>. In structured JSON mode it is one document, in binary mode its attributes are headers, and its data the body.
/// </summary>
public static class Envelope
{
    /// <summary>Media type of the structured mode.</summary>
    public const string ContentType = CloudEventHeaders.Structured;

    /// <summary>Media type of the data of every event, and so of the body in binary mode.</summary>
    public const string DataType = "application/json";

    private static readonly CloudEventAttribute TraceParent = CloudEventAttribute.CreateExtension("traceparent", CloudEventAttributeType.String);
    private static readonly CloudEventAttribute CorrelationId = CloudEventAttribute.CreateExtension("correlationid", CloudEventAttributeType.String);
    private static readonly JsonEventFormatter Formatter = new();

    /// <summary>The envelope in UTF-8: the same bytes for the same event. <c>sequence</c> has 20 digits, so that it sorts as text; numbers in data keep theirs.</summary>
    public static ReadOnlyMemory<byte> Write(StoredEvent stored)
    {
        using var data = JsonDocument.Parse(stored.Event.Data);
        var envelope = Of(stored);
        envelope.Data = data.RootElement;
        return Formatter.EncodeStructuredModeMessage(envelope, out _);
    }

    /// <summary>
    /// The attributes as headers of the binary mode, <c>ce-specversion</c> first (HTTP binding section 3.1.3). <c>datacontenttype</c> is not among them: the body is the
    /// event's data as they are, under <see cref="DataType"/>.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, string>> Headers(StoredEvent stored) => Of(stored).GetPopulatedAttributes()
        .Where(a => a.Key.Name != "datacontenttype")
        .Select(a => (a.Key.Name, Value: a.Key.Format(a.Value)))
        .Prepend((Name: "specversion", Value: CloudEventsSpecVersion.V1_0.VersionId))
        .Select(a => KeyValuePair.Create(CloudEventHeaders.Prefix + a.Name, CloudEventHeaders.Encode(a.Value)));

    private static CloudEvent Of(StoredEvent stored)
    {
        var happened = stored.Event;
        return new CloudEvent(CloudEventsSpecVersion.V1_0)
        {
            Id = happened.Id,
            Type = happened.Type,
            Source = new Uri(happened.Source, UriKind.RelativeOrAbsolute),
            Subject = happened.Subject,
            Time = happened.Time,
            DataContentType = DataType,
            [Partitioning.PartitionKeyAttribute] = happened.PartitionKey,
            [Sequence.SequenceAttribute] = stored.Sequence.ToString("D20", System.Globalization.CultureInfo.InvariantCulture),
            [TraceParent] = happened.TraceParent,
            [CorrelationId] = happened.CorrelationId,
        };
    }
}
