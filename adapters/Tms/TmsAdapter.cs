using Gateway.Adapters.Rest;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Tms;

/// <summary>A carrier platform's REST API in the manner of ShipEngine.</summary>
public sealed record TmsOptions : RestOptions;

/// <summary>
/// A carrier platform over REST, in the manner of ShipEngine for parcels and of project44 for loads: labels are unique by <c>external_shipment_id</c>, which
/// is the gateway's external id; errors say whose fault they are. Shapes of inputs and records: transforms/tms.
/// </summary>
public sealed class TmsAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    /// <summary>One line adds an operation.</summary>
    private static readonly RestBinding[] Table = [Labels.Create, Labels.Void, Labels.Read, Tracking.Read, Tenders.Create, Tenders.Read];

    public override string Name => "tms";

    public override string Summary => "A carrier platform over REST: buys and voids labels and tenders loads exactly once, follows parcels, and takes its webhooks.";

    public override Type OptionsType => typeof(TmsOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [.. Table.Select(row => row.Descriptor)];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new RestBackend(
        name, (RestOptions)options, TmsDialect.Carrier, Table, declared => new HmacHook(declared, TmsEvents.Of), new RestSurroundings(clock, outside, logs));
}
