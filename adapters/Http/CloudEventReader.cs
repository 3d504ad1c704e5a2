using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Adapters.Rest;
using Microsoft.AspNetCore.Http;

namespace Gateway.Adapters.Http;

/// <summary>
/// Reads CloudEvents 1.0.2 out of a request: JSON format sections 2 to 4, HTTP binding section 3.1. All or nothing: one event of a batch that is wrong refuses the batch, and each finding
/// names its attribute.
/// </summary>
/// <param name="types">Of events that the backend may tell.</param>
/// <param name="states">Those of them that say how their subject stands as a whole.</param>
internal sealed partial class CloudEventReader(IReadOnlyList<string> types, IReadOnlyList<string> states, DateTimeOffset now)
{
    /// <summary>Events of a batch; each is stored by itself before the batch is acknowledged.</summary>
    private const int MostEvents = 500;

    /// <summary>Of one answer.</summary>
    private const int MostFindings = 20;

    private const string DataMember = "data";
    private const string Base64Member = "data_base64";
    private const string DataType = "datacontenttype";
    private static readonly JsonElement NoData = JsonElement.Parse("null");

    /// <summary>Attributes that are texts where they are there.</summary>
    private static readonly string[] Texts = ["specversion", "id", "source", "type", "subject", "time", DataType, "dataschema", "partitionkey", "sequence", "traceparent"];

    /// <summary>Longest values, in UTF-16 units, of the attributes that are kept.</summary>
    private static readonly Dictionary<string, int> Longest = new() { ["id"] = 256, ["source"] = 1024, ["type"] = 200, ["subject"] = 300, ["partitionkey"] = 300 };

    private readonly List<Finding> _findings = [];

    public HookVerdict Structured(ReadOnlyMemory<byte> body) => Parsed(body, document => Told([OfJson(document, "#")]));

    public HookVerdict Batched(ReadOnlyMemory<byte> body) => Parsed(body, document =>
    {
        if (document.ValueKind != JsonValueKind.Array) return Wrong(new Finding("#", "type", "a batch is a list of CloudEvents"));
        if (document.GetArrayLength() > MostEvents)
            return new HookVerdict.Unreadable($"a batch of {document.GetArrayLength()} events") { Failure = Failure.BodyTooLarge, Detail = $"A batch has at most {MostEvents} events. Send them in several." };
        return Told([.. document.EnumerateArray().Select((one, i) => OfJson(one, string.Create(CultureInfo.InvariantCulture, $"#/{i}")))]);
    });

