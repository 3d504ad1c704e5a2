using System.CommandLine;
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
        var command = new Command("simulate", "Runs the simulators of Odoo, WMS, TMS and a partner's endpoint.") { odoo, wms, tms, partner };
        command.SetAction((parsed, cancellation) => RunAsync(
            new SimulatorSetOptions
            {
                OdooPort = parsed.GetValue(odoo),
                WmsPort = parsed.GetValue(wms),
                TmsPort = parsed.GetValue(tms),
                PartnerPort = parsed.GetValue(partner),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(SimulatorSetOptions options, CancellationToken cancellation)
    {
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
