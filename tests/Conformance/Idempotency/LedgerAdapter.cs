using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Gateway.Adapters.Odoo;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>
/// A backend in place of Odoo that writes down its calls, does what a test says, and may not be able to tell what it did: such an operation no
/// adapter of the product has.
/// </summary>
internal sealed class LedgerAdapter(bool readsBack) : Adapter
{
    private static readonly OperationResult Nothing = new(OperationStatus.NotFound);

    /// <summary>External ids, in the order of the calls.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public int ReadBacks { get; private set; }

    /// <summary>What a call does, after it was written down. By default it is done.</summary>
    public Func<OperationCall, OperationResult> Act { get; set; } = DoneAs("L-1");

    /// <summary>What a read-back finds.</summary>
    public Func<OperationResult> Find { get; set; } = static () => Nothing;

    public override string Name => "odoo";

    public override string Summary => "Writes down its calls.";

    public override Type OptionsType => typeof(OdooOptions);

    public override IReadOnlyList<OperationDescriptor> Operations =>
    [
        new OperationDescriptor("order.create", "Makes an order.", Effect.Changes, Idempotent: false, ReadsBack: readsBack) { Makes = "order" },
        new OperationDescriptor("order.read", "Reads an order.", Effect.Reads, Idempotent: true, ReadsBack: false) { About = new Subject("order") },
        new OperationDescriptor("order.cancel", "Cancels an order.", Effect.Changes, Idempotent: true, ReadsBack: readsBack) { About = new Subject("order") },
    ];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new Ledger(name, this);

    public IReadOnlyList<Adapter> With(ILoggerFactory logs, Outside outside) =>
        [this, .. global::Gateway.Adapters.Adapters.With(logs, outside).Where(a => a.Name != Name)];

    public static Func<OperationCall, OperationResult> DoneAs(string reference, int length = 0) => call => new OperationResult(OperationStatus.Done)
    {
        Record = Encoding.UTF8.GetBytes($$"""{"number":"{{reference}}","for":{{JsonSerializer.Serialize(call.ExternalId)}},"more":"{{new string('x', length)}}"}"""),
        Reference = reference,
    };

    private sealed class Ledger(string name, LedgerAdapter adapter) : Backend(name)
    {
        public override IReadOnlyDictionary<string, BackendOperation> Operations { get; } =
            new Dictionary<string, BackendOperation> { ["order.create"] = new Change(name, adapter, 0), ["order.read"] = new Read(name, adapter), ["order.cancel"] = new Change(name, adapter, 2) };
    }

    private sealed class Read(string backend, LedgerAdapter adapter) : BackendOperation
    {
        public override string Backend => backend;

        public override OperationDescriptor Descriptor => adapter.Operations[1];

        public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation) => new(DoneAs(call.Reference!)(call));

        public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation) => new(Nothing);
    }

    private sealed class Change(string backend, LedgerAdapter adapter, int number) : BackendOperation
    {
        public override string Backend => backend;

        public override OperationDescriptor Descriptor => adapter.Operations[number];

        public override string? WrongReference(string reference) => reference.StartsWith("L-", StringComparison.Ordinal) ? null : "a number that begins with L-";

        public override ValueTask<OperationResult> CallAsync(OperationCall call, CancellationToken cancellation)
        {
            adapter.Calls.Enqueue(call.ExternalId!);
            return new(adapter.Act(call));
        }

        public override ValueTask<OperationResult> ReadBackAsync(OperationCall call, CancellationToken cancellation)
        {
            adapter.ReadBacks++;
            return new(adapter.Find());
        }
    }
}
