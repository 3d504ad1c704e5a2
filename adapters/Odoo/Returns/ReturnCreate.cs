using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Adapters.Odoo.Stock;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Returns;

/// <summary>
/// Announces a return: the wizard makes a transfer that brings back goods of one delivery, never more of them than went out.
/// A wizard takes no external id, so the transfer is marked with it right after (<see cref="Marks"/>), and found by it among the returns of the
/// delivery. Cut off in between, it is of our own user and bears no mark: the call that takes the work up again marks it, and makes none.
/// Before <c>action_create_returns</c> has left, every failure means that there is no return.
/// </summary>
internal sealed class ReturnCreate(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "return.create", "Announces a return of a delivery, once per external id, and never of more than was shipped.",
        Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 30)
    {
        Input = new Dictionary<string, string>
        {
            ["name"] = "the caller's name of the return",
            ["picking_id"] = "name of the delivery",
            ["product_return_moves"] = "move_id (else found by product), product_id (default_code or id), uom_id (name), quantity, to_refund (the wizard's proposal when left out)",
            ["picking"] = "carrier_id, carrier_tracking_ref, scheduled_date, note; optional",
        },
        Needs = [["name"], ["picking_id"], ["product_return_moves"]],
        Makes = "return",
    };

    private readonly TimeProvider _clock = backend.Clock;

    public override OperationDescriptor Descriptor => Description;

    public override string? RecordOf(ReadOnlyMemory<byte> input) => TransferName.RecordOf(input, "picking_id");

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => MakeAsync(
        call, ReturnInput.Parse(call.Input), (asked, externalId) => odoo.InTurnAsync(TransferName.Record(asked.PickingId.Name), async () =>
        {
            var made = await AnnounceAsync(call, odoo, asked, externalId);
            return made.Done ? await ReadAsync(odoo, made.Id) : made.ToResult();
        }));

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) => MadeAsync(call, async externalId =>
    {
        if (ReturnInput.Parse(call.Input).Return is not { } asked)
            return OdooReply.NotSent("read-back was called without what was asked").ToResult();
        var delivery = await Delivered.ReadAsync(odoo, asked.PickingId.Name, call.Partner);
        if (delivery.Failure is { } failure)
            return failure.Status == OperationStatus.NotFound ? failure.ToResult() : failure.BeforeChange().ToResult();
        if (delivery.Value!.Returns.FirstOrDefault(back => Marks.Has(back.Text("origin"), externalId)) is not { } mine)
            return OdooReply.NotFound("").ToResult();
        var result = await ReadAsync(odoo, mine.Id);
        return result.Status == OperationStatus.Done ? result : result with { Status = OperationStatus.NotSent, Detail = OdooReply.NotAvailable };
    });

    private async ValueTask<OdooReply> AnnounceAsync(OperationCall call, OdooSession odoo, ReturnInput asked, string externalId)
    {
        if (asked.WrongQuantity is { } wrong)
            return OdooReply.Refused(wrong);
        var read = await Delivered.ReadAsync(odoo, asked.PickingId.Name, call.Partner);
        if (read.Failure is { } failure)
            return failure.Status == OperationStatus.NotFound ? OdooReply.Refused($"shipmentId: there is no shipment '{asked.PickingId.Name}'") : failure.BeforeChange();
        var delivery = read.Value!;
        var mine = await Marks.OfAsync(odoo, delivery.Returns.Where(back => Marks.Has(back.Text("origin"), externalId) || Delivered.IsAs(back, asked)),
            "origin", externalId, resumes: call.GoesFirst, SettledBefore(call));
        if (mine.Failure is { } unknown)
            return unknown.BeforeChange();
        if (mine.Value is { } there)
            return Marks.Has(there.Text("origin"), externalId) ? OdooReply.Found(there.Id) : await MarkAsync(odoo, there.Id, asked, delivery, externalId);
        if (!delivery.IsDone)
            return OdooReply.Refused($"shipmentId: shipment '{asked.PickingId.Name}' has not left yet");
        if (asked.Picking.NotBooked is { } what)
            return OdooReply.Refused($"returnLines: the gateway does not book {what}");
        var shares = delivery.Share(asked);
        if (shares.Failure is { } refused)
            return refused;
        var made = await new ReturnWizard(odoo, delivery).MakeAsync(shares.Value!);
        if (!made.Done)
            return made;
        return await TakeBackIfOverAsync(call, odoo, asked, made.Id) ?? await MarkAsync(odoo, made.Id, asked, delivery, externalId);
    }

    /// <summary>Calls that began before this are over: they take no longer than half as long again as this one may.</summary>
    private DateTimeOffset SettledBefore(OperationCall call)
    {
        var now = _clock.GetUtcNow();
        return call.Until is { } until ? now - 1.5 * (until - now) : DateTimeOffset.MaxValue;
    }

    /// <summary>
    /// Another call of the gateway is not at the delivery meanwhile, but somebody in Odoo may have returned the same goods: what is too much then is
    /// taken back by who sees it. Null where all is well.
    /// </summary>
    private static async ValueTask<OdooReply?> TakeBackIfOverAsync(OperationCall call, OdooSession odoo, ReturnInput asked, int id)
    {
        var again = await Delivered.ReadAsync(odoo, asked.PickingId.Name, call.Partner);
        if (again.Failure is { } failure)
            return failure.AfterChange();
        if (!again.Value!.IsOver)
            return null;
        var cancelled = await odoo.ActAsync("stock.picking", "action_cancel", [id]);
        return cancelled.Done ? OdooReply.Refused("returnLines: another return of the same goods came first", $"transfer {id} was made and cancelled") : cancelled.AfterChange();
    }

    /// <summary>The mark, and what else the transfer is to say, in one write.</summary>
    private static async ValueTask<OdooReply> MarkAsync(OdooSession odoo, int id, ReturnInput asked, Delivered delivery, string externalId)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal) { ["origin"] = Marks.With($"Return of {delivery.Picking.Name}", externalId) };
        if (asked.Picking.CarrierTrackingRef is { } tracking)
            values["carrier_tracking_ref"] = tracking;
        if (asked.Picking.Note is { } note)
            values["note"] = note;
        if (asked.Picking.ScheduledDate is { } date)
            values["scheduled_date"] = date;
        if (asked.Picking.CarrierId?.Name is { } name)
        {
            var carriers = await odoo.SearchAsync("delivery.carrier", [Is("name", name)], ["name"], limit: 1, order: "id");
            if (!carriers.Done)
                return carriers.AfterChange();
            // Who carries it is told by its number; a name that Odoo does not know is no reason to have no return.
            if (carriers.Value.GetArrayLength() > 0 && carriers.Value[0].Id("id") is { } carrier)
                values["carrier_id"] = carrier;
        }
        var marked = await odoo.WriteAsync("stock.picking", [id], values);
        return marked.Done ? OdooReply.Found(id) : marked.AfterChange();
    }

    private static async ValueTask<OperationResult> ReadAsync(OdooSession odoo, int id)
    {
        var read = await Transfers.Whole.ReadAsync(odoo, [id]);
        if (read.Failure is { } failure)
            return failure.AfterChange().ToResult();
        if (read.Value is not [var picking])
            return OdooReply.Unknown($"transfer {id} is gone").ToResult();
        return new OperationResult(OperationStatus.Done)
        {
            Record = picking.ToJson(),
            Facts = JsonSerializer.SerializeToUtf8Bytes(new ReturnFacts(picking.Name), ReturnFactsJson.Default.ReturnFacts),
            Reference = id.ToString(CultureInfo.InvariantCulture),
        };
    }
}

/// <summary>What the event of a return tells beside what was announced: a member of returns.</summary>
/// <param name="ReceiptId">Number of the transfer that brings it back.</param>
internal sealed record ReturnFacts(string? ReceiptId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReturnFacts))]
internal sealed partial class ReturnFactsJson : JsonSerializerContext;
