using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulators;

/// <summary>How the WMS simulator starts.</summary>
public sealed record WmsSimulatorOptions : SimulatorOptions
{
    /// <summary>The bearer token callers send.</summary>
    public string ApiKey { get; init; } = "demo-wms-key";

    /// <summary>Version of the API, which its paths begin with.</summary>
    public string Version { get; init; } = "2026-01";

    /// <summary>The channel that callers name in <c>shipbob_channel_id</c> when they change an order.</summary>
    public int Channel { get; init; } = 100_001;

    /// <summary>Told of every shipment after it left, so that a carrier can know its tracking number.</summary>
    public Action<WmsShipment>? Shipped { get; init; }

    /// <summary>Where webhooks go, signed by Standard Webhooks; null sends none.</summary>
    public HookTarget? Hooks { get; init; }
}

/// <summary>
/// A third-party warehouse in the manner of ShipBob (developer.shipbob.com): orders are unique by <c>reference_id</c>, stock is kept per SKU and
/// fulfillment centre. Members are snake_case, times RFC 3339 in UTC, errors
/// <c>{"errors":[{"code","field","message"}]}</c>. See the README of this folder for each endpoint.
/// </summary>
public sealed class WmsSimulator : IAsyncDisposable
{
    private readonly WmsSimulatorOptions _options;
    private readonly WmsWarehouse _warehouse;
    private readonly WmsReturns _returns;
    private SimulatorHost _host = null!;
    private HookSender? _hooks;
    private int _lastHook;

    private WmsSimulator(WmsSimulatorOptions options)
    {
        (_options, _warehouse) = (options, new WmsWarehouse(options.Clock));
        _returns = new WmsReturns(_warehouse, options.Clock, Tell);
    }

    /// <summary>The server's base address.</summary>
    public Uri Url => _host.Url;

    /// <summary>The misbehaviour, as <c>POST /_chaos</c> sets it.</summary>
    public Chaos Chaos => _host.Chaos;

    /// <summary>Requests so far, <c>/_chaos</c> and <c>/_state</c> not counted.</summary>
    public int Requests => _host.Requests;

    /// <summary>The W3C <c>traceparent</c> of the last request.</summary>
    public string? LastTraceParent => _host.LastTraceParent;

    /// <summary>All orders, oldest first, as they are now.</summary>
    public IReadOnlyList<WmsOrder> Orders => _warehouse.Orders;

    /// <summary>All returns, oldest first, as they are now.</summary>
    public IReadOnlyList<WmsReturn> Returns => _returns.All;

    /// <summary>Ids of the webhooks that the receiver has acknowledged (<c>msg_wms_1</c>), again where one was sent again.</summary>
    public IReadOnlyList<string> HooksTaken => _hooks?.Taken ?? [];

    /// <summary>Starts listening, with stock and without orders.</summary>
    public static async Task<WmsSimulator> StartAsync(WmsSimulatorOptions? options = null)
    {
        var simulator = new WmsSimulator(options ?? new WmsSimulatorOptions());
        simulator._host = await SimulatorHost.StartAsync(simulator._options, routes =>
        {
            var orders = $"/{simulator._options.Version}/order";
            routes.MapPost(orders, simulator.Keyed(simulator.OfChannel(simulator.CreateAsync)));
            routes.MapGet(orders, simulator.Keyed(simulator.ListAsync));
            routes.MapGet(orders + "/{id:int}", simulator.Keyed(http => SendAsync(http, 200, simulator._warehouse.Find(Id(http)))));
            routes.MapPost(orders + "/{id:int}:cancel", simulator.Keyed(simulator.OfChannel(simulator.CancelAsync)));
            routes.MapGet($"/{simulator._options.Version}/inventory", simulator.Keyed(simulator.InventoryAsync));
            simulator._returns.Map(routes, $"/{simulator._options.Version}/return", simulator.Keyed, work => simulator.Keyed(simulator.OfChannel(work)));
            routes.MapPost("/_pick", simulator.PickAsync);
            routes.MapPost("/_ship", simulator.ShipAsync);
            routes.MapPost("/_hook", simulator.HookAsync);
            routes.MapPost("/_stock", simulator.CorrectAsync);
        }, () => new JsonObject
        {
            ["simulator"] = "wms",
            ["orderCount"] = simulator.Orders.Count,
            ["orders"] = new JsonArray([.. simulator.Orders.Select(order => order.ToJson())]),
            ["returns"] = new JsonArray([.. simulator.Returns.Select(known => known.ToJson())]),
        }, () => new WmsError(503, "maintenance", null, "The warehouse is closed for maintenance.").ToJson());
        if (simulator._options.Hooks is { } hooks)
            simulator.SendHooksTo(hooks);
        return simulator;
    }

