using Gateway.Adapters.Gates;
using Gateway.Adapters.Scales;
using Gateway.Simulators;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>What the suite needs of one adapter: somebody who plays its backend, the options that lead there, and a sample of every operation.</summary>
/// <param name="Adapter">Its name in the list of adapters.</param>
/// <param name="Play">Starts the backend's simulator.</param>
/// <param name="Options">Options of a backend at an address, with a key; what is sent again is sent at once.</param>
/// <param name="Operations">One for each operation.</param>
internal sealed record AdapterSample(
    string Adapter, Func<Task<PlayedBackend>> Play, Func<Uri, Secret, BackendOptions> Options, IReadOnlyList<OperationSample> Operations)
{
    /// <summary>What its rows are called: the adapter, and where there are several samples of one, which.</summary>
    public string Name { get => field ?? Adapter; init; }

    /// <summary>Operations that this backend has nothing for, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> Lacks { get; init; } = new Dictionary<string, string>();

    /// <summary>The key that the simulator takes.</summary>
    public required string Key { get; init; }

    /// <summary>A 4xx without any words of the system's own is believed: nobody knows its words.</summary>
    public bool BelievesStatus { get; init; }

    /// <summary>Where the partner is, on backends that take endpoints.</summary>
    public Func<Uri, Secret, EndpointOptions>? Endpoint { get; init; }

    /// <summary>Answers with which the real system tells more than it should: status and JSON, <c>{leak}</c> standing for what must reach nobody.</summary>
    public IReadOnlyList<(int Status, string Json)> Chatter { get; init; } = [];
}

/// <summary>A simulator that was started.</summary>
internal sealed record PlayedBackend(IAsyncDisposable Simulator, Uri Url, Chaos Chaos, Func<int> Requests, Func<string?> LastTraceParent);

/// <summary>How one operation is called, so that it does something.</summary>
/// <param name="Operation">Its name within the adapter.</param>
/// <param name="Call">A call that is done when it is made; each one another one. What it needs there is made by it.</param>
internal sealed record OperationSample(string Operation, Func<SampleWorld, ValueTask<OperationCall>> Call)
{
    /// <summary>The request with which its work is done: method and a part of the path. Null on reads.</summary>
    public (string Method, string Path)? ChangedBy { get; init; }

    /// <summary>How often the backend has what the call is to make or to do. Null on reads.</summary>
    public Func<SampleWorld, OperationCall, int>? Times { get; init; }

    /// <summary>How many records the backend has for it, whether they are known as this call's or not; null where <see cref="Times"/> sees them all.</summary>
    public Func<SampleWorld, OperationCall, int>? InAll { get; init; }

    /// <summary>A call that the backend's business rules, or our own, refuse. Null on reads: what may not be seen is not there.</summary>
    public Func<SampleWorld, ValueTask<OperationCall>>? Refused { get; init; }

    /// <summary>A call for what is not there. Null on changes: to change what is not there is refused.</summary>
    public Func<SampleWorld, ValueTask<OperationCall>>? Missing { get; init; }

    /// <summary>It changes no object of its own, so it gives neither a reference nor facts.</summary>
    public bool NamesNothing { get; init; }

    /// <summary>Nothing in the backend tells a call that never came from one that was undone since: a read-back leaves that open.</summary>
    public bool LeavesNoTrace { get; init; }
}

/// <summary>The adapters' samples. An adapter or an operation without one fails <see cref="SampleTests"/>.</summary>
internal static class AdapterSamples
{
    public static readonly IReadOnlyList<AdapterSample> All =
        [OdooSamples.Adapter, .. OdooSamples.OverJsonRpc, WmsSamples.Adapter, TmsSamples.Adapter, HttpSamples.Adapter, PartnerSamples.Adapter, ScalesSamples.Adapter, GatesSamples.Adapter];

    /// <summary>The adapters of the gateway, and the two that docs/backends.md adds.</summary>
    public static readonly IReadOnlyList<Adapter> Adapters = With(Outside.World);

    public static IReadOnlyList<Adapter> With(Outside outside) =>
        [.. Gateway.Adapters.Adapters.With(NullLoggerFactory.Instance, outside), new ScalesAdapter(NullLoggerFactory.Instance, outside), new GatesAdapter(NullLoggerFactory.Instance, outside)];

    /// <param name="name">Of a sample: the adapter's, where it has one alone.</param>
    public static AdapterSample Of(string name) => All.FirstOrDefault(sample => sample.Name == name)
        ?? throw new ArgumentOutOfRangeException(nameof(name), name, "add the adapter's sample to AdapterSamples.All");

    public static Adapter AdapterOf(AdapterSample sample) => Adapters.Single(adapter => adapter.Name == sample.Adapter);

    /// <summary>The operations of a sample's adapter that its backend has something for.</summary>
    public static IEnumerable<OperationDescriptor> OperationsOf(AdapterSample sample) => AdapterOf(sample).Operations.Where(operation => !sample.Lacks.ContainsKey(operation.Name));
}
