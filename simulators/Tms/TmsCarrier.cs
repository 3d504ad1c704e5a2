using System.Text.Json.Nodes;

namespace Gateway.Simulators;

/// <summary>A bought label, as it was when it was read.</summary>
/// <param name="Id"><c>se-1</c> and on.</param>
/// <param name="ExternalShipmentId">The caller's id of the shipment, of which there is one; null where none was given.</param>
/// <param name="TrackingNumber">The parcel's number.</param>
/// <param name="Status"><c>completed</c> or <c>voided</c>.</param>
/// <param name="ServiceCode">As ordered.</param>
/// <param name="Cost">In euro.</param>
/// <param name="CreatedAt">When it was bought.</param>
public sealed record TmsLabel(string Id, string? ExternalShipmentId, string TrackingNumber, string Status, string ServiceCode,
    decimal Cost, DateTimeOffset CreatedAt)
{
    /// <summary>Its shipment, which may have others: <c>se-100001</c> and on.</summary>
    public required string ShipmentId { get; init; }

    internal JsonObject ToJson() => new()
    {
        ["label_id"] = Id,
        ["status"] = Status,
        ["shipment_id"] = ShipmentId,
        ["external_shipment_id"] = ExternalShipmentId,
        ["carrier_code"] = TmsCarrier.Code,
        ["service_code"] = ServiceCode,
        ["tracking_number"] = TrackingNumber,
        ["tracking_status"] = "in_transit",
        ["shipment_cost"] = new JsonObject { ["currency"] = "eur", ["amount"] = Cost },
        ["voided"] = Status == "voided",
        ["created_at"] = TmsCarrier.Time(CreatedAt),
    };
}

/// <summary>A refusal that says whose fault it is.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Source"><c>shipengine</c>, <c>carrier</c> or <c>order_source</c>.</param>
/// <param name="Type"><c>validation</c>, <c>business_rules</c>, <c>security</c>, <c>integrations</c> …</param>
/// <param name="Code">The exact reason.</param>
/// <param name="Message">For people.</param>
internal sealed record TmsError(int Status, string Source, string Type, string Code, string Message)
{
    public string? FieldName { get; init; }

    public JsonObject ToJson(string requestId) => new()
    {
        ["request_id"] = requestId,
        ["errors"] = new JsonArray(new JsonObject
        {
            ["error_source"] = Source,
            ["error_type"] = Type,
            ["error_code"] = Code,
            ["message"] = Message,
            ["carrier_id"] = Source == "carrier" ? TmsCarrier.Code : null,
            ["field_name"] = FieldName,
        }),
    };
}

/// <summary>The carrier's parcels and labels, without HTTP.</summary>
internal sealed class TmsCarrier
{
    public const string Code = "demo_carrier";

    /// <summary>What the status codes mean, in the carrier's usual words.</summary>
    public static readonly IReadOnlyDictionary<string, string> Statuses = new Dictionary<string, string>
    {
        ["NY"] = "Not Yet In System",
        ["AC"] = "Accepted",
        ["IT"] = "In Transit",
        ["SP"] = "Delivered To Collection Location",
        ["DE"] = "Delivered",
        ["AT"] = "Delivery Attempted",
        ["EX"] = "Exception",
        ["UN"] = "Unknown",
    };

    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly List<TmsLabel> _labels = [];
    private readonly Dictionary<string, string> _customers = [];
    private readonly SortedDictionary<string, List<(DateTimeOffset At, string Status, string Text, string City)>> _parcels = [];

    public TmsCarrier(TimeProvider clock)
    {
        _clock = clock;
        foreach (var (number, codes, customer) in new[] { ("TRK-1001", "AC IT", "ACME-DE"), ("TRK-1002", "AC IT DE", "ACME-FR"),
            ("TRK-1003", "AC IT EX", "ACME-DE"), ("TRK-1004", "NY", "GLOBEX-DE") })
        {
            _customers[number] = customer;
            foreach (var (code, i) in codes.Split(' ').Select((code, i) => (code, i)))
                Add(number, code, null, clock.GetUtcNow().AddHours(8 * (i - 4)));
        }
    }

