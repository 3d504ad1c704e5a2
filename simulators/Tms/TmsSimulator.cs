using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulators;

/// <summary>How the TMS simulator starts.</summary>
public sealed record TmsSimulatorOptions : SimulatorOptions
{
    /// <summary>The key callers send in the header <c>API-Key</c>.</summary>
    public string ApiKey { get; init; } = "demo-tms-key";

    /// <summary>Where webhooks go, signed with a key of <c>GET /jwks</c>; null sends none.</summary>
    public HookTarget? Hooks { get; init; }
}

/// <summary>
/// A carrier platform in the manner of ShipEngine (docs.shipstation.com/apis/shipengine): labels and tracking, snake_case, and errors that say whose fault it is:
/// <c>{"request_id","errors":[{"error_source","error_type","error_code","message","carrier_id","field_name"}]}</c>. Beside them
/// tenders of whole loads in the manner of project44, camelCase.
/// Seeded: TRK-1001 in transit, TRK-1002 delivered, TRK-1003 exception, all of ACME's; TRK-1004 not yet in the system, of GLOBEX's.
/// </summary>
public sealed class TmsSimulator : IAsyncDisposable
{
    private readonly TmsSimulatorOptions _options;
    private readonly TmsCarrier _carrier;
    private readonly TmsTenders _tenders;
    private readonly TmsSigner _signer = new();
    private SimulatorHost _host = null!;
    private HookSender? _hooks;

    private TmsSimulator(TmsSimulatorOptions options) =>
        (_options, _carrier, _tenders) = (options, new TmsCarrier(options.Clock), new TmsTenders(options.Clock));

    /// <summary>The server's base address.</summary>
    public Uri Url => _host.Url;

    /// <summary>The misbehaviour, as <c>POST /_chaos</c> sets it.</summary>
    public Chaos Chaos => _host.Chaos;

    /// <summary>Requests so far, <c>/_chaos</c> and <c>/_state</c> not counted.</summary>
    public int Requests => _host.Requests;

    /// <summary>The W3C <c>traceparent</c> of the last request.</summary>
    public string? LastTraceParent => _host.LastTraceParent;

    /// <summary>All labels, oldest first, as they are now.</summary>
    public IReadOnlyList<TmsLabel> Labels => _carrier.Labels;

    /// <summary>What its webhooks are signed with.</summary>
    public TmsSigner Signer => _signer;

    /// <summary>All tenders, oldest first, as they are now.</summary>
    public IReadOnlyList<TmsTender> Tenders => _tenders.All;

    /// <summary>What the webhooks were about that the receiver has acknowledged (<c>/v1/tracking?carrier_code=demo_carrier&amp;tracking_number=TRK-1001</c>), again where one was sent again.</summary>
    public IReadOnlyList<string> HooksTaken => _hooks?.Taken ?? [];

