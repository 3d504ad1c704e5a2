using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gateway.Simulators;

/// <summary>
/// Returns of the warehouse, their rules and their endpoints, in the manner of ShipBob (developer.shipbob.com/guides/returns): each is unique by
/// <c>reference_id</c>, names every SKU once, and can be cancelled as long as nothing of it has arrived.
/// </summary>
/// <param name="tell">Sends a webhook: its topic, and the return.</param>
internal sealed class WmsReturns(WmsWarehouse warehouse, TimeProvider clock, Action<string, JsonNode> tell)
{
    private const int FirstId = 5001;

    private static readonly string[] Actions = ["Default", "Restock", "Quarantine", "Dispose"];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, WmsReturn> _returns = [];

    public IReadOnlyList<WmsReturn> All
    {
        get { lock (_gate) return [.. _returns.Values]; }
    }

    /// <param name="root">What paths of the API begin with.</param>
    /// <param name="reads">Around what reads.</param>
    /// <param name="changes">Around what changes something.</param>
    public void Map(IEndpointRouteBuilder routes, string root, Func<RequestDelegate, RequestDelegate> reads, Func<RequestDelegate, RequestDelegate> changes)
    {
        routes.MapPost(root, changes(CreateAsync));
        routes.MapGet(root, reads(ListAsync));
        routes.MapGet(root + "/{id:int}", reads(ReadAsync));
        routes.MapPost(root + "/{id:int}:cancel", changes(CancelAsync));
        routes.MapPost("/_receive", ReceiveAsync);
    }

    public (WmsReturn? Return, WmsError? Error) Create(JsonObject members)
    {
        if (Text(members, "reference_id") is not { Length: > 0 } reference)
            return (null, new WmsError(400, "required", "reference_id", "reference_id is required"));
        if (Text(members, "fulfillment_center") is not { Length: > 0 } center)
            return (null, new WmsError(400, "required", "fulfillment_center", "fulfillment_center is required"));
        var (inventory, wrong) = ReadInventory(members["inventory"] as JsonArray ?? []);
        if (wrong is not null)
            return (null, wrong);
        WmsReturn made;
        lock (_gate)
        {
            if (_returns.Values.FirstOrDefault(known => known.ReferenceId == reference) is { } known)
                return (null, new WmsError(422, null, null, $"return {known.Id} has the reference {reference}"));
            for (var i = 0; i < inventory.Count; i++)
                if (!warehouse.Keeps(inventory[i].Sku, center))
                    return (null, new WmsError(422, "unknown_sku", $"inventory[{i}].sku", $"{center} does not keep {inventory[i].Sku}"));
            made = new WmsReturn(FirstId + _returns.Count, reference, "AwaitingArrival", center, inventory, clock.GetUtcNow())
            {
                OriginalShipmentId = members["original_shipment_id"] is JsonValue shipment && shipment.TryGetValue(out long id) ? id : null,
                TrackingNumber = Text(members, "tracking_number"),
            };
            _returns.Add(made.Id, made);
        }
        tell("return.created", made.ToJson());
        return (made, null);
    }

    /// <summary>People look at what came: accepted units go to stock, rejected ones aside. The return is completed; what is in neither has not come.</summary>
    /// <param name="action">What becomes of rejected units.</param>
    /// <param name="reason">Why they are rejected.</param>
    public (WmsReturn? Return, WmsError? Error) Receive(
        int id, IReadOnlyDictionary<string, int> accepted, IReadOnlyDictionary<string, int> rejected, string action = "Quarantine", string? reason = null)
    {
        WmsReturn done;
        lock (_gate)
        {
            if (!_returns.TryGetValue(id, out var known))
                return (null, new WmsError(404, "not_found", null, $"there is no return {id}"));
            if (known.Status != "AwaitingArrival")
                return (null, new WmsError(409, "not_open", null, $"return {id} is {known.Status}"));
            if (accepted.Concat(rejected).FirstOrDefault(units => units.Value < 0 || known.Inventory.All(item => item.Sku != units.Key)) is { Key: { } sku })
                return (null, new WmsError(422, "quantity", null, $"{sku} is not of return {id}, or there are less than none"));
            if (action is not ("Quarantine" or "Dispose"))
                return (null, new WmsError(400, "invalid", "action", "rejected units go to Quarantine or Dispose"));
            foreach (var (restocked, units) in accepted)
                warehouse.Restock(restocked, known.Center, units);
            done = _returns[id] = known with
            {
                Status = "Completed",
                CompletedAt = clock.GetUtcNow(),
                Inventory =
                [
                    .. known.Inventory.Select(item => item with
                    {
                        Taken = [.. new[]
                        {
                            new WmsReturnAction("Restock", accepted.GetValueOrDefault(item.Sku), null),
                            new WmsReturnAction(action, rejected.GetValueOrDefault(item.Sku), reason),
                        }.Where(taken => taken.Quantity > 0)],
                    }),
                ],
            };
        }
        tell("return.completed", done.ToJson());
        return (done, null);
    }

