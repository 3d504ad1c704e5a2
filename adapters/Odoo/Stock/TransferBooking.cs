using System.Globalization;
using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>
/// Books what was done of a transfer: its quantities, carrier and tracking number, then <c>button_validate</c>. All that is written before is a
/// proposal, so until then every failure means that nothing was moved. A transfer is done once: one that is done with the same quantities is
/// Done, with others Refused. What button_validate answers is not believed: it may be a question for a person, with nothing moved, so the state is read.
/// One call at a time is at a transfer, over all nodes (<see cref="TransferName"/>); people are not held, so it is looked at again before the last step.
/// A transfer of an order that the partner may not know of is not there.
/// </summary>
/// <param name="code">outgoing, or incoming for returns: another transfer of the name is not there.</param>
/// <param name="member">The document's name for its lines.</param>
internal sealed class TransferBooking(OdooSession odoo, TransferInput asked, Partner partner, string code, string member)
{
    private const string Meanwhile = "Somebody else works on this transfer. Nothing was moved; send it again.";

    private int[] _lines = [];

    /// <summary>Whether a transfer belongs to what the call is about: others are not there. Null where it is about nothing known.</summary>
    public Func<Found, ValueTask<Lookup<bool>>>? IsMeant { get; init; }

    public ValueTask<OperationResult> RunAsync() => odoo.InTurnAsync(TransferName.Record(asked.Name!), BookAsync);

    /// <summary>What an earlier call did: Done where the transfer stands as asked; NotFound where it does not, for then no call got that far.</summary>
    public async ValueTask<OperationResult> FindAsync()
    {
        if (asked.WrongQuantity(member) is not null)
            return OdooReply.NotFound("").ToResult();
        var read = await ReadAsync();
        if (read.Failure is { } failure)
            return failure.Gone().ToResult();
        if (!StandsAsAsked(read.Value!))
            return OdooReply.NotFound("").ToResult();
        var result = await ReadBackAsync(read.Value!.Id);
        return result.MayHaveHappened ? result with { Status = OperationStatus.NotSent, Detail = OdooReply.NotAvailable } : result;
    }

    /// <summary>
    /// Lines of the order of which more has been delivered than is ordered, by what was just shipped: it has left, so that is for people to know of.
    /// </summary>
    public async ValueTask<IReadOnlyList<string>> OverAsync()
    {
        var lines = await odoo.ReadAsync("sale.order.line", _lines, ["product_uom_qty", "qty_delivered"]);
        return !lines.Done ? [] : [.. lines.Value.EnumerateArray().Where(line => Math.Round(line.Amount("qty_delivered") - line.Amount("product_uom_qty"), 6) > 0)
            .Select(line => $"line {line.Id("id")}: {line.Amount("qty_delivered").Plain()} of {line.Amount("product_uom_qty").Plain()}")];
    }

    private async ValueTask<OperationResult> BookAsync()
    {
        if (asked.NotBooked is { } what)
            return OdooReply.Refused($"{member}: the gateway does not book {what}").ToResult();
        if (asked.WrongQuantity(member) is { } wrong)
            return OdooReply.Refused(wrong).ToResult();
        var read = await ReadAsync();
        if (read.Failure is { } failure)
            return (failure.Status == OperationStatus.NotFound ? OdooReply.Refused($"there is no transfer '{asked.Name}' of that kind") : failure.BeforeChange()).ToResult();
        var picking = read.Value!;
        if (Mismatch(picking) is { } other)
            return OdooReply.Refused(other).ToResult();
        var state = picking.Text("state");
        if (asked.State is not null && state is "done" or "cancel")
            return await FinishedAsync(picking);
        var moves = asked.State == "done" ? TransferMoves.Of(picking, asked, member) : new Lookup<IReadOnlyList<MoveDone>>([], null);
        if ((moves.Failure ?? await (asked.State is null ? TellAsync(picking) : WriteHeaderAsync(picking))) is { } refused)
            return refused.ToResult();
        return asked.State switch
        {
            "done" => await ValidateAsync(picking, moves.Value!),
            "cancel" => await CancelAsync(picking),
            _ => await ReadBackAsync(picking.Id),
        };
    }

    private async ValueTask<Lookup<Found>> ReadAsync()
    {
        var read = await Transfers.ToBook.FindAsync(odoo, [Is("name", asked.Name!), Is("picking_type_code", code), odoo.OfCompanies]);
        if (read.Failure is { } failure)
            return failure;
        // Two companies may each have one of the name.
        foreach (var picking in read.Value!.Where(picking => Ownership.IsOf(picking.To("sale_id"), partner)))
        {
            var meant = IsMeant is null ? true : await IsMeant(picking);
            if (meant.Failure is { } unread)
                return unread;
            if (meant.Value)
                return picking;
        }
        return OdooReply.NotFound("There is no such transfer.");
    }