    /// <summary>Starts listening with the seeded parcels.</summary>
    public static async Task<TmsSimulator> StartAsync(TmsSimulatorOptions? options = null)
    {
        var simulator = new TmsSimulator(options ?? new TmsSimulatorOptions());
        simulator._host = await SimulatorHost.StartAsync(simulator._options, routes =>
        {
            routes.MapGet("/jwks", http => Answer.JsonAsync(http, 200, simulator._signer.Keys()));
            routes.MapGet("/v1/tracking",
                simulator.Keyed(http => SendAsync(http, 200, simulator._carrier.Track(Query(http, "carrier_code"), Query(http, "tracking_number")))));
            routes.MapPost("/v1/labels", simulator.Keyed(simulator.CreateLabelAsync));
            routes.MapPost("/v1/labels/shipment/{id}",
                simulator.Keyed(http => SendAsync(http, 200, simulator._carrier.CreateAnother(Route(http, "id")))));
            routes.MapGet("/v1/labels", simulator.Keyed(simulator.ListLabelsAsync));
            routes.MapGet("/v1/labels/external_shipment_id/{id}",
                simulator.Keyed(http => SendAsync(http, 200, simulator._carrier.LabelOf(Route(http, "id")))));
            routes.MapGet("/v1/labels/{id}/track",
                simulator.Keyed(http => SendAsync(http, 200, simulator._carrier.TrackLabel(Route(http, "id")))));
            routes.MapGet("/v1/labels/{id}",
                simulator.Keyed(http => SendAsync(http, 200, simulator._carrier.Label(Route(http, "id")))));
            routes.MapPut("/v1/labels/{id}/void",
                simulator.Keyed(http => SendAsync(http, 200, simulator._carrier.Void(Route(http, "id")))));
            routes.MapPost("/v1/tenders", simulator.Keyed(simulator.TakeTenderAsync));
            routes.MapGet("/v1/tenders", simulator.Keyed(simulator.ListTendersAsync));
            routes.MapGet("/v1/tenders/{id}", simulator.Keyed(http =>
                SendAsync(http, 200, Written(simulator._tenders.Find(Route(http, "id"))))));
            routes.MapPost("/_event", simulator.AddEventAsync);
            routes.MapPost("/_tender", simulator.AnswerTenderAsync);
        }, () => new JsonObject
        {
            ["simulator"] = "tms",
            ["labels"] = new JsonArray([.. simulator.Labels.Select(label => label.ToJson())]),
            ["tracking"] = simulator._carrier.Summary(),
            ["tenders"] = new JsonArray([.. simulator.Tenders.Select(tender => tender.ToJson())]),
        }, () => new TmsError(503, "shipengine", "system", "maintenance", "The platform is closed for maintenance.").ToJson("maintenance"));
        if (simulator._options.Hooks is { } hooks)
            simulator.SendHooksTo(hooks);
        return simulator;
    }

    /// <summary>Lets something happen to a parcel; an unknown number becomes known.</summary>
    /// <param name="trackingNumber">The parcel.</param>
    /// <param name="statusCode">NY, AC, IT, SP, DE, AT, EX or UN.</param>
    /// <param name="description">In the carrier's words; null takes the usual ones.</param>
    /// <param name="customerReference">Whose goods are in the parcel, as the shipper calls him; null leaves it as it is.</param>
    /// <exception cref="ArgumentException">There is no such status code.</exception>
    public void AddEvent(string trackingNumber, string statusCode, string? description = null, string? customerReference = null)
    {
        _carrier.AddEvent(trackingNumber, statusCode, description, customerReference);
        Tell("API_TRACK", $"/v1/tracking?carrier_code={TmsCarrier.Code}&tracking_number={trackingNumber}", _carrier.Track(TmsCarrier.Code, trackingNumber).Answer);
    }

    /// <summary>Answers a tender, as people at the carrier would.</summary>
    /// <param name="id">The tender, which must be pending.</param>
    /// <param name="status">accepted, declined or expired.</param>
    /// <param name="words">What they say beside it, as <c>POST /_tender</c> takes it.</param>
    /// <returns>The tender, or why it can't be answered.</returns>
    public (TmsTender? Tender, string? Wrong) AnswerTender(string id, string status, JsonObject? words = null)
    {
        var (tender, error) = _tenders.Answer(id, status, words);
        if (tender is not null)
            Tell("API_TENDER", $"/v1/tenders/{id}", tender.ToJson());
        return (tender, error?.Message);
    }

    /// <summary>Sends webhooks from now on, where the receiver was not there at the start.</summary>
    public void SendHooksTo(HookTarget target) => _hooks ??= new HookSender(target, Chaos, _options.Clock, _signer.Sign);