    private async Task CreateAsync(HttpContext http)
    {
        var (document, broken) = await Answer.ReadJsonAsync(http);
        if (broken is not null || document is not JsonObject members)
            await SendAsync(http, 0, (null, new WmsError(400, "invalid_json", null, "the body is not a JSON object")));
        else
            await SendAsync(http, 201, Create(members));
    }

    private Task ListAsync(HttpContext http)
    {
        var references = http.Request.Query["ReferenceIds"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        return Answer.JsonAsync(http, 200, new JsonArray([.. All.Where(known => references.Length == 0 || references.Contains(known.ReferenceId)).Select(known => known.ToJson())]));
    }

    private Task ReadAsync(HttpContext http) => SendAsync(http, 200, Find(Id(http)));

    /// <summary>That it is cancelled is told without a body.</summary>
    private Task CancelAsync(HttpContext http)
    {
        var (known, error) = Cancel(Id(http));
        return known is null ? SendAsync(http, 0, (null, error)) : Task.CompletedTask;
    }

    private (WmsReturn? Return, WmsError? Error) Find(int id)
    {
        lock (_gate)
            return _returns.TryGetValue(id, out var known) ? (known, null) : (null, new WmsError(404, "not_found", null, $"there is no return {id}"));
    }

    private (WmsReturn? Return, WmsError? Error) Cancel(int id)
    {
        lock (_gate)
        {
            if (!_returns.TryGetValue(id, out var known))
                return (null, new WmsError(404, "not_found", null, $"there is no return {id}"));
            return known.Status == "Completed"
                ? (null, new WmsError(409, "already_processed", null, $"return {id} has arrived"))
                : (_returns[id] = known with { Status = "Cancelled" }, null);
        }
    }

    private async Task ReceiveAsync(HttpContext http)
    {
        var (document, _) = await Answer.ReadJsonAsync(http);
        var members = document as JsonObject ?? [];
        var (done, wrong) = Receive((int?)members["returnId"] ?? 0, Units(members["accepted"]), Units(members["rejected"]), (string?)members["action"] ?? "Quarantine", (string?)members["reason"]);
        await Answer.JsonAsync(http, done is null ? 422 : 200, done?.ToJson() ?? new JsonObject { ["error"] = wrong!.Message });
    }

    private static Dictionary<string, int> Units(JsonNode? units) => (units as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<int>());

    private static (IReadOnlyList<WmsReturnItem> Inventory, WmsError? Wrong) ReadInventory(JsonArray items)
    {
        var inventory = new List<WmsReturnItem>();
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i] as JsonObject ?? [];
            if (Text(item, "sku") is not { Length: > 0 } sku)
                return ([], new WmsError(400, "required", $"inventory[{i}].sku", "each item needs its SKU"));
            if (inventory.Exists(other => other.Sku == sku))
                return ([], new WmsError(400, "invalid", $"inventory[{i}].sku", "each SKU stands once"));
            if (item["quantity"] is not JsonValue value || !value.TryGetValue(out int quantity) || quantity < 1)
                return ([], new WmsError(400, "invalid", $"inventory[{i}].quantity", "quantity is a whole number from 1"));
            var action = Text(item, "requested_action") ?? "Default";
            if (!Actions.Contains(action))
                return ([], new WmsError(400, "invalid", $"inventory[{i}].requested_action", $"requested_action is one of {string.Join(", ", Actions)}"));
            inventory.Add(new WmsReturnItem(sku, quantity, action));
        }
        return inventory.Count > 0 ? (inventory, null) : ([], new WmsError(400, "required", "inventory", "a return has at least one item"));
    }

    private static string? Text(JsonObject members, string name) => members[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static int Id(HttpContext http) => int.Parse((string)http.Request.RouteValues["id"]!);

    private static Task SendAsync(HttpContext http, int status, (WmsReturn? Return, WmsError? Error) outcome) =>
        Answer.JsonAsync(http, outcome.Error?.Status ?? status, outcome.Return?.ToJson() ?? outcome.Error!.ToJson());
}
