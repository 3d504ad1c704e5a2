using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>
/// Books a count: what lies there is what was counted, whatever Odoo thought. Written in inventory mode it is a proposal, and
/// <c>action_apply_inventory</c>, which answers null, makes stock of it. A count has no external id: one that is proposed and not applied is
/// <c>inventory_quantity_set</c>, and one that is applied left just that quantity. What moved since can't be told from a count that never came, so
/// that stays open rather than to undo what moved.
/// </summary>
internal sealed class StockCount(OdooBackend backend) : OdooOperation(backend)
{
    public static Reading Quants { get; } = new("stock.quant", "product_id", "location_id", "quantity", "inventory_quantity", "inventory_quantity_set", "lot_id", "package_id", "owner_id");

    public static readonly OperationDescriptor Description = new(
        "stock.count", "Books what was counted of items, in absolute figures.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 10)
    {
        Input = new Dictionary<string, string>
        {
            ["[]"] = "a list of counts: product_id (default_code or id), product_uom_id (name), warehouse_id (code) or location_id (complete_name), inventory_quantity",
        },
    };

    public override OperationDescriptor Descriptor => Description;

    /// <summary>A proposal stands in the quant itself, where another count would write over it: one at a time.</summary>
    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) =>
        WithAsync(CountInput.Parse(call.Input), counts => odoo.InTurnAsync("stock.quant", () => BookAsync(odoo, counts)));

    private static async ValueTask<OperationResult> BookAsync(OdooSession odoo, IReadOnlyList<CountInput> counts)
    {
        var places = await PlacesAsync(odoo, counts);
        if (places.Failure is { } failure)
            return failure.BeforeChange().ToResult();
        var proposed = await odoo.ActAsync("stock.quant", "create", [], json => WriteCounts(json, places.Value!), json => json.WriteBoolean("inventory_mode", true));
        if (!proposed.Done)
            return proposed.BeforeChange().ToResult();
        int[] ids = proposed.Value.ValueKind == JsonValueKind.Array ? [.. proposed.Value.EnumerateArray().Select(id => id.GetInt32())] : [];
        if (ids.Length != places.Value!.Count)
            return OdooReply.NotSent($"{ids.Length} of {places.Value.Count} counts were taken").ToResult();
        var applied = await odoo.ActAsync("stock.quant", "action_apply_inventory", ids);
        if (!applied.Done)
            return applied.ToResult();
        var read = await Quants.ReadAsync(odoo, ids);
        if (read.Failure is { } unread)
            return unread.AfterChange().ToResult();
        // An answer may be a question, as where something moved between the two calls; then the count is still a proposal.
        return read.Value!.Any(quant => quant.Flag("inventory_quantity_set"))
            ? OdooReply.Refused("stock moved while it was counted: count again", OdooErrors.Cut($"action_apply_inventory answered {applied.Value.GetRawText()}")).ToResult()
            : Done(read.Value!);
    }

    protected override async ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo)
    {
        if (CountInput.Parse(call.Input).Counts is not { } counts)
            return OdooReply.NotSent("read-back was called without what was counted").ToResult();
        var places = await PlacesAsync(odoo, counts);
        if (places.Failure is { } failure)
            return failure.Status == OperationStatus.Refused ? OdooReply.NotFound("").ToResult() : failure.BeforeChange().ToResult();
        var found = new List<Found>();
        foreach (var (where, counted) in places.Value!)
        {
            var read = await Quants.FindAsync(odoo, where.Domain);
            if (read.Failure is { } unread)
                return unread.BeforeChange().ToResult();
            if (read.Value!.Any(quant => quant.Flag("inventory_quantity_set") && quant.Amount("inventory_quantity") == counted))
                return OdooReply.NotFound("").ToResult();
            if (read.Value!.Sum(quant => quant.Amount("quantity")) != counted)
                return OdooReply.NotSent($"product {where.Product} at {where.Place} is not as counted: it moved since, or was never booked").ToResult();
            found.AddRange(read.Value!);
        }
        return Done(found);
    }

    private static OperationResult Done(IEnumerable<Found> quants) => new(OperationStatus.Done) { Record = Found.ListJson("quants", quants) };

    private static void WriteCounts(Utf8JsonWriter json, IEnumerable<Counted> counts)
    {
        json.WriteStartArray("vals_list");
        foreach (var (where, quantity) in counts)
        {
            json.WriteStartObject();
            json.WriteNumber("product_id", where.Product);
            json.WriteNumber("location_id", where.Place);
            json.WriteNumber("inventory_quantity", quantity);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Products and places of the counts; refused where one is not known, or is not counted like that.</summary>
    private static async ValueTask<Lookup<IReadOnlyList<Counted>>> PlacesAsync(OdooSession odoo, IReadOnlyList<CountInput> counts)
    {
        var places = new List<Counted>(counts.Count);
        foreach (var (n, count) in counts.Index())
        {
            if (count.NotCounted is { } what)
                return OdooReply.Refused($"stockDetails/{n}: the gateway does not count {what}");
            if (Quantity.Wrong(count.InventoryQuantity) is { } wrong)
                return OdooReply.Refused($"stockDetails/{n}: {wrong}");
            var place = await StockPlace.FindAsync(odoo, count.ProductId, count.ProductUomId, count.WarehouseId, count.LocationId, $"stockDetails/{n}: ");
            if (place.Failure is { } failure)
                return failure;
            var counted = new Counted(place.Value!, count.InventoryQuantity);
            if (places.FindIndex(other => other.Where == counted.Where) is >= 0 and var before)
                return OdooReply.Refused($"stockDetails/{n}: item '{count.ProductId.Words}' is counted twice in this place, before in stockDetails/{before}");
            places.Add(counted);
        }
        return places;
    }

    private sealed record Counted(StockPlace Where, decimal Quantity);
}