    /// <summary>Tells of something: the receiver gets what a look at the same thing would answer.</summary>
    /// <param name="data">Left out when null, as with <c>API_BATCH</c>.</param>
    public void Tell(string type, string path, JsonObject? data)
    {
        var body = new JsonObject { ["resource_url"] = new Uri(Url, path).ToString(), ["resource_type"] = type };
        if (data is not null)
            body["data"] = data.DeepClone();
        _hooks?.Send(path, body);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_hooks is not null)
            await _hooks.DisposeAsync();
        await _host.DisposeAsync();
        _signer.Dispose();
    }

    private RequestDelegate Keyed(RequestDelegate work) => http => http.Request.Headers["API-Key"] == _options.ApiKey
        ? work(http)
        : SendAsync(http, 0, (null, new TmsError(401, "shipengine", "security", "unauthorized",
            "The API key is invalid. Send it in the header API-Key.")));

    private async Task CreateLabelAsync(HttpContext http)
    {
        var (document, broken) = await Answer.ReadJsonAsync(http);
        if (broken is not null || document is not JsonObject members)
            await SendAsync(http, 0, (null,
                new TmsError(400, "shipengine", "validation", "invalid_json", "The body is not a JSON object.")));
        else
            await SendAsync(http, 200, _carrier.CreateLabel(members));
    }

    /// <summary>A page of labels, newest first; filters that are not published change nothing.</summary>
    private Task ListLabelsAsync(HttpContext http)
    {
        var (shipment, number, status) = (Query(http, "shipment_id"), Query(http, "tracking_number"), Query(http, "label_status"));
        var found = Labels.Reverse().Where(label => shipment.Length == 0 || label.ShipmentId == shipment)
            .Where(label => number.Length == 0 || label.TrackingNumber == number).Where(label => status.Length == 0 || label.Status == status).ToArray();
        var size = int.TryParse(Query(http, "page_size"), CultureInfo.InvariantCulture, out var given) ? Math.Clamp(given, 1, 200) : 25;
        var page = int.TryParse(Query(http, "page"), CultureInfo.InvariantCulture, out var asked) ? Math.Max(asked, 1) : 1;
        return Answer.JsonAsync(http, 200, new JsonObject
        {
            ["labels"] = new JsonArray([.. found.Skip((page - 1) * size).Take(size).Select(label => label.ToJson())]),
            ["total"] = found.Length,
            ["page"] = page,
            ["pages"] = Math.Max(1, (found.Length + size - 1) / size),
        });
    }

    private async Task AddEventAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        if (document is JsonObject members && (string?)members["trackingNumber"] is { } number
            && (string?)members["statusCode"] is { } code && TmsCarrier.Statuses.ContainsKey(code))
        {
            AddEvent(number, code, (string?)members["description"], (string?)members["customerReference"]);
            await Answer.JsonAsync(http, 200, _carrier.Track(TmsCarrier.Code, number).Answer);
        }
        else
        {
            await Answer.JsonAsync(http, 400,
                new JsonObject { ["error"] = "send {\"trackingNumber\":\"TRK-1001\",\"statusCode\":\"DE\"}" });
        }
    }

    private async Task TakeTenderAsync(HttpContext http)
    {
        var (document, broken) = await Answer.ReadJsonAsync(http);
        if (broken is not null || document is not JsonObject members)
        {
            await SendAsync(http, 0, (null,
                new TmsError(400, "shipengine", "validation", "invalid_json", "The body is not a JSON object.")));
            return;
        }
        var (tender, created, error) = _tenders.Take(members);
        await SendAsync(http, created ? 201 : 200, Written((tender, error)));
    }

    private Task ListTendersAsync(HttpContext http)
    {
        var load = http.Request.Query["shipmentIdentifier"].ToString();
        var found = Tenders.Where(tender => load.Length == 0 || tender.LoadId == load).Select(tender => (JsonNode)tender.ToJson());
        return Answer.JsonAsync(http, 200, new JsonObject { ["tenders"] = new JsonArray([.. found]) });
    }

    private async Task AnswerTenderAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var members = document as JsonObject ?? [];
        var (tender, error) = _tenders.Answer((string?)members["id"] ?? "", (string?)members["status"] ?? "", members);
        if (tender is not null)
            Tell("API_TENDER", $"/v1/tenders/{tender.Id}", tender.ToJson());
        await SendAsync(http, 200, Written((tender, error)));
    }

    private static (JsonObject? Answer, TmsError? Error) Written((TmsTender? Tender, TmsError? Error) outcome) =>
        (outcome.Tender?.ToJson(), outcome.Error);

    private static string Query(HttpContext http, string name) => http.Request.Query[name].ToString();

    private static string Route(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;

    private static Task SendAsync(HttpContext http, int status, (JsonObject? Answer, TmsError? Error) outcome) =>
        Answer.JsonAsync(http, outcome.Error?.Status ?? status, outcome.Answer ?? outcome.Error!.ToJson(http.TraceIdentifier));
}
