using System.Text.Json.Nodes;
using Gateway.Simulators.Odoo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulators;

/// <summary>How the Odoo simulator starts.</summary>
public sealed record OdooSimulatorOptions : SimulatorOptions
{
    /// <summary>The one database; another in <c>X-Odoo-Database</c> is answered with an HTML 404.</summary>
    public string Database { get; init; } = "demo";

    /// <summary>Its version: 14 to 19. JSON-2 is there from 19 on; older ones name some fields otherwise.</summary>
    public int Version { get; init; } = OdooSimulator.NewestVersion;

    /// <summary>The API key of the administrator, who signs in as <c>admin</c>.</summary>
    public string ApiKey { get; init; } = "demo-odoo-key";

    /// <summary>The API key of a user who may not see sales, <c>rita</c>: 403 AccessError.</summary>
    public string RestrictedApiKey { get; init; } = "demo-odoo-restricted-key";

    /// <summary>
    /// The user's time zone (IANA). <c>load</c> reads times in it unless the context says <c>tz</c>; <c>write</c> and <c>create</c> do not.
    /// </summary>
    public string UserTimeZone { get; init; } = "Europe/Brussels";

    /// <summary>How long each call takes between its snapshot and its work; longer makes concurrent calls overlap for certain.</summary>
    public TimeSpan TransactionTime { get; init; } = TimeSpan.Zero;
}

/// <summary>A sales order as a test looks at it.</summary>
/// <param name="Id">Database id.</param>
/// <param name="Name"><c>S00001</c>.</param>
/// <param name="ExternalId"><c>module.name</c>, or null for an order made without.</param>
/// <param name="ClientOrderRef">The customer's reference.</param>
/// <param name="PartnerId">The customer.</param>
/// <param name="State"><c>draft</c>, <c>sent</c>, <c>sale</c> or <c>cancel</c>.</param>
/// <param name="AmountTotal">With taxes, in the order's currency.</param>
/// <param name="Lines">Its lines in order.</param>
public sealed record SimulatedOrder(
    int Id, string Name, string? ExternalId, string? ClientOrderRef, int PartnerId, string State, decimal AmountTotal,
        IReadOnlyList<SimulatedOrderLine> Lines);

/// <summary>A line of a <see cref="SimulatedOrder"/>.</summary>
/// <param name="Id">Database id.</param>
/// <param name="ExternalId"><c>module.name</c>, or null.</param>
/// <param name="Sku">The product's internal reference.</param>
/// <param name="Quantity">Ordered, in the line's unit.</param>
/// <param name="PriceUnit">Per unit, without taxes.</param>
public sealed record SimulatedOrderLine(int Id, string? ExternalId, string? Sku, decimal Quantity, decimal PriceUnit);

/// <summary>
/// An Odoo with sales and stock, in memory, that speaks JSON-2 (<c>POST /json/2/&lt;model&gt;/&lt;method&gt;</c>, <c>GET /web/version</c>) from version 19 on,
/// and JSON-RPC (<c>POST /jsonrpc</c>) in all.
/// </summary>
public sealed partial class OdooSimulator : IAsyncDisposable
{
    /// <summary>The oldest major version that it speaks like.</summary>
    public const int OldestVersion = 14;

    /// <summary>The newest, which it is by default.</summary>
    public const int NewestVersion = 19;

    private readonly Database _database;
    private readonly OdooSimulatorOptions _options;
    private readonly Wire _wire;
    private readonly JsonRpc _jsonRpc;
    private readonly Automations _automations = new();
    private SimulatorHost _host = null!;

    private OdooSimulator(OdooSimulatorOptions options)
    {
        _options = options;
        _database = new Database(options.Version, Wire.Models.Select(model => Generation.Of(model, options.Version)));
        _wire = new Wire(options, _database, _automations);
        _jsonRpc = new JsonRpc(options, _wire);
        Seed.Fill(NewSession(), options);
        _database.Committed();
    }

    /// <summary>The server's base address.</summary>
    public Uri Url => _host.Url;

    /// <summary>The misbehaviour, as <c>POST /_chaos</c> sets it.</summary>
    public Chaos Chaos => _host.Chaos;

    /// <summary>Requests so far, <c>/_chaos</c> and <c>/_state</c> not counted.</summary>
    public int Requests => _host.Requests;

    /// <summary>The W3C <c>traceparent</c> of the last request.</summary>
    public string? LastTraceParent => _host.LastTraceParent;

    /// <summary>All sales orders, oldest first.</summary>
    public IReadOnlyList<SimulatedOrder> Orders => Locked(() => (IReadOnlyList<SimulatedOrder>)[.. ReadOrders()]);

    /// <summary>Starts listening with the demo data and no orders.</summary>
    public static async Task<OdooSimulator> StartAsync(OdooSimulatorOptions? options = null)
    {
        var simulator = new OdooSimulator(options ?? new OdooSimulatorOptions());
        simulator._host = await SimulatorHost.StartAsync(simulator._options, routes =>
        {
            routes.Map("/json/2/{**call}", simulator._wire.AnswerAsync);
            routes.MapPost("/jsonrpc", simulator._jsonRpc.AnswerAsync);
            routes.MapGet("/web/version", http => simulator._options.Version < 19
                ? Answer.HtmlAsync(http, 404, Wire.NoSuchPage)
                : Answer.JsonAsync(http, 200, new JsonObject
                {
                    ["version_info"] = new JsonArray(simulator._options.Version, 0, 0, "final", 0, ""),
                    ["version"] = $"{simulator._options.Version}.0",
                }));
            routes.MapGet("/web/health", http => Answer.JsonAsync(http, 200, new JsonObject { ["status"] = "pass" }));
            routes.MapPost("/_do", simulator.DoAsync);
            routes.MapPost("/_automation", simulator.AutomateAsync);
        }, simulator.State, pathOf: JsonRpc.PathOf);
        simulator._automations.Under(simulator._host.Chaos);
        return simulator;
    }

