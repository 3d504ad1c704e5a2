using Gateway.Delivery.Events;
using Microsoft.Net.Http.Headers;

namespace Gateway.Pipeline.Own;

/// <summary>
/// One event of the caller's partner, by its id: CloudEvents 1.0 in structured mode, and in binary mode (HTTP binding sections 3.2 and 3.1) for who would rather have the
/// type of the data. What is another partner's, is not there, or is past its retention can't be told apart: 404.
/// </summary>
/// <param name="types">The catalogue, for how long events are kept.</param>
internal sealed class EventOperation(EventTypes types) : OwnOperation
{
    private const string Id = "id";

    public override OperationDescriptor Descriptor { get; } = new("event.read", "Reads one of the partner's own events by its id.", Effect.Reads, Idempotent: true, ReadsBack: false)
    {
        Input = new Dictionary<string, string> { [Id] = "what the event says is its id" },
        Needs = [[Id]],
    };

    public override void Describe(Surface surface)
    {
        surface.AnswerType = CloudEventHeaders.Structured;
        surface.OtherAnswerTypes.Add(Envelope.DataType);
    }

    public override async ValueTask AnswerAsync(Exchange exchange, PlanTarget.Call target)
    {
        var id = exchange.Http.Request.RouteValues[Id] as string ?? exchange.Http.Request.Query[Id].ToString();
        var stored = await exchange.Store.FindEventOfAsync(exchange.Tenant, id, exchange.Aborted);
        if (stored is null || exchange.Clock.GetUtcNow() - stored.Event.Time >= types.RetentionOf(stored.Event.Type))
        {
            exchange.Refuse(Failure.NotFound, "There is no such event.");
            return;
        }
        var isBinary = WantsData(exchange.Http.Request);
        exchange.Result = new OperationResult(OperationStatus.Done) { Record = isBinary ? stored.Event.Data : Envelope.Write(stored) };
        exchange.Http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        exchange.Answer = Answers.Of(exchange, target) with
        {
            ContentType = isBinary ? Envelope.DataType : CloudEventHeaders.Structured,
            Headers = isBinary ? [.. Envelope.Headers(stored)] : [],
        };
    }

    /// <summary>
    /// Whether the data alone are wanted more than the whole event (RFC 9110 section 12.5.1): of each media type the most exact range that <c>Accept</c> has for it holds. Who takes
    /// both alike, or neither, gets the whole event.
    /// </summary>
    internal static bool WantsData(HttpRequest request)
    {
        var ranges = request.GetTypedHeaders().Accept;
        return Quality(ranges, Envelope.DataType) > Quality(ranges, CloudEventHeaders.Structured);
    }

    private static double Quality(IList<MediaTypeHeaderValue> ranges, string type)
    {
        var wanted = new MediaTypeHeaderValue(type);
        // A type with a suffix stands in no range of the suffix alone: application/json is not application/cloudevents+json.
        return ranges.Where(range => range.MatchesAllTypes || (range.Type.Equals(wanted.Type, StringComparison.OrdinalIgnoreCase) && (range.MatchesAllSubTypes || range.SubType.Equals(wanted.SubType, StringComparison.OrdinalIgnoreCase))))
            .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
            .Select(range => range.Quality ?? 1)
            .DefaultIfEmpty(0)
            .First();
    }
}
