using System.Globalization;
using Gateway.Adapters.Canonical;
using Gateway.Adapters.Odoo.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>
/// Makes one sales order (a quotation, to be confirmed in Odoo) under the gateway's external id, and reads it back.
/// Before <c>sale.order/load</c> has left, every failure means that there is no order; after it, Unknown until the read-back speaks.
/// An order that Odoo keeps with other figures is Done all the same: it exists, and a second one would be worse. The answer shows Odoo's
/// figures, the log and the metric <c>gateway.adapter.differences</c> alert somebody. One that was there before a new call, and is not what that
/// asks for, is somebody's other order: Taken.
/// </summary>
internal sealed partial class OrderCreate(OdooBackend backend) : OdooOperation(backend)
{
    private readonly ILogger _log = backend.Log;
    private readonly string _name = backend.Name;

    public static readonly OperationDescriptor Description = new(
        "order.create", "Makes a sales order, exactly once per external id.", Effect.Changes, Idempotent: true, ReadsBack: true, Compensation: "order.cancel", Cost: 12)
    {
        Input = new Dictionary<string, string>
        {
            ["client_order_ref"] = "the buyer's own number",
            ["buyer"] = "ref of the customer (res.partner)",
            ["currency"] = "ISO 4217 code",
            ["warehouse"] = "code of the warehouse to ship from; optional",
            ["commitment_date"] = "YYYY-MM-DD HH:MM:SS in UTC; optional",
            ["note"] = "plain text; optional",
            ["delivery"] = "name, street, street2, zip, city, state (code), country (code); optional",
            ["lines"] = "id (the buyer's), default_code, product_uom_qty, unit_code (UN/ECE Rec 20), price_unit, price_base (1 when left out)",
        },
        Needs = [["client_order_ref"], ["buyer"], ["currency"], ["lines"]],
        Makes = "order",
    };

    public override OperationDescriptor Descriptor => Description;

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => MakeAsync(call, OrderInput.Parse(call.Input), async (order, externalId) =>
    {
        var reply = await odoo.FindOrLoadAsync("sale.order", externalId, () => new OrderRows(odoo, order, externalId).PrepareAsync());
        return reply.Done ? await ReadAsync(odoo, reply.Id, externalId, order, isNew: reply.Known && !call.GoesFirst) : reply.ToResult();
    });

    protected override ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo) => MadeAsync(call, async externalId =>
    {
        var known = await odoo.FindAsync("sale.order", externalId);
        if (known.Status == OperationStatus.NotFound)
            return known.ToResult();
        var result = known.Done
            ? await ReadAsync(odoo, known.Id, externalId, OrderInput.Parse(call.Input).Order)
            : known.ToResult();
        return result.Status is OperationStatus.Done
            ? result
            : result with { Status = OperationStatus.NotSent, Detail = OdooReply.NotAvailable };
    });

    /// <param name="isNew">Nobody has called for this order before, for all that the gateway knows; so one that is there was not made by this call.</param>
    private async ValueTask<OperationResult> ReadAsync(OdooSession odoo, int id, string externalId, OrderInput? asked, bool isNew = false)
    {
        var read = await OrderRecord.ReadAsync(odoo, id);
        if (read.Failure is { } failure)
            return (failure.AfterChange() with { Reason = $"order {id} exists but could not be read: {failure.Reason}" }).ToResult();
        var order = read.Value!;
        var differences = asked is null ? [] : OrderCheck.Differences(asked, order);
        if (differences.Count > 0)
        {
            AdapterTelemetry.Differences.Add(1, new KeyValuePair<string, object?>("backend", _name));
            LogDifferences(_name, externalId, id, string.Join("; ", differences));
            if (isNew) return new OperationResult(OperationStatus.Taken) { Reason = OdooErrors.Cut($"order {id} was there before, otherwise than asked: {string.Join("; ", differences)}") };
        }
        return new OperationResult(OperationStatus.Done)
        {
            Record = order.ToJson(),
            Facts = order.ToFacts(OrderStatusCode.Accepted),
            Reference = id.ToString(CultureInfo.InvariantCulture),
            Reason = differences.Count > 0 ? OdooErrors.Cut("kept otherwise than asked: " + string.Join("; ", differences)) : null,
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Backend {Backend} keeps order {ExternalId} (id {Id}) otherwise than asked: {Differences}")]
    private partial void LogDifferences(string backend, string externalId, int id, string differences);
}