    public IReadOnlyList<TmsLabel> Labels
    {
        get { lock (_gate) return [.. _labels]; }
    }

    public static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ssZ");

    /// <param name="customer">Whose goods are in the parcel, as the shipper calls him; null leaves it as it is.</param>
    public void AddEvent(string number, string status, string? text, string? customer)
    {
        if (!Statuses.ContainsKey(status))
            throw new ArgumentException($"There is no status code {status}.", nameof(status));
        lock (_gate)
        {
            if (customer is not null)
                _customers[number] = customer;
            Add(number, status, text, _clock.GetUtcNow());
        }
    }

    public (JsonObject? Answer, TmsError? Error) Track(string carrier, string number)
    {
        if (carrier.Length == 0 || number.Length == 0)
            return (null, Required(carrier.Length == 0 ? "carrier_code" : "tracking_number"));
        if (carrier != Code)
            return (null, Refused(400, "shipengine", "carrier_not_connected", "carrier_code", $"The carrier '{carrier}' is not connected."));
        lock (_gate)
        {
            if (!_parcels.TryGetValue(number, out var events))
                return (null, Refused(404, "carrier", "tracking_not_found", "tracking_number",
                    $"The carrier does not know the tracking number '{number}'."));
            var last = events[^1];
            var delivered = last.Status == "DE" ? Time(last.At) : null;
            return (new JsonObject
            {
                ["tracking_number"] = number,
                ["carrier_code"] = Code,
                ["customer_reference"] = _customers.GetValueOrDefault(number),
                ["status_code"] = last.Status,
                ["status_description"] = Statuses[last.Status],
                ["carrier_status_description"] = last.Text,
                ["ship_date"] = last.Status == "NY" ? null : Time(events[0].At),
                ["estimated_delivery_date"] = Time(events[0].At.AddHours(48)),
                ["actual_delivery_date"] = delivered,
                ["exception_description"] = last.Status == "EX" ? last.Text : null,
                ["events"] = new JsonArray([.. Enumerable.Reverse(events).Select(seen => new JsonObject
                {
                    ["occurred_at"] = Time(seen.At),
                    ["status_code"] = seen.Status,
                    ["description"] = seen.Text,
                    ["city_locality"] = seen.City,
                    ["country_code"] = "DE",
                })]),
            }, null);
        }
    }

    public (JsonObject? Answer, TmsError? Error) CreateLabel(JsonObject members)
    {
        var shipment = members["shipment"] as JsonObject ?? [];
        if (shipment["ship_to"] is not JsonObject)
            return (null, Required("shipment.ship_to"));
        if (Text(shipment, "service_code") is not { } service)
            return (null, Required("shipment.service_code"));
        if (shipment["packages"] is not JsonArray { Count: > 0 } packages)
            return (null, Required("shipment.packages"));
        var grams = packages.Sum(package => Grams(package?["weight"]));
        if (grams > 31_500)
            return (null, Refused(422, "carrier", "package_too_heavy", "shipment.packages",
                "The carrier takes at most 31.5 kg."));
        var external = Text(shipment, "external_shipment_id");
        lock (_gate)
        {
            if (external is not null && _labels.FirstOrDefault(label => label.ExternalShipmentId == external) is { } known)
                return (null, Refused(409, "shipengine", "identifier_conflict", "shipment.external_shipment_id",
                    $"Shipment {known.ShipmentId} has this external_shipment_id."));
            return (Buy($"se-{100001 + _labels.Count}", external, service, 4.90m + Math.Ceiling(grams / 1000m) * 0.35m,
                Text(shipment, "customer_reference")).ToJson(), null);
        }
    }

