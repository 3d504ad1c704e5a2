using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>
/// Corrects stock by a difference: what moves meanwhile stays moved. Odoo books the difference between a count and what lay there when it was proposed, and asks
/// back where that has changed since, so a count of that quantity and the difference is proposed, and applied under the external id as <c>inventory_name</c>.
/// The movement has it in its <c>reference</c> from the moment it is booked, so a call that was cut off is found by it, and none is booked twice.
/// </summary>
/// <remarks>
/// A proposal stands in the quant itself. Where another node writes over it between proposal and application, its difference is booked under this external id.
/// So it is what stands under the id that counts: what is still wanting, or too much, is booked until the sum is what was asked for.
/// </remarks>
internal sealed class StockAdjust(OdooBackend backend) : OdooOperation(backend)
{
    /// <summary>Goods that move at that moment make it begin anew so often; then who called does.</summary>
    private const int MostTries = 5;

    public static Reading Quants { get; } = new("stock.quant",
        "product_id", "location_id", "quantity", "inventory_quantity", "inventory_diff_quantity", "inventory_quantity_set", "user_id", "lot_id", "package_id", "owner_id");

    public static Reading Moves { get; } = new("stock.move", "reference", "state", "product_id", "quantity", "location_id", "location_dest_id");

    public static readonly OperationDescriptor Description = new(
        "stock.adjust", "Corrects the stock of an item by a difference, once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, "stock.adjust", Cost: 10)
    {
        Input = new Dictionary<string, string>
        {
            ["product_id"] = "default_code or id",
            ["product_uom_id"] = "name; optional: the product's own",
            ["warehouse_id"] = "code: its stock location",
            ["location_id"] = "complete_name of the place; in place of warehouse_id",
            ["difference"] = "by how much, in the product's unit; below zero: less is there",
            ["reason"] = "for people in Odoo; optional",
        },
        Needs = [["product_id"], ["warehouse_id", "location_id"], ["difference"]],
    };

    public override OperationDescriptor Descriptor => Description;

    /// <summary>In the turn of counts, which write to the same quants.</summary>
    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => MakeAsync(call, AdjustInput.Parse(call.Input),
        (adjust, externalId) => odoo.InTurnAsync("stock.quant", () => AdjustAsync(odoo, adjust, externalId)));

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) => MadeAsync(call, async externalId =>
    {
        if (AdjustInput.Parse(call.Input).Input is not { } adjust)
            return OdooReply.NotSent("read-back was called without what was corrected").ToResult();
        var where = await WhereAsync(odoo, adjust);
        if (where.Failure is { } failure)
            return failure.Status == OperationStatus.Refused ? OdooReply.NotFound("").ToResult() : failure.BeforeChange().ToResult();
        var booked = await BookedAsync(odoo, where.Value!, externalId);
        if (booked.Failure is { } unread)
            return unread.BeforeChange().ToResult();
        // Half of it is none: the next call books the rest.
        return booked.Value!.Sum == adjust.Difference ? await DoneAsync(odoo, where.Value!, adjust, externalId) : OdooReply.NotFound("").ToResult();
    });

    private static async ValueTask<OperationResult> AdjustAsync(OdooSession odoo, AdjustInput adjust, string externalId)
    {
        var where = await WhereAsync(odoo, adjust);
        if (where.Failure is { } failure)
            return failure.BeforeChange().ToResult();
        var (tries, mustShow) = (0, 0);
        while (true)
        {
            var read = await BookedAsync(odoo, where.Value!, externalId);
            if (read.Failure is { } unread)
                return (tries == 0 ? unread.BeforeChange() : unread.AfterChange()).ToResult();
            var booked = read.Value!;
            // Who went on would book it again, and never find that.
            if (booked.Movements < mustShow)
                return new OperationResult(OperationStatus.Malformed) { Reason = $"Odoo has booked it and not called it {Marks.With(adjust.Reason, externalId)}: look at the movements of the product there" };
            var rest = adjust.Difference - booked.Sum;
            if (rest == 0)
                return await DoneAsync(odoo, where.Value!, adjust, externalId);
            if (tries++ == MostTries)
                return (booked.Sum == 0 ? OdooReply.NotSent("stock moved each time it was corrected") : OdooReply.Unknown($"{booked.Sum} of {adjust.Difference} is booked")).ToResult();
            var proposed = await ProposeAsync(odoo, where.Value!, rest);
            if (proposed.Failure is { } unproposed)
                return (booked.Sum == 0 ? unproposed.BeforeChange() : unproposed.AfterChange()).ToResult();
            if (proposed.Value is not { } quant)
                continue;
            var applied = await odoo.ActAsync("stock.quant", "action_apply_inventory", [quant], context: json => json.WriteString("inventory_name", Marks.With(adjust.Reason, externalId)));
            if (!applied.Done)
                return applied.ToResult();
            // A form asks what to do, for goods moved between the two calls. Without one it is booked; where another's application was first, as a movement of nothing.
            if (applied.Value.ValueKind != JsonValueKind.Object)
                mustShow = booked.Movements + 1;
        }
    }

