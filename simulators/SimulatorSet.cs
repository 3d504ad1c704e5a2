namespace Gateway.Simulators;

/// <summary>Where the simulators of a <see cref="SimulatorSet"/> listen. A port 0 takes any free one.</summary>
public sealed record SimulatorSetOptions
{
    public int OdooPort { get; init; }

    /// <summary>Major version of Odoo, 14 to 19; before 19 it speaks JSON-RPC only.</summary>
    public int OdooVersion { get; init; } = OdooSimulator.NewestVersion;

    public int WmsPort { get; init; }

    public int TmsPort { get; init; }

    public int PartnerPort { get; init; }

    /// <summary>The Standard Webhooks secret the partner's endpoint checks with; null takes its default.</summary>
    public string? PartnerSecret { get; init; }

    /// <summary>The clock of all four.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>All four simulators, for the demo. The carrier knows the parcels the warehouse ships.</summary>
public sealed class SimulatorSet : IAsyncDisposable
{
    private SimulatorSet(OdooSimulator odoo, WmsSimulator wms, TmsSimulator tms, PartnerSimulator partner) =>
        (Odoo, Wms, Tms, Partner) = (odoo, wms, tms, partner);

    public OdooSimulator Odoo { get; }

    public WmsSimulator Wms { get; }

    public TmsSimulator Tms { get; }

    public PartnerSimulator Partner { get; }

    /// <summary>Starts all four. Where one can't (its port is taken), those already started are stopped.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<SimulatorSet> StartAsync(SimulatorSetOptions? options = null)
    {
        options ??= new SimulatorSetOptions();
        var started = new Stack<IAsyncDisposable>();
        async Task<T> Started<T>(Task<T> starting) where T : IAsyncDisposable
        {
            var simulator = await starting;
            started.Push(simulator);
            return simulator;
        }
        try
        {
            var odoo = await Started(OdooSimulator.StartAsync(new() { Port = options.OdooPort, Version = options.OdooVersion, Clock = options.Clock }));
            var tms = await Started(TmsSimulator.StartAsync(new() { Port = options.TmsPort, Clock = options.Clock }));
            var wms = await Started(WmsSimulator.StartAsync(new WmsSimulatorOptions
            {
                Port = options.WmsPort,
                Clock = options.Clock,
                Shipped = shipment => tms.AddEvent(shipment.TrackingNumber, "AC"),
            }));
            var partner = new PartnerSimulatorOptions { Port = options.PartnerPort, Clock = options.Clock };
            return new SimulatorSet(odoo, wms, tms, await Started(PartnerSimulator.StartAsync(
                options.PartnerSecret is { } secret ? partner with { Secret = secret } : partner)));
        }
        catch
        {
            foreach (var simulator in started)
                await simulator.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Partner.DisposeAsync();
        await Wms.DisposeAsync();
        await Tms.DisposeAsync();
        await Odoo.DisposeAsync();
    }
}
