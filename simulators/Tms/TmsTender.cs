using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>A tendered load, as it was when it was read.</summary>
/// <param name="Id"><c>tnd-1</c> and on.</param>
/// <param name="LoadId">The caller's number of the load: the first of its <c>shipmentIdentifiers</c>.</param>
/// <param name="Status"><c>pending</c>, <c>accepted</c>, <c>declined</c>, <c>expired</c> or <c>cancelled</c>.</param>
/// <param name="Given">The tender as the caller wrote it.</param>
/// <param name="Response">What the carrier said; null as long as it said nothing.</param>
/// <param name="RespondBy">Until when it may be answered; null without an end.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record TmsTender(string Id, string LoadId, string Status, JsonObject Given, JsonObject? Response,
    DateTimeOffset? RespondBy, DateTimeOffset CreatedAt)
{
    internal JsonObject ToJson()
    {
        var members = new JsonObject { ["id"] = Id, ["status"] = Status };
        foreach (var (name, value) in Given)
            members[name] = value?.DeepClone();
        members["createdAt"] = TmsCarrier.Time(CreatedAt);
        if (Response is not null)
            members["response"] = Response.DeepClone();
        return members;
    }
}

/// <summary>The carrier's tenders, without HTTP.</summary>
internal sealed class TmsTenders(TimeProvider clock)
{
    /// <summary>What people at the carrier may say beside the status.</summary>
    private static readonly string[] Words =
        ["proNumber", "rate", "shipmentStops", "declineReason", "note", "licensePlate", "trailerNumber", "driverName"];

    private readonly Lock _gate = new();
    private readonly List<TmsTender> _tenders = [];

    public IReadOnlyList<TmsTender> All
    {
        get
        {
            lock (_gate)
            {
                Expire();
                return [.. _tenders];
            }
        }
    }

    public (TmsTender? Tender, TmsError? Error) Find(string id) => All.FirstOrDefault(tender => tender.Id == id) is { } found
        ? (found, null) : (null, Refused(404, "tender_not_found", "id", $"There is no tender {id}."));

