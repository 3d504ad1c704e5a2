using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Pipeline;
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

    /// <summary>The overlay's key of our own desk and warehouse, at work for the same partner.</summary>
    public const string FulfilmentKey = "acme-fulfilment-demo-key";

    /// <summary>The token of the overlay's operator.</summary>
    public const string OperatorToken = "demo-operator-token-that-everybody-in-the-world-knows";

    /// <summary>The token of the overlay's approver, who agrees where a flow asks for somebody.</summary>
    public const string ApproverToken = "demo-approver-token-that-everybody-in-the-world-knows";

    /// <summary>What the overlay says the warehouse signs its webhooks with; the carrier has keys of its own.</summary>
    private const string WarehouseSecret = "whsec_ZGVtby13YXJlaG91c2Utc2VjcmV0LTAwMDE=";

    private const string ScanJson = """{"trackingNumber":"TRK-1001","statusCode":"DE"}""";

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
        if (gateway is not null)
        {
            SendHooks(simulators, gateway.Url);
            return (new Demonstration(folder, simulators, gateway), code);
        }
        await simulators.DisposeAsync();
        folder.Delete(recursive: true);
        return (null, code);
    }

    /// <summary>Warehouse and carrier tell a gateway from now on, signed with the demo's secrets.</summary>
    public static void SendHooks(SimulatorSet simulators, Uri gateway)
    {
        simulators.Wms.SendHooksTo(new HookTarget(new Uri(gateway, "hooks/wms"), WarehouseSecret));
        simulators.Tms.SendHooksTo(new HookTarget(new Uri(gateway, "hooks/tms")));
    }

    public void Introduce(TextWriter output)
    {
        output.WriteLine($"""

            gateway   {Gateway.Url}
            admin     {Gateway.AdminUrl}  (/readyz /metrics /plan /audit /events /deliveries)
            Odoo      {Simulators.Odoo.Url}  (simulator; /_state, POST /_chaos)
            WMS       {Simulators.Wms.Url}  (simulator; POST /_ship; webhooks to /hooks/wms)
            TMS       {Simulators.Tms.Url}  (simulator; POST /_event; webhooks to /hooks/tms)
            partner   {Simulators.Partner.Url}  (simulator; /received)
            demo key  {Key}  (header X-Api-Key; taken in the demo only)
            our desk  {FulfilmentKey}  (the same, for confirming, shipping, invoicing, crediting)
            operator  {OperatorToken}  (bearer token for the admin port; taken in the demo only)

            Send an order, then send it again; see stock; follow a parcel that the carrier scans; see the webhooks:

            curl -i {Gateway.Url}v1/orders -H 'X-Api-Key: {Key}' -H 'Idempotency-Key: k-1' -H 'Content-Type: application/json' -d '{SampleOrder.ShortJson()}'
            curl -i '{Gateway.Url}v1/inventory?item=DESK0005&location=WH' -H 'X-Api-Key: {Key}'
            curl -i {Gateway.Url}v1/items/DESK0005 -H 'X-Api-Key: {Key}'
            curl -i {Simulators.Tms.Url}_event -H 'Content-Type: application/json' -d '{ScanJson}'
            curl -i {Gateway.Url}v1/tracking/TRK-1001 -H 'X-Api-Key: {Key}'
            curl -s {Simulators.Partner.Url}received
            curl -s {Gateway.AdminUrl}deliveries -H 'Authorization: Bearer {OperatorToken}'

            Edit routes/orders.yaml while this runs, then look at what runs now; Ctrl+C stops everything:
            curl -s {Gateway.AdminUrl}plan -H 'Authorization: Bearer {OperatorToken}'

            """);
    }

    /// <summary>Says of every changed workspace that it runs now; of one that can't run, the log says so.</summary>
    public void TellReloads(TextWriter output) =>
        Gateway.Services.GetRequiredService<CurrentPlan>().Taking += plan => output.WriteLine($"the changed workspace runs now: revision {plan.Revision}, {Count.Of(plan.Routes.Count, "route")}");

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Simulators.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static Dictionary<string, string> Addresses(SimulatorSet simulators) => new()
    {
        ["DEMO_ODOO_URL"] = simulators.Odoo.Url.AbsoluteUri.TrimEnd('/'),
        ["DEMO_WMS_URL"] = simulators.Wms.Url.AbsoluteUri.TrimEnd('/'),
        ["DEMO_TMS_URL"] = simulators.Tms.Url.AbsoluteUri.TrimEnd('/'),
        ["DEMO_PARTNER_URL"] = simulators.Partner.Url.AbsoluteUri.TrimEnd('/'),
    };
}