    /// <summary>Packs and hands over an order, whole or in part, as people in the warehouse would.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="quantities">Units by SKU; null ships all that is open.</param>
    /// <param name="trackingNumber">The parcel's number; null makes one up.</param>
    /// <returns>The shipment, or why there is none.</returns>
    public (WmsShipment? Shipment, string? Wrong) Ship(int orderId, IReadOnlyDictionary<string, int>? quantities = null,
        string? trackingNumber = null)
    {
        var (order, error) = _warehouse.Ship(orderId, quantities, trackingNumber);
        if (order is null)
            return (null, error!.Message);
        _options.Shipped?.Invoke(order.Shipments[^1]);
        Tell("order.shipped", order);
        return (order.Shipments[^1], null);
    }

    /// <summary>Takes an order's goods from their places: from then on it can't be cancelled.</summary>
    /// <returns>Why it can't be picked; null when it is.</returns>
    public string? Pick(int orderId)
    {
        var (order, error) = _warehouse.Pick(orderId);
        if (order is not null)
            Tell("order.picked", order);
        return error?.Message;
    }

    /// <summary>Looks at what came back of a return, as people in the warehouse would: it is completed, and accepted units are in stock.</summary>
    /// <param name="returnId">The return.</param>
    /// <param name="accepted">Units by SKU that go to stock.</param>
    /// <param name="rejected">Units by SKU that do not.</param>
    /// <returns>Why it can't be received; null when it is.</returns>
    public string? Receive(int returnId, IReadOnlyDictionary<string, int> accepted, IReadOnlyDictionary<string, int>? rejected = null) =>
        _returns.Receive(returnId, accepted, rejected ?? new Dictionary<string, int>()).Error?.Message;

    /// <summary>Corrects stock, as people in the warehouse do who broke or found something, and tells of it (<c>stock.adjusted</c>).</summary>
    /// <param name="change">By how many units; below zero, less is there.</param>
    /// <returns>What was told, or why it can't be.</returns>
    public (WmsAdjustment? Adjustment, string? Wrong) Correct(string sku, string center, int change, string reason = "Cycle count") =>
        Correct(sku, center, before => before + change, reason);

    /// <summary>Sends webhooks from now on, where the receiver was not there at the start.</summary>
    public void SendHooksTo(HookTarget target) => _hooks ??= new HookSender(target, Chaos, _options.Clock, StandardWebhooks.Sign);

    /// <summary>Sends a webhook about an order: <c>order.delivered</c>, <c>order.shipment.exception</c> …</summary>
    public void Tell(string topic, WmsOrder order) => Tell(topic, order.ToJson());

    /// <summary>Sends a webhook: the topic stands in a header, and the body is the thing that it is about.</summary>
    public void Tell(string topic, JsonNode thing) => _hooks?.Send($"msg_wms_{Interlocked.Increment(ref _lastHook)}", thing, topic);

