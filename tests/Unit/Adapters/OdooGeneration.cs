using Gateway.Adapters.Odoo;
using Gateway.Simulators;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>An Odoo of one version, and the wire that is spoken to it.</summary>
public sealed record OdooGeneration(int Version, OdooApi Api)
{
    internal Task<OdooBench> StartAsync(Func<OdooOptions, OdooOptions>? change = null, OdooSimulatorOptions? simulator = null, Outside? outside = null) => OdooBench.StartAsync(
        options => (change?.Invoke(options) ?? options) with { Api = Api },
        (simulator ?? new OdooSimulatorOptions()) with { Version = Version }, outside: outside);
}