    /// <summary>How often a method was called, refused calls counted: <c>CallsOf("sale.order", "load")</c>.</summary>
    public int CallsOf(string model, string method) => Locked(() => _wire.Calls.GetValueOrDefault($"{model}/{method}"));

    /// <summary>Sets what lies of a product in a warehouse's stock location, as a stocktaker would.</summary>
    public void SetStock(string sku, string warehouse, decimal quantity) => Locked(() =>
    {
        Seed.SetStock(NewSession(), sku, warehouse, quantity);
        _database.Committed();
        return true;
    });

    /// <summary>Webhooks of automation rules that were answered within the second that Odoo waits, and those for which it was over before.</summary>
    public (int Answered, int TimedOut) Hints => (_automations.Answered, _automations.TimedOut);

    /// <summary>From now on a changed record of a model is told to a receiver.</summary>
    public void Automate(OdooAutomation rule) => _automations.Add(rule);

    /// <summary>
    /// Somebody's work in Odoo itself: a method called as the administrator, in a transaction that commits now. Records are dated by the start of their
    /// transaction, so one that <paramref name="began"/> earlier writes behind what has been seen meanwhile.
    /// </summary>
    /// <param name="body">Arguments by name, with <c>ids</c>.</param>
    public Task<JsonNode?> DoAsync(string model, string method, JsonObject body, DateTimeOffset? began = null) =>
        _wire.CallAsync(Seed.AdminUser, _wire.Snapshot, model, method, body, began);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _automations.Dispose();
    }

    /// <summary><c>POST /_do {"model","method","body","began"}</c></summary>
    private async Task DoAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var began = (string?)document?["began"] is { } text ? DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : (DateTimeOffset?)null;
        try
        {
            await Answer.JsonAsync(http, 200, await DoAsync((string)document!["model"]!, (string)document["method"]!, (JsonObject)document["body"]!, began));
        }
        catch (OdooError error)
        {
            await Answer.JsonAsync(http, error.Status, error.ToJson());
        }
    }

    /// <summary><c>POST /_automation {"name","model","url","fields":[…]}</c></summary>
    private async Task AutomateAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        Automate(new OdooAutomation((string)document!["name"]!, (string)document["model"]!, new Uri((string)document["url"]!), [.. document["fields"]!.AsArray().Select(field => (string)field!)]));
        await Answer.JsonAsync(http, 200, new JsonObject { ["status"] = "ok" });
    }

    private Session NewSession() =>
        new(_database, Seed.AdminUser, [], _database.Commits, _options.Clock.GetUtcNow().UtcDateTime, _options.UserTimeZone);

    private T Locked<T>(Func<T> read)
    {
        _database.Turn.Wait();
        try
        {
            return read();
        }
        finally
        {
            _database.Turn.Release();
        }
    }

    private IEnumerable<SimulatedOrder> ReadOrders()
    {
        var session = NewSession();
        foreach (var order in session.All("sale.order"))
            yield return new SimulatedOrder(order.Id, session.Text(order, "name")!, ExternalId(session, order),
                session.Text(order, "client_order_ref"),
                (int)session.Get(order, "partner_id")!, session.Text(order, "state")!, session.Number(order, "amount_total"),
                [.. session.FollowAll(order, "order_line")
                    .Select(line => new SimulatedOrderLine(line.Id, ExternalId(session, line),
                    session.Follow(line, "product_id") is { } product ? session.Text(product, "default_code") : null,
                    session.Number(line, "product_uom_qty"), session.Number(line, "price_unit")))]);
    }

    private static string? ExternalId(Session session, Row row) =>
        ExternalIds.Of(session, row).FirstOrDefault() is { } name ? session.Text(name, "complete_name") : null;

    private JsonObject State()
    {
        var orders = Orders;
        var calls = Locked(() => _wire.Calls.ToArray());
        return new JsonObject
        {
            ["simulator"] = "odoo",
            ["orderCount"] = orders.Count,
            ["loadCalls"] = CallsOf("sale.order", "load"),
            ["calls"] = new JsonObject(calls.Select(call => KeyValuePair.Create(call.Key, (JsonNode?)call.Value))),
            ["orders"] = new JsonArray([.. orders.Select(order => new JsonObject
            {
                ["id"] = order.Id,
                ["name"] = order.Name,
                ["externalId"] = order.ExternalId,
                ["clientOrderRef"] = order.ClientOrderRef,
                ["partnerId"] = order.PartnerId,
                ["state"] = order.State,
                ["amountTotal"] = order.AmountTotal,
                ["lines"] = new JsonArray([.. order.Lines.Select(line => new JsonObject
                {
                    ["id"] = line.Id, ["externalId"] = line.ExternalId, ["sku"] = line.Sku, ["quantity"] = line.Quantity,
                    ["priceUnit"] = line.PriceUnit,
                })]),
            })]),
        };
    }
}