    /// <summary>Makes, changes or calls off a tender; <c>Created</c> tells whether it is a new one.</summary>
    public (TmsTender? Tender, bool Created, TmsError? Error) Take(JsonObject given)
    {
        if (Wrong(given) is { } wrong)
            return (null, false, wrong);
        if (given["totalWeight"] is JsonValue weight && weight.TryGetValue(out decimal kilograms) && kilograms > 40_000)
            return (null, false, Refused(422, "load_too_heavy", "totalWeight", "The carrier takes at most 40 t."));
        var load = (string)given["shipmentIdentifiers"]![0]!["value"]!;
        var type = Text(given, "tenderType") ?? "ORIGINAL";
        var respondBy = Text(given, "respondBy") is { } time ? DateTimeOffset.Parse(time) : (DateTimeOffset?)null;
        var own = new JsonObject(given.Where(member => member.Key is not ("id" or "status" or "createdAt" or "response"))
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        lock (_gate)
        {
            Expire();
            var at = _tenders.FindLastIndex(tender => tender.LoadId == load && tender.Status != "cancelled");
            if (type == "ORIGINAL")
            {
                if (at >= 0)
                    return (null, false, Refused(409, "duplicate_tender", "shipmentIdentifiers", $"Tender {_tenders[at].Id} is for {load}."));
                _tenders.Add(new TmsTender($"tnd-{_tenders.Count + 1}", load, "pending", own, null, respondBy, clock.GetUtcNow()));
                return (_tenders[^1], true, null);
            }
            if (at < 0)
                return (null, false, Refused(404, "tender_not_found", "shipmentIdentifiers", $"There is no tender for {load}."));
            if (_tenders[at].Response?["pickedUpAt"] is not null)
                return (null, false, Refused(409, "tender_closed", "shipmentIdentifiers", $"The load of tender {_tenders[at].Id} was collected."));
            return (_tenders[at] = type == "CANCEL" ? _tenders[at] with { Status = "cancelled" }
                : _tenders[at] with { Status = "pending", Given = own, Response = null, RespondBy = respondBy }, false, null);
        }
    }

    /// <summary>What people at the carrier answer; only a tender that is pending can be answered, and only one that is accepted collected.</summary>
    public (TmsTender? Tender, TmsError? Error) Answer(string id, string status, JsonObject? words)
    {
        lock (_gate)
        {
            Expire();
            var at = _tenders.FindIndex(tender => tender.Id == id);
            if (at < 0)
                return (null, Refused(404, "tender_not_found", "id", $"There is no tender {id}."));
            if (status == "collected" && _tenders[at].Status == "accepted")
                return (_tenders[at] = _tenders[at] with { Response = new JsonObject(_tenders[at].Response!.Select(said => KeyValuePair.Create(said.Key, said.Value?.DeepClone()))) { ["pickedUpAt"] = TmsCarrier.Time(clock.GetUtcNow()) } }, null);
            if (status is not ("accepted" or "declined" or "expired"))
                return (null, Refused(400, "invalid_status", "status", "status is accepted, declined or expired."));
            if (_tenders[at].Status != "pending")
                return (null, Refused(409, "tender_closed", "status", $"Tender {id} is {_tenders[at].Status}."));
            var response = status == "expired" ? null : new JsonObject(Words.Where(word => words?[word] is not null)
                .Select(word => KeyValuePair.Create(word, words?[word]?.DeepClone())))
            {
                ["respondedAt"] = TmsCarrier.Time(clock.GetUtcNow()),
            };
            return (_tenders[at] = _tenders[at] with { Status = status, Response = response }, null);
        }
    }

    private void Expire()
    {
        for (var i = 0; i < _tenders.Count; i++)
            if (_tenders[i] is { Status: "pending", RespondBy: { } end } && end < clock.GetUtcNow())
                _tenders[i] = _tenders[i] with { Status = "expired" };
    }

    private static TmsError? Wrong(JsonObject given)
    {
        if (given["shipmentIdentifiers"] is not JsonArray { Count: > 0 } identifiers
            || identifiers.Any(one => one is not JsonObject pair || Text(pair, "type") is null || Text(pair, "value") is not { Length: > 0 }))
            return Invalid("shipmentIdentifiers", "shipmentIdentifiers needs at least one type and value.");
        if (given["carrierIdentifier"] is not JsonObject carrier || Text(carrier, "type") != "SCAC" || Text(carrier, "value") is null)
            return Invalid("carrierIdentifier", "carrierIdentifier needs the type SCAC and a value.");
        if (Text(given, "tenderType") is not (null or "ORIGINAL" or "UPDATE" or "CANCEL"))
            return Invalid("tenderType", "tenderType is ORIGINAL, UPDATE or CANCEL.");
        if (Text(given, "respondBy") is { } time && !DateTimeOffset.TryParse(time, out _))
            return Invalid("respondBy", "respondBy is not an RFC 3339 time.");
        if (given["shipmentStops"] is not JsonArray { Count: >= 2 } stops)
            return Invalid("shipmentStops", "A load has at least two stops.");
        for (var i = 0; i < stops.Count; i++)
            if (stops[i] is not JsonObject stop || stop["stopNumber"] is not JsonValue number || !number.TryGetValue(out int value) || value != i + 1)
                return Invalid($"shipmentStops[{i}].stopNumber", "Stops are numbered from 1, in their order.");
        return null;
    }

    private static TmsError Invalid(string field, string message) =>
        new(400, "shipengine", "validation", "invalid_field_value", message) { FieldName = field };

    private static TmsError Refused(int status, string code, string field, string message) =>
        new(status, "carrier", "business_rules", code, message) { FieldName = field };

    private static string? Text(JsonObject members, string name) =>
        members[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