    /// <summary>Why it is not the transfer that is meant; null where it is.</summary>
    private string? Mismatch(Found picking)
    {
        if (asked.SaleId?.Name is { } order && picking.To("sale_id")?.Name != order)
            return $"orderReference/salesOrderId: transfer '{asked.Name}' is not of order '{order}'";
        if (asked.SaleId?.ClientOrderRef is { } reference && picking.To("sale_id")?.Text("client_order_ref") != reference)
            return $"orderReference/customerReference: transfer '{asked.Name}' is not of order '{reference}'";
        if (asked.WarehouseId?.Code is { } warehouse && picking.To("picking_type_id")?.To("warehouse_id")?.Text("code") != warehouse)
            return $"transfer '{asked.Name}' is not of warehouse '{warehouse}'";
        return code == "incoming" && !picking.All("move_ids").Any(move => move.Row.Id("origin_returned_move_id") is not null)
            ? $"'{asked.Name}' is a receipt, and no return"
            : null;
    }

    private bool StandsAsAsked(Found picking) => asked.State switch
    {
        "done" => picking.Text("state") == "done" && TransferMoves.AreAs(picking, asked),
        "cancel" => picking.Text("state") == "cancel",
        _ => Header(picking, carrier: null).Count == 0,
    };

    /// <summary>It is done or cancelled already: what can still be told of it is told, and nothing is moved again.</summary>
    private async ValueTask<OperationResult> FinishedAsync(Found picking)
    {
        if (!StandsAsAsked(picking))
            return OdooReply.Refused(Otherwise(picking)).ToResult();
        return await TellAsync(picking) is { } failure ? failure.ToResult() : await ReadBackAsync(picking.Id);
    }

    /// <summary>
    /// The header as the whole of the work. A write whose answer is lost may have been done: the next call would find it so, and nobody would tell of it, so
    /// it is looked at. Null when all went well.
    /// </summary>
    private async ValueTask<OdooReply?> TellAsync(Found picking)
    {
        if (await WriteHeaderAsync(picking) is not { } failure)
            return null;
        return failure.Status == OperationStatus.NotSent && await Transfers.ToBook.ReadAsync(odoo, [picking.Id]) is { Value: [var now] } && Header(now, carrier: null).Count == 0
            ? null
            : failure;
    }

    /// <summary>How a transfer stands that does not stand as asked.</summary>
    private string Otherwise(Found picking) => (picking.Text("state"), asked.State) switch
    {
        ("done", "cancel") => $"transfer '{asked.Name}' is done, so it can't be cancelled",
        ("done", _) => $"transfer '{asked.Name}' is done already, with other quantities",
        ("cancel", _) => $"transfer '{asked.Name}' is cancelled",
        _ => $"the order system left transfer '{asked.Name}' as it was: a person has to look at it there",
    };

    /// <summary>Null when all went well. A lost answer is none: the same values are written by the next try.</summary>
    private async ValueTask<OdooReply?> WriteHeaderAsync(Found picking)
    {
        int? carrier = null;
        if (asked.CarrierId?.Name is { } name)
        {
            var reply = await odoo.SearchAsync("delivery.carrier", [Is("name", name)], ["name"], limit: 1, order: "id");
            if (!reply.Done)
                return reply.BeforeChange();
            if (reply.Value.GetArrayLength() == 0 || reply.Value[0].Id("id") is not { } id)
                return OdooReply.Refused($"carrierParty: carrier '{name}' is not known");
            carrier = id;
        }
        var values = Header(picking, carrier);
        if (values.Count == 0)
            return null;
        var written = await odoo.WriteAsync("stock.picking", [picking.Id], values);
        return written.Done ? null : written.BeforeChange();
    }

