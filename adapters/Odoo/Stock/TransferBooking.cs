using System.Globalization;
using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>
/// Books what was done of a transfer: its quantities, carrier and tracking number, then <c>button_validate</c>. All that is written before is a
/// proposal, so until then every failure means that nothing was moved. A transfer is done once: one that is done with the same quantities is
/// Done, with others Refused. What button_validate answers is not believed: it may be a question for a person, with nothing moved, so the state is read.
/// </summary>
/// <param name="code">outgoing, or incoming for returns: another transfer of the name is not there.</param>
/// <param name="member">The document's name for its lines.</param>
internal sealed class TransferBooking(OdooSession odoo, TransferInput asked, string code, string member)
{
    public ValueTask<OperationResult> RunAsync() => odoo.InTurnAsync("stock.picking " + asked.Name, BookAsync);

    /// <summary>What an earlier call did: Done where the transfer stands as asked; NotFound where it does not, for then no call got that far.</summary>
    public async ValueTask<OperationResult> FindAsync()
    {
        var read = await ReadAsync();
        if (read.Failure is { } failure)
            return failure.Status == OperationStatus.NotFound ? failure.ToResult() : failure.ToResult() with { Status = OperationStatus.NotSent, Detail = OdooReply.NotAvailable };
        return StandsAsAsked(read.Value!) ? Done(read.Value!) : OdooReply.NotFound("").ToResult();
    }

    private async ValueTask<OperationResult> BookAsync()
    {
        if (asked.NotBooked is { } what)
            return OdooReply.Refused($"{member}: the gateway does not book {what}").ToResult();
        var read = await ReadAsync();
        if (read.Failure is { } failure)
            return (failure.Status == OperationStatus.NotFound ? OdooReply.Refused($"there is no transfer '{asked.Name}' of that kind") : failure.BeforeChange()).ToResult();
        var picking = read.Value!;
        if (Mismatch(picking) is { } other)
            return OdooReply.Refused(other).ToResult();
        var state = picking.Text("state");
        if (asked.State is not null && state is "done" or "cancel")
            return await FinishedAsync(picking, state!);
        var moves = asked.State == "done" ? TransferMoves.Of(picking, asked, member) : new Lookup<IReadOnlyList<MoveDone>>([], null);
        if ((moves.Failure ?? await WriteHeaderAsync(picking)) is { } refused)
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
        var read = await Transfers.Whole.FindAsync(odoo, [Is("name", asked.Name!), Is("picking_type_code", code), odoo.OfCompanies], limit: 1);
        if (read.Failure is { } failure)
            return failure;
        return read.Value is [var picking] ? picking : OdooReply.NotFound("There is no such transfer.");
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
    private async ValueTask<OperationResult> FinishedAsync(Found picking, string state)
    {
        if (!StandsAsAsked(picking))
            return OdooReply.Refused(state == "done"
                ? asked.State == "cancel" ? $"transfer '{asked.Name}' is done, so it can't be cancelled" : $"transfer '{asked.Name}' is done already, with other quantities"
                : $"transfer '{asked.Name}' is cancelled").ToResult();
        return await WriteHeaderAsync(picking) is { } failure ? failure.ToResult() : await ReadBackAsync(picking.Id);
    }

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
        if (move.Flag("picked") != quantity > 0)
            values["picked"] = quantity > 0;
        if (values.Count == 0)
            return null;
        var written = await odoo.WriteAsync("stock.move", [move.Id], values);
        return written.Done ? null : written.BeforeChange();
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
        var result = await ReadBackAsync(id);
        if (result.Status != OperationStatus.Refused)
            return result;
        return reply.Done
            ? result with { Reason = $"nothing was moved; {asked.State} was answered by {OdooErrors.Cut(reply.Value.GetRawText())}" }
            : reply.ToResult();
    }

    /// <summary>Refused where it does not stand as asked.</summary>
    private async ValueTask<OperationResult> ReadBackAsync(int id)
    {
        var read = await Transfers.Whole.ReadAsync(odoo, [id]);
        if (read.Failure is { } failure)
            return failure.AfterChange().ToResult();
        if (read.Value is not [var picking])
            return OdooReply.Unknown($"transfer {id} is gone").ToResult();
        return asked.State is null || StandsAsAsked(picking)
            ? Done(picking)
            : OdooReply.Refused($"the order system left transfer '{asked.Name}' as it was: a person has to look at it there").ToResult();
    }

    private static OperationResult Done(Found picking) => new(OperationStatus.Done)
    {
        Record = picking.ToJson(),
        Facts = JsonSerializer.SerializeToUtf8Bytes(new TransferFacts(picking.Name), TransferFactsJson.Default.TransferFacts),
        Reference = picking.Id.ToString(CultureInfo.InvariantCulture),
    };
}
