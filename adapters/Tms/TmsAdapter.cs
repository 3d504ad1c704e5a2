using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Adapters.Rest;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Tms;

/// <summary>A carrier platform's REST API in the manner of ShipEngine.</summary>
public sealed record TmsOptions : RestOptions
{
    [Description("The platform's code of the carrier whose parcels are followed where nobody says another: dhl_express. Without it, only parcels are whose labels were bought there.")]
    [RegularExpression("^[a-z0-9]+(_[a-z0-9]+)*$")]
    public string? Carrier { get; init; }
}

/// <summary>
/// A carrier platform over REST, in the manner of ShipEngine for parcels and of project44 for loads: labels are unique by <c>external_shipment_id</c>, which
/// is the gateway's external id; webhooks are signed by RSA with keys that it publishes; errors say whose fault they are. Shapes of inputs and records: transforms/tms.
/// </summary>
public sealed class TmsAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    public override string Name => "tms";

    public override string Summary => "A carrier platform over REST: buys and voids labels, and tenders, changes and calls off loads exactly once, follows parcels, and takes its webhooks.";

    public override Type OptionsType => typeof(TmsOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [.. Table(null).Select(row => row.Descriptor)];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new RestBackend(
        name, (TmsOptions)options, TmsDialect.Carrier, Table(((TmsOptions)options).Carrier), (declared, client) => new PlatformHook(declared, KeysOf(client, clock), TmsEvents.Of, TmsEvents.WrongType),
        new RestSurroundings(clock, outside, logs));

    /// <summary>One line adds an operation.</summary>
    private static RestBinding[] Table(string? carrier) => [Labels.Create, Labels.Void, Labels.Read, Tracking.Read(carrier), Tenders.Create, Tenders.Update, Tenders.Cancel, Tenders.Read];

    private static PlatformKeys KeysOf(RestClient client, TimeProvider clock) => new(
        async () =>
        {
            using var patience = new CancellationTokenSource(PlatformKeys.Patience, clock);
            try
            {
                return await client.SendAsync(new RestRequest(HttpMethod.Get, "jwks", Effect.Reads), "webhook.keys", patience.Token, CancellationToken.None);
            }
            catch (ObjectDisposedException)
            {
                return RestReply.NotSent("another Plan is in force, and this backend is closed");
            }
        },
        clock);
}