    /// <summary>What is to be written beside the moves: only what is not so yet.</summary>
    private Dictionary<string, object> Header(Found picking, int? carrier)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        if (carrier is { } id && picking.Row.Id("carrier_id") != id)
            values["carrier_id"] = id;
        if (asked.CarrierTrackingRef is { } tracking && picking.Text("carrier_tracking_ref") != tracking)
            values["carrier_tracking_ref"] = tracking;
        if (asked.CarrierPrice is { } price && picking.Amount("carrier_price") != price)
            values["carrier_price"] = price;
        if (asked.ShippingWeight is { } weight && picking.Amount("shipping_weight") != weight)
            values["shipping_weight"] = weight;
        if (asked.Note is { } note && picking.Text("note") != note)
            values["note"] = note;
        if (asked.ScheduledDate is { } date && picking.Text("state") is not ("done" or "cancel") && picking.Text("scheduled_date") != date)
            values["scheduled_date"] = date;
        return values;
    }

    private async ValueTask<OperationResult> ValidateAsync(Found picking, IReadOnlyList<MoveDone> moves)
    {
        if (!moves.Any(move => move.Quantity > 0))
            return OdooReply.Refused($"{member}: nothing was done of transfer '{asked.Name}', and Odoo would take that for all of it").ToResult();
        foreach (var (move, quantity) in moves)
            if (await WriteMoveAsync(move, quantity) is { } failure)
                return failure.ToResult();
        if (await LookAgainAsync(picking.Id, moves) is { } changed)
            return changed.ToResult();
        _lines = [.. moves.Where(move => move.Quantity > 0).Select(move => move.Move.Row.Id("sale_line_id")).OfType<int>().Distinct()];
        var reply = await odoo.ActAsync("stock.picking", "button_validate", [picking.Id], context: json =>
        {
            json.WriteBoolean("skip_backorder", true);
            if (asked.WithoutBackorder)
            {
                json.WritePropertyName("picking_ids_not_to_backorder");
                OdooJson.Write(json, (int[])[picking.Id]);
            }
        });
        // Refused can mean that somebody else was first, and an answer of 200 that a person is asked.
        if (reply.Status is not (OperationStatus.Done or OperationStatus.Refused))
            return reply.ToResult();
        return await SeenAsync(picking.Id, reply);
    }

    private async ValueTask<OdooReply?> WriteMoveAsync(Found move, decimal quantity)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        if (quantity > 0 && move.Amount("quantity") != quantity)
            values["quantity"] = quantity;
        // Before 17 nothing is picked: what is counted on a move is what leaves.
        if (quantity == 0 && move.Amount("quantity") > 0 && !odoo.Knows("stock.move", "picked"))
            values["quantity"] = 0m;
        if (move.Flag("picked") != quantity > 0)
            values["picked"] = quantity > 0;
        if (values.Count == 0)
            return null;
        var written = await odoo.WriteAsync("stock.move", [move.Id], values);
        return written.Done ? null : written.BeforeChange();
    }

    /// <summary>
    /// Somebody else may have worked on the transfer while its moves were written: what is validated is what was looked at, or nothing. Null where it is.
    /// </summary>
    private async ValueTask<OdooReply?> LookAgainAsync(int id, IReadOnlyList<MoveDone> written)
    {
        var read = await Transfers.Progress.ReadAsync(odoo, [id]);
        if (read.Failure is { } failure)
            return failure.BeforeChange();
        return read.Value is [var now] && TransferMoves.AreStill(now, written)
            ? null
            : OdooReply.NotSent($"transfer '{asked.Name}' was changed by somebody else while it was booked") with { Detail = Meanwhile, RetryAfter = TimeSpan.FromSeconds(1) };
    }

    private async ValueTask<OperationResult> CancelAsync(Found picking)
    {
        var reply = await odoo.ActAsync("stock.picking", "action_cancel", [picking.Id]);
        return reply.Status is OperationStatus.Done or OperationStatus.Refused ? await SeenAsync(picking.Id, reply) : reply.ToResult();
    }

    /// <summary>What became of the transfer, whatever was answered.</summary>
    private async ValueTask<OperationResult> SeenAsync(int id, OdooReply reply)
    {
        if (reply.Done && asked is { State: "done", DateDone: { } date })
            await odoo.WriteAsync("stock.picking", [id], new Dictionary<string, object> { ["date_done"] = date });
        return await ReadBackAsync(id, reply);
    }

    /// <summary>Refused where it does not stand as asked.</summary>
    /// <param name="answered">What Odoo said of the last step; null where there was none.</param>
    private async ValueTask<OperationResult> ReadBackAsync(int id, OdooReply? answered = null)
    {
        var read = await Transfers.Whole.ReadAsync(odoo, [id]);
        if (read.Failure is { } failure)
            return failure.AfterChange().ToResult();
        if (read.Value is not [var picking])
            return OdooReply.Unknown($"transfer {id} is gone").ToResult();
        if (asked.State is null || StandsAsAsked(picking))
            return Done(picking);
        // Of what is still open, Odoo knows best why.
        if (answered is { Done: false } refused && picking.Text("state") is not ("done" or "cancel"))
            return refused.ToResult();
        return OdooReply.Refused(Otherwise(picking), answered switch
        {
            null => null,
            { Done: true } => $"{Otherwise(picking)}: {asked.State} was answered by {OdooErrors.Cut(answered.Value.GetRawText())}",
            _ => answered.Reason,
        }).ToResult();
    }

    private OperationResult Done(Found picking) => new(OperationStatus.Done)
    {
        Record = picking.ToJson(),
        Facts = JsonSerializer.SerializeToUtf8Bytes(code == "incoming" ? new TransferFacts(null, picking.Name) : new TransferFacts(picking.Name), TransferFactsJson.Default.TransferFacts),
        Reference = picking.Id.ToString(CultureInfo.InvariantCulture),
    };
}