    /// <param name="body">JSON; empty where there are no data.</param>
    public HookVerdict Binary(IHeaderDictionary headers, ReadOnlyMemory<byte> body)
    {
        if (headers.ContentType.Count == 0 && body.Length > 0)
            return new HookVerdict.Unreadable("its data have no content type") { Failure = Failure.UnsupportedMediaType, Detail = "Data in binary mode need a Content-Type that is JSON." };
        var draft = new Draft(name => new Finding($"#/{CloudEventHeaders.Prefix}{name}", "", "") { In = "header" }, _findings);
        foreach (var (header, values) in headers)
        {
            if (!header.StartsWith(CloudEventHeaders.Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            var name = header[CloudEventHeaders.Prefix.Length..].ToLowerInvariant();
            // What this header would say, Content-Type says (section 3.1.1).
            if (name == DataType) continue;
            if (!Name().IsMatch(name)) draft.Fault(name, "pattern", "an attribute has a name of letters and digits");
            else if (values is not [{ } written]) draft.Fault(name, "maxItems", "it is there more than once");
            else if (CloudEventHeaders.Decode(written) is { } value) draft.Values[name] = value;
            else draft.Fault(name, "format", "its value is not percent-encoded as CloudEvents are: %XY for the bytes of UTF-8");
        }
        return body.IsEmpty && headers.ContentType.Count == 0 ? Told([Judged(draft, NoData)]) : Parsed(body, data => Told([Judged(draft, data)]));
    }

    /// <param name="at">Pointer of the event.</param>
    private HookEvent? OfJson(JsonElement one, string at)
    {
        if (one.ValueKind != JsonValueKind.Object)
        {
            _findings.Add(new Finding(at, "type", "a CloudEvent is an object"));
            return null;
        }
        var (draft, data) = (new Draft(name => new Finding($"{at}/{name}", "", ""), _findings), NoData);
        foreach (var member in one.EnumerateObject())
        {
            var (name, value) = (member.Name, member.Value);
            if (name == DataMember) data = value;
            else if (name == Base64Member) draft.Fault(name, "type", "only data that are JSON are taken, in data");
            else if (!Name().IsMatch(name)) _findings.Add(new Finding(at, "propertyNames", "an attribute has a name of small letters and digits"));
            // Null is as if it were not there (section 2.2).
            else if (value.ValueKind == JsonValueKind.Null) continue;
            else if (value.ValueKind == JsonValueKind.String) draft.Values[name] = value.GetString()!;
            else if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) draft.Fault(name, "type", "an attribute is a text, a number or a truth value");
            else if (Texts.Contains(name)) draft.Fault(name, "type", "it must be a text");
        }
        if (draft[DataType] is { } type && !JsonBody.IsTyped(type, [])) draft.Fault(DataType, "enum", "only data that are JSON are taken");
        return Judged(draft, data);
    }

    /// <summary>Null where something is wrong with it, which was told.</summary>
    private HookEvent? Judged(Draft draft, JsonElement data)
    {
        foreach (var name in (string[])["specversion", "id", "source", "type"])
            if (draft[name] is null) draft.Fault(name, "required", "it is missing, and every CloudEvent has one");
        foreach (var name in Texts)
        {
            if (draft[name] is not { } value) continue;
            if (value.Length == 0) draft.Fault(name, "minLength", "it must not be empty");
            else if (Longest.TryGetValue(name, out var longest) && value.Length > longest) draft.Fault(name, "maxLength", $"it is longer than {longest} characters");
            else if (value.Any(char.IsControl)) draft.Fault(name, "pattern", "it has control characters, which no attribute may have");
        }
        if (draft["specversion"] is { } version && version != "1.0") draft.Fault("specversion", "const", "it must be 1.0");
        if (draft["source"] is { } source && (source.Contains(' ') || !Uri.TryCreate(source, UriKind.RelativeOrAbsolute, out _))) draft.Fault("source", "format", "it must be a URI reference");
        if (draft["type"] is { } type && !types.Contains(type)) draft.Fault("type", "enum", "events of this type are not taken from here; ask us to take them");
        var time = draft["time"] is { } said ? TimeOf(said) : null;
        if (draft["time"] is not null && time is null) draft.Fault("time", "format", "it must be a time of RFC 3339, with its offset");
        var isState = draft["type"] is { } known && states.Contains(known);
        // The extension lets any text be one, compared as texts are; what counts is a number in that.
        if (isState && draft["sequence"] is { } sequence && !Sequence().IsMatch(sequence)) draft.Fault("sequence", "pattern", "of events of this type it is what tells the newer from the older: it must be a number of at most 18 digits");
        if (draft.IsWrong) return null;
        return new HookEvent(draft["id"]!, draft["type"]!, draft["subject"] ?? draft["id"]!, HookBody.TimeOf(time, now), data)
        {
            Source = draft["source"],
            Standing = isState ? StandingOf(draft["sequence"], time, now) : null,
            PartitionKey = draft["partitionkey"],
            TraceParent = draft["traceparent"] is { } trace && TraceParent().IsMatch(trace) ? trace : null,
        };
    }

    /// <summary>Null where it is no time of RFC 3339. A leap second is the one before it: the calendar here has none.</summary>
    private static string? TimeOf(string said)
    {
        if (!Rfc3339().IsMatch(said)) return null;
        var time = said[17..19] == "60" ? $"{said[..17]}59{said[19..]}" : said;
        return DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) ? time : null;
    }

    /// <summary>What of two events of one subject says which is the newer: the number of the sequence, which is that many ticks; else the time. Null where it says neither.</summary>
    private static DateTimeOffset? StandingOf(string? sequence, string? time, DateTimeOffset now) =>
        sequence is not null ? new DateTimeOffset(long.Parse(sequence, CultureInfo.InvariantCulture), TimeSpan.Zero) : time is not null ? HookBody.TimeOf(time, now) : null;

    private HookVerdict Told(IReadOnlyList<HookEvent?> events) => _findings.Count == 0 ? new HookVerdict.Told([.. events.OfType<HookEvent>()]) : Wrong([.. _findings]);

    private static HookVerdict.Unreadable Wrong(params Finding[] findings)
    {
        var (name, first) = (findings[0].Pointer.Split('/')[^1], findings[0].Detail);
        return new HookVerdict.Unreadable($"{findings[0].Pointer}: {first}")
        {
            Failure = Failure.MalformedRequest,
            Detail = name is "#" || name.All(char.IsAsciiDigit) ? $"It is no CloudEvent: {first}." : $"It is no CloudEvent: of {name}, {first}.",
            Findings = [.. findings.Take(MostFindings)],
        };
    }

    private static HookVerdict Parsed(ReadOnlyMemory<byte> body, Func<JsonElement, HookVerdict> read)
    {
        if (!JsonBody.IsText(body.Span)) return new HookVerdict.Unreadable("it is no UTF-8");
        try
        {
            return read(JsonElement.Parse(body.Span, JsonBody.Strict));
        }
        catch (JsonException)
        {
            return new HookVerdict.Unreadable("it is no JSON");
        }
    }

    [GeneratedRegex(@"^[a-z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"^[0-9]{1,18}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sequence();

    [GeneratedRegex(@"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TraceParent();

    /// <summary>The attributes of one event, as they are read: of each that is wrong the first finding is told, and nothing more.</summary>
    private sealed class Draft(Func<string, Finding> at, List<Finding> findings)
    {
        private readonly HashSet<string> _wrong = [];

        public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

        public bool IsWrong => _wrong.Count > 0;

        /// <summary>Null where it is not there.</summary>
        public string? this[string name] => Values.GetValueOrDefault(name);

        public void Fault(string name, string keyword, string detail)
        {
            if (_wrong.Add(name)) findings.Add(at(name) with { Keyword = keyword, Detail = detail });
        }
    }
}