    /// <summary>Sets what lies of a SKU in a fulfillment centre, and tells nobody: how a test begins.</summary>
    public void SetStock(string sku, string center, int onHand) => _warehouse.SetStock(sku, center, onHand);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_hooks is not null)
            await _hooks.DisposeAsync();
        await _host.DisposeAsync();
    }

    private RequestDelegate Keyed(RequestDelegate work) => http =>
        http.Request.Headers.Authorization.ToString().Equals("Bearer " + _options.ApiKey, StringComparison.OrdinalIgnoreCase)
            ? work(http)
            : SendAsync(http, 0, (null, new WmsError(401, "unauthorized", null, "send Authorization: Bearer <key>")));

    /// <summary>Nothing is changed without the channel.</summary>
    private RequestDelegate OfChannel(RequestDelegate work) => http =>
        http.Request.Headers["shipbob_channel_id"] == _options.Channel.ToString(System.Globalization.CultureInfo.InvariantCulture)
            ? work(http)
            : SendAsync(http, 0, (null, new WmsError(400, "invalid", "shipbob_channel_id", "the header shipbob_channel_id names no channel")));

    private async Task CreateAsync(HttpContext http)
    {
        var (document, broken) = await Answer.ReadJsonAsync(http);
        if (broken is not null || document is not JsonObject members)
            await SendAsync(http, 0, (null, new WmsError(400, "invalid_json", null, "the body is not a JSON object")));
        else
            await SendAsync(http, 201, _warehouse.Create(members));
    }

    private Task ListAsync(HttpContext http)
    {
        var references = http.Request.Query["ReferenceIds"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        var since = http.Request.Query["LastUpdateStartDate"].ToString();
        if (since.Length > 0 && !DateTimeOffset.TryParse(since, out _))
            return SendAsync(http, 0, (null,
                new WmsError(400, "invalid", "LastUpdateStartDate", "LastUpdateStartDate is not a time")));
        var found = Orders.Where(order => references.Length == 0 || references.Contains(order.ReferenceId))
            .Where(order => since.Length == 0 || order.UpdatedAt >= DateTimeOffset.Parse(since));
        return Answer.JsonAsync(http, 200, new JsonArray([.. found.Select(order => order.ToJson())]));
    }

    /// <summary>What can't be cancelled any more is told in a 200.</summary>
    private Task CancelAsync(HttpContext http)
    {
        var (order, error) = _warehouse.Cancel(Id(http));
        if (order is null)
            return SendAsync(http, 0, (null, error));
        return Answer.JsonAsync(http, 200, new JsonObject
        {
            ["order_id"] = order.Id,
            ["order"] = order.ToJson(),
            ["status"] = error is null ? "Success" : "Failure",
            ["canceled_shipment_results"] = new JsonArray(new JsonObject
            {
                ["shipment_id"] = order.Shipments.Count > 0 ? order.Shipments[0].Id : null,
                ["action"] = "Cancel",
                ["is_success"] = error is null,
                ["reason"] = error?.Message ?? "the order is cancelled",
            }),
        });
    }

    private Task InventoryAsync(HttpContext http)
    {
        var sku = http.Request.Query["sku"].ToString();
        return Answer.JsonAsync(http, 200,
            new JsonArray([.. _warehouse.Stock().Where(stock => sku.Length == 0 || stock.Sku == sku)
                .Select(stock => stock.ToJson())]));
    }

    private async Task ShipAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var members = document as JsonObject ?? [];
        var quantities = members["quantities"] is JsonObject given
            ? given.ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<int>()) : null;
        var (shipment, wrong) = Ship((int?)members["orderId"] ?? 0, quantities, (string?)members["trackingNumber"]);
        await Answer.JsonAsync(http, shipment is null ? 422 : 200, shipment?.ToJson() ?? new JsonObject { ["error"] = wrong });
    }

    private async Task PickAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var wrong = Pick((int?)(document as JsonObject)?["orderId"] ?? 0);
        await Answer.JsonAsync(http, wrong is null ? 200 : 422, new JsonObject { ["error"] = wrong });
    }

    private async Task HookAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var members = document as JsonObject ?? [];
        if ((string?)members["topic"] is { } topic && _warehouse.Find((int?)members["orderId"] ?? 0).Order is { } order)
        {
            Tell(topic, order);
            await Answer.JsonAsync(http, 200, members.DeepClone());
        }
        else
        {
            await Answer.JsonAsync(http, 400, new JsonObject { ["error"] = "send {\"topic\":\"order.delivered\",\"orderId\":1001}" });
        }
    }

    private (WmsAdjustment? Adjustment, string? Wrong) Correct(string sku, string center, Func<int, int> onHand, string reason)
    {
        var (adjustment, error) = _warehouse.Correct(sku, center, onHand, reason);
        // A count that finds what was thought to be there is none.
        if (adjustment is { Quantity: not 0 })
            Tell("stock.adjusted", adjustment.ToJson());
        return (adjustment, error?.Message);
    }

    private async Task CorrectAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var members = document as JsonObject ?? [];
        if ((string?)members["sku"] is not { } sku || (members["onHand"] is null) == (members["change"] is null))
        {
            await Answer.JsonAsync(http, 400, new JsonObject { ["error"] = "send {\"sku\":\"DESK0005\",\"center\":\"WH\",\"onHand\":10}, or \"change\":-2 in place of onHand, and \"reason\"" });
            return;
        }
        var (counted, change) = ((int?)members["onHand"], (int?)members["change"] ?? 0);
        var (adjustment, wrong) = Correct(sku, (string?)members["center"] ?? "WH", before => counted ?? before + change, (string?)members["reason"] ?? "Cycle count");
        await Answer.JsonAsync(http, adjustment is null ? 422 : 200, adjustment?.ToJson() ?? new JsonObject { ["error"] = wrong });
    }

    private static int Id(HttpContext http) => int.Parse((string)http.Request.RouteValues["id"]!);

    private static Task SendAsync(HttpContext http, int status, (WmsOrder? Order, WmsError? Error) outcome) =>
        Answer.JsonAsync(http, outcome.Error?.Status ?? status, outcome.Order?.ToJson() ?? outcome.Error!.ToJson());
}