    /// <summary>Another label for a shipment, as somebody buys it by hand.</summary>
    public (JsonObject? Answer, TmsError? Error) CreateAnother(string shipment)
    {
        lock (_gate)
            return _labels.FirstOrDefault(label => label.ShipmentId == shipment) is { } first
                ? (Buy(shipment, first.ExternalShipmentId, first.ServiceCode, first.Cost, _customers.GetValueOrDefault(first.TrackingNumber)).ToJson(), null)
                : (null, new TmsError(404, "shipengine", "validation", "not_found", $"There is no shipment {shipment}.") { FieldName = "shipment_id" });
    }

    /// <summary>The label of an external id; of several the one that was bought first.</summary>
    public (JsonObject? Answer, TmsError? Error) LabelOf(string externalId)
    {
        lock (_gate)
            return _labels.FirstOrDefault(label => label.ExternalShipmentId == externalId) is { } label ? (label.ToJson(), null) : (null, NoLabel(externalId));
    }

    public (JsonObject? Answer, TmsError? Error) TrackLabel(string id)
    {
        var label = Labels.FirstOrDefault(label => label.Id == id);
        return label is null ? (null, NoLabel(id)) : Track(Code, label.TrackingNumber);
    }

    public (JsonObject? Answer, TmsError? Error) Label(string id)
    {
        lock (_gate)
            return _labels.FirstOrDefault(label => label.Id == id) is { } label ? (label.ToJson(), null) : (null, NoLabel(id));
    }

    public (JsonObject? Answer, TmsError? Error) Void(string id)
    {
        lock (_gate)
        {
            var at = _labels.FindIndex(label => label.Id == id);
            if (at < 0)
                return (null, NoLabel(id));
            if (_parcels[_labels[at].TrackingNumber][^1].Status != "NY")
                return (new JsonObject { ["approved"] = false, ["message"] = "The parcel is on its way." }, null);
            _labels[at] = _labels[at] with { Status = "voided" };
            return (new JsonObject { ["approved"] = true, ["message"] = "The label is voided." }, null);
        }
    }

    public JsonObject Summary()
    {
        lock (_gate)
            return new JsonObject(_parcels.Select(parcel => KeyValuePair.Create(parcel.Key, (JsonNode?)parcel.Value[^1].Status)));
    }

    private TmsLabel Buy(string shipment, string? external, string service, decimal cost, string? customer)
    {
        var number = $"TRK-{2001 + _labels.Count}";
        var label = new TmsLabel($"se-{_labels.Count + 1}", external, number, "completed", service, cost, _clock.GetUtcNow()) { ShipmentId = shipment };
        _labels.Add(label);
        if (customer is not null)
            _customers[number] = customer;
        Add(number, "NY", null, _clock.GetUtcNow());
        return label;
    }

    private void Add(string number, string status, string? text, DateTimeOffset at)
    {
        if (!_parcels.TryGetValue(number, out var events))
            _parcels.Add(number, events = []);
        events.Add((at, status, text ?? (status == "EX" ? "Recipient address could not be found" : Statuses[status]),
            events.Count == 0 ? "Hamburg" : "Hannover"));
    }

    private static decimal Grams(JsonNode? weight)
    {
        if (weight is not JsonObject members || members["value"] is not JsonValue value || !value.TryGetValue(out decimal amount))
            return 0;
        return Text(members, "unit") switch
        {
            "kilogram" => amount * 1000,
            "pound" => amount * 453.59237m,
            "ounce" => amount * 28.349523125m,
            _ => amount,
        };
    }

    private static TmsError Refused(int status, string source, string code, string field, string message) =>
        new(status, source, "business_rules", code, message) { FieldName = field };

    private static TmsError Required(string field) =>
        new(400, "shipengine", "validation", "field_value_required", $"{field} must be specified.") { FieldName = field };

    private static TmsError NoLabel(string id) =>
        new(404, "shipengine", "validation", "not_found", $"There is no label {id}.") { FieldName = "label_id" };

    private static string? Text(JsonObject members, string name) =>
        members[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
