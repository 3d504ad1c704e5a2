using Gateway.Adapters.Http;
using Gateway.Adapters.Odoo;
using Gateway.Adapters.Partners;
using Gateway.Adapters.Tms;
using Gateway.Adapters.Wms;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Adapters;

/// <summary>Makes the adapters of a host, with its logs and its way out.</summary>
public delegate IReadOnlyList<Adapter> AdapterList(ILoggerFactory logs, Outside outside);

/// <summary>Every backend protocol the gateway speaks. To add one: a folder beside this file, and a line here.</summary>
public static class Adapters
{
    /// <summary>The adapters, silent: for validate, plan, explain and tests.</summary>
    public static IReadOnlyList<Adapter> All { get; } = With(NullLoggerFactory.Instance, Outside.World);

    /// <summary>The adapters as the host runs them, with its logs and its way out.</summary>
    public static IReadOnlyList<Adapter> With(ILoggerFactory logs, Outside outside) =>
    [
        new OdooAdapter(logs, outside),
        new WmsAdapter(logs, outside),
        new TmsAdapter(logs, outside),
        new HttpAdapter(logs, outside),
        new PartnerAdapter(logs, outside),
    ];
}