    /// <summary>Proposes a count that differs from what lies there by the rest. The quant; null where goods moved meanwhile, so that it does not.</summary>
    private static async ValueTask<Lookup<int?>> ProposeAsync(OdooSession odoo, StockPlace where, decimal rest)
    {
        var before = await Quants.FindAsync(odoo, where.Domain);
        if (before.Failure is { } failure)
            return failure;
        if (before.Value!.FirstOrDefault(quant => quant.Flag("inventory_quantity_set")) is { } counted)
        {
            var user = await odoo.UserAsync();
            if (user.Failure is { } unknown)
                return unknown;
            // Odoo names who has proposed a count; without a name somebody types it in at this moment. What a call of ours has left is written over.
            if (counted.Row.Id("user_id") != user.Value)
                return OdooReply.NotSent("somebody has counted it in Odoo and not applied that yet");
        }
        var quantity = before.Value!.Select(quant => quant.Amount("quantity")).FirstOrDefault();
        // Where there are several, Odoo says which it takes: the second time it is that one's quantity.
        for (var again = false; ; again = true)
        {
            var made = await odoo.ProposeAsync("stock.quant", new Dictionary<string, object>
            {
                ["product_id"] = where.Product,
                ["location_id"] = where.Place,
                ["inventory_quantity"] = quantity + rest,
            }, json => json.WriteBoolean("inventory_mode", true));
            if (!made.Done)
                return made;
            var read = await Quants.ReadAsync(odoo, [made.Id]);
            if (read.Failure is { } unread)
                return unread;
            if (read.Value is [var quant] && decimal.Round(quant.Amount("inventory_diff_quantity"), 6) == rest)
                return quant.Id;
            if (again || read.Value is not [var taken])
                return new Lookup<int?>(null, null);
            quantity = taken.Amount("quantity");
        }
    }

    private static async ValueTask<Lookup<Booked>> BookedAsync(OdooSession odoo, StockPlace where, string externalId)
    {
        var read = await Moves.FindAsync(odoo, [Is("product_id", where.Product), Is("state", "done"), Marks.Leaf("reference", externalId)]);
        if (read.Failure is { } failure)
            return failure;
        var mine = read.Value!.Where(move => Marks.Has(move.Text("reference"), externalId)).ToArray();
        return new Booked(mine.Length, decimal.Round(mine.Sum(move =>
            move.Row.Id("location_dest_id") == where.Place ? move.Amount("quantity") : move.Row.Id("location_id") == where.Place ? -move.Amount("quantity") : 0), 6));
    }

    private static async ValueTask<OperationResult> DoneAsync(OdooSession odoo, StockPlace where, AdjustInput adjust, string externalId)
    {
        var read = await Quants.FindAsync(odoo, where.Domain);
        if (read.Failure is { } failure)
            return failure.AfterChange().ToResult();
        return new OperationResult(OperationStatus.Done)
        {
            Record = Found.Json(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("difference", adjust.Difference);
                json.WriteNumber("quantity", read.Value!.Sum(quant => quant.Amount("quantity")));
                json.WriteString("reference", Marks.With(adjust.Reason, externalId));
                json.WriteEndObject();
            }),
        };
    }

    private static ValueTask<Lookup<StockPlace>> WhereAsync(OdooSession odoo, AdjustInput adjust) =>
        StockPlace.FindAsync(odoo, adjust.ProductId, adjust.ProductUomId, adjust.WarehouseId, adjust.LocationId, "");

    /// <summary>What is booked at a place under an external id.</summary>
    /// <param name="Sum">What came less what went.</param>
    private sealed record Booked(int Movements, decimal Sum);
}
