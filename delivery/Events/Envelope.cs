using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Extensions;
using CloudNative.CloudEvents.SystemTextJson;

namespace Gateway.Delivery.Events;

/// <summary>
/// An event as others get it: CloudEvents 1.0 in structured JSON mode, with the documented extensions <c>partitionkey</c>,
/// <c>sequence</c> and distributed tracing, and <c>correlationid</c>.
/// </summary>
public static class Envelope
{
    /// <summary>Media type of the structured mode, CloudEvents JSON format section 3.</summary>
    public const string ContentType = "application/cloudevents+json";

    private static readonly CloudEventAttribute TraceParent = CloudEventAttribute.CreateExtension("traceparent", CloudEventAttributeType.String);
    private static readonly CloudEventAttribute CorrelationId = CloudEventAttribute.CreateExtension("correlationid", CloudEventAttributeType.String);
    private static readonly JsonEventFormatter Formatter = new();

    /// <summary>The envelope in UTF-8: the same bytes for the same event. <c>sequence</c> has 20 digits, so that it sorts as text; numbers in data keep theirs.</summary>
    public static ReadOnlyMemory<byte> Write(StoredEvent stored)
    {
        var happened = stored.Event;
        using var data = JsonDocument.Parse(happened.Data);
        var envelope = new CloudEvent(CloudEventsSpecVersion.V1_0)
        {
            Id = happened.Id,
            Type = happened.Type,
            Source = new Uri(happened.Source, UriKind.RelativeOrAbsolute),
            Subject = happened.Subject,
            Time = happened.Time,
            DataContentType = "application/json",
            Data = data.RootElement,
            [Partitioning.PartitionKeyAttribute] = happened.PartitionKey,
            [Sequence.SequenceAttribute] = stored.Sequence.ToString("D20", System.Globalization.CultureInfo.InvariantCulture),
            [TraceParent] = happened.TraceParent,
            [CorrelationId] = happened.CorrelationId,
        };
        return Formatter.EncodeStructuredModeMessage(envelope, out _);
    }
}
