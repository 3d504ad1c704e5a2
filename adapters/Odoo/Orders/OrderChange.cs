using Gateway.Adapters.Canonical;
using Gateway.Adapters.Odoo.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>
/// Makes an order what is asked: the whole of it, as order.create takes it. So a change is its own proof: an order that is as asked is Done, whoever
/// did it, and one that is not may be changed again. One <c>load</c> does all or nothing, and always has the price beside the quantity, or Odoo takes
/// its list price (README, trap 3).
/// </summary>
internal sealed partial class OrderChange(OdooBackend backend) : OdooOperation(backend)
{
    public static readonly OperationDescriptor Description = new(
        "order.change", "Makes a sales order what is asked, as far as nothing of it was shipped.", Effect.Changes, Idempotent: true, ReadsBack: true, Cost: 14)
    {
        Input = OrderCreate.Description.Input,
        Needs = OrderCreate.Description.Needs,
        About = new Subject("order"),
    };

    private readonly ILogger _log = backend.Log;

    public override OperationDescriptor Descriptor => Description;

    protected override ValueTask<OperationResult> RunAsync(OperationCall call, OdooSession odoo) => WithAsync(OrderInput.Parse(call.Input), async asked =>
    {
        var reply = await odoo.AgainAsync(() => ChangeAsync(odoo, call.Reference, asked));
        if (!reply.Done)
            return reply.ToResult();
        var (result, differences) = await LookAsync(odoo, call.Reference, asked);
        if (result.Status != OperationStatus.Done)
            return new OperationResult(OperationStatus.Unknown) { Detail = OdooReply.NotKnown, Reason = $"changed, but not seen: {result.Reason ?? result.Detail}" };
        if (differences.Count == 0)
            return result;
        AdapterTelemetry.Differences.Add(1, new KeyValuePair<string, object?>("backend", Backend));
        LogDifferences(Backend, call.Reference!, string.Join("; ", differences));
        return result with { Reason = OdooErrors.Cut("kept otherwise than asked: " + string.Join("; ", differences)) };
    });

    /// <summary>Done when the order is as asked; NotFound when it is not, so that it is asked again: no other change of it is open meanwhile.</summary>
    protected override async ValueTask<OperationResult> FindAsync(OperationCall call, OdooSession odoo)
    {
        if (OrderInput.Parse(call.Input).Order is not { } asked)
            return OdooReply.NotSent("what was asked can't be read any more").ToResult();
        var (result, differences) = await LookAsync(odoo, call.Reference, asked);
        return result.Status != OperationStatus.Done ? result
            : differences.Count > 0 ? new OperationResult(OperationStatus.NotFound) { Reason = OdooErrors.Cut("not as asked: " + string.Join("; ", differences)) }
            : result;
    }

    private static async ValueTask<OdooReply> ChangeAsync(OdooSession odoo, string? reference, OrderInput asked)
    {
        var read = await OrderRecord.ReadAsync(odoo, reference);
        if (read.Failure is { } failure)
            return failure.OfRecord();
        var kept = read.Value!;
        var differences = await ChangeCheck.DifferencesAsync(odoo, asked, kept);
        if (differences.Failure is { } unclear)
            return unclear.OfRecord();
        if (differences.Value!.Count == 0)
            return OdooReply.Found(kept.Id);
        if (OrderRules.AgainstChanging(kept, asked) is { } refused)
            return refused;
        var name = await odoo.NameOfAsync("sale.order", kept.Id);
        if (name.Failure is { } nameless)
            return nameless.Status == OperationStatus.NotFound ? OdooReply.NotSent($"order {kept.Id} has no external id of the gateway's") : nameless.OfRecord();
        var rows = await new OrderRows(odoo, asked, name.Value!).PrepareChangeAsync(kept);
        return rows.Failure is { } unknown ? unknown.OfRecord() : await odoo.LoadAsync("sale.order", rows.Value!);
    }

    private static async ValueTask<(OperationResult Result, IReadOnlyList<string> Differences)> LookAsync(OdooSession odoo, string? reference, OrderInput asked)
    {
        var read = await OrderRecord.ReadAsync(odoo, reference);
        if (read.Failure is { } failure)
            return (failure.Gone().ToResult(), []);
        var differences = await ChangeCheck.DifferencesAsync(odoo, asked, read.Value!);
        if (differences.Failure is { } unclear)
            return (unclear.Gone().ToResult(), []);
        return (read.Value!.ToResult(reference, read.Value.IsConfirmed ? OrderStatusCode.Released : OrderStatusCode.Accepted), differences.Value!);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Backend {Backend} keeps order {Reference} otherwise than it was changed: {Differences}")]
    private partial void LogDifferences(string backend, string reference, string differences);
}
