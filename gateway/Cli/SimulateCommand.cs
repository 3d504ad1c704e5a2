using System.CommandLine;
using Gateway.Demo;
using Gateway.Simulators;

namespace Gateway.Cli;

/// <summary><c>simulate</c>: only the simulators, for trials with a gateway of one's own.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var odoo = Port("--odoo-port");
        var wms = Port("--wms-port");
        var tms = Port("--tms-port");
        var partner = Port("--partner-port");
        var version = new Option<int>("--odoo-version")
        {
            CustomParser = Arguments.Number(OdooSimulator.OldestVersion, OdooSimulator.NewestVersion),
            Description = $"Major version of Odoo, {OdooSimulator.OldestVersion} to {OdooSimulator.NewestVersion}; before 19 it speaks JSON-RPC only.",
            DefaultValueFactory = _ => OdooSimulator.NewestVersion,
        };
        var gateway = new Option<string?>("--gateway") { Description = "Public address of a gateway: warehouse and carrier send their webhooks to its /hooks/wms and /hooks/tms, as they do in the demo." };
        var command = new Command("simulate", "Runs the simulators of Odoo, WMS, TMS and a partner's endpoint.") { odoo, version, wms, tms, partner, gateway };
        command.SetAction((parsed, cancellation) => RunAsync(
            new SimulatorSetOptions
            {
                OdooPort = parsed.GetValue(odoo),
                OdooVersion = parsed.GetValue(version),
                WmsPort = parsed.GetValue(wms),
                TmsPort = parsed.GetValue(tms),
                PartnerPort = parsed.GetValue(partner),
            },
            parsed.GetValue(gateway),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(SimulatorSetOptions options, string? address, CancellationToken cancellation)
    {
        Uri? gateway = null;
        if (address is not null && !(Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out gateway) && gateway.Scheme is "http" or "https"))
            return Commands.Fail($"'{address}' is no address of a gateway; write http://127.0.0.1:8080");
        SimulatorSet set;
        try
        {
            set = await SimulatorSet.StartAsync(options);
        }
        catch (IOException taken)
        {
            return Commands.Fail(taken.Message);
        }
        await using (set)
        {
            if (gateway is not null) Demonstration.SendHooks(set, gateway);
            Console.WriteLine($"odoo    {set.Odoo.Url}");
            Console.WriteLine($"wms     {set.Wms.Url}");
            Console.WriteLine($"tms     {set.Tms.Url}");
            Console.WriteLine($"partner {set.Partner.Url}");
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return Commands.Fine;
    }

    private static Option<int> Port(string name) => new(name) { CustomParser = Arguments.Number(0, ushort.MaxValue), Description = "TCP port on loopback; 0 takes a free one.", DefaultValueFactory = _ => 0 };
}
