using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Simulators;

namespace Gateway.Demo;

public sealed record DemoOptions
{
    public required string Workspace { get; init; }

    public required string Urls { get; init; }

    public required string AdminUrls { get; init; }
}

/// <summary>Simulators and a gateway in front of them, with state in a temporary folder that goes when the demo ends.</summary>
public sealed class Demonstration : IAsyncDisposable
{
    /// <summary>The key of the overlay policies.demo.yaml; no other environment takes it.</summary>
    public const string Key = "acme-demo-key";

    /// <summary>The token of the overlay's operator.</summary>
    public const string OperatorToken = "demo-operator-token-that-everybody-in-the-world-knows";

    private readonly DirectoryInfo _folder;

    private Demonstration(DirectoryInfo folder, SimulatorSet simulators, GatewayHost gateway)
    {
        _folder = folder;
        Simulators = simulators;
        Gateway = gateway;
    }

    public SimulatorSet Simulators { get; }

    public GatewayHost Gateway { get; }

    public static async Task<(Demonstration? Demo, int Code)> StartAsync(DemoOptions options, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("odoo-gateway-demo-");
        var simulators = await SimulatorSet.StartAsync();
        var (gateway, code) = await ServeCommand.StartAsync(
            new GatewayOptions
            {
                Workspace = options.Workspace,
                DataDirectory = Path.Combine(folder.FullName, "data"),
                KeyDirectory = Path.Combine(folder.FullName, "keys"),
                Embedded = true,
                Urls = options.Urls,
                AdminUrls = options.AdminUrls,
                JsonLogs = false,
                LogLevel = LogLevel.Warning,
                Load = new LoadOptions { Environment = "demo", Variables = Addresses(simulators) },
            },
            cancellation);
        if (gateway is not null) return (new Demonstration(folder, simulators, gateway), code);
        await simulators.DisposeAsync();
        folder.Delete(recursive: true);
        return (null, code);
    }

    public void Introduce(TextWriter output)
    {
        output.WriteLine($"""

            gateway   {Gateway.Url}
            admin     {Gateway.AdminUrl}  (/readyz /metrics /plan /audit /events /deliveries)
            Odoo      {Simulators.Odoo.Url}  (simulator; /_state, POST /_chaos)
            WMS       {Simulators.Wms.Url}  (simulator)
            TMS       {Simulators.Tms.Url}  (simulator)
            partner   {Simulators.Partner.Url}  (simulator; /received)
            demo key  {Key}  (header X-Api-Key; taken in the demo only)
            operator  {OperatorToken}  (bearer token for the admin port; taken in the demo only)

            Send an order, then send it again; read it; see stock; follow a parcel; see the webhook:

            curl -i {Gateway.Url}v1/orders -H 'X-Api-Key: {Key}' -H 'Idempotency-Key: k-1' -H 'Content-Type: application/json' -d '{SampleOrder.ShortJson()}'
            curl -i '{Gateway.Url}v1/inventory?item=DESK0005&location=WH' -H 'X-Api-Key: {Key}'
            curl -i {Gateway.Url}v1/items/DESK0005 -H 'X-Api-Key: {Key}'
            curl -i {Gateway.Url}v1/tracking/TRK-1001 -H 'X-Api-Key: {Key}'
            curl -s {Simulators.Partner.Url}received
            curl -s {Gateway.AdminUrl}deliveries -H 'Authorization: Bearer {OperatorToken}'

            Edit routes/orders.yaml while this runs, then look at {Gateway.AdminUrl}plan. Ctrl+C stops everything.

            """);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Simulators.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static Dictionary<string, string> Addresses(SimulatorSet simulators) => new()
    {
        ["DEMO_ODOO_URL"] = simulators.Odoo.Url.AbsoluteUri.TrimEnd('/'),
        ["DEMO_TMS_URL"] = simulators.Tms.Url.AbsoluteUri.TrimEnd('/'),
        ["DEMO_PARTNER_URL"] = simulators.Partner.Url.AbsoluteUri.TrimEnd('/'),
    };
}
