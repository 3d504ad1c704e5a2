using Gateway.Configuration;
using Gateway.Pipeline;
using Gateway.Pipeline.Backends;
using Gateway.Policies.Quota;

namespace Gateway.Admin;

/// <summary>How much comes, and how much of it waits: quotas of partners, and the gates of backends.</summary>
internal static class TrafficViews
{
    /// <summary>Each backend, and how much is under way and waits at its gate, by partner, or at that of each partner's endpoint; and how its circuits stand.</summary>
    public static Task Backends(HttpContext http, Plan plan) => Views.Write(http, plan.Backends.Values.OrderBy(b => b.Name, StringComparer.Ordinal).Select(backend => new
    {
        name = backend.Name,
        operations = backend.Operations.Count,
        forwards = backend.Forward is not null,
        gate = backend is GatedBackend { Gates.One: { } gate } ? Shown(gate) : null,
        endpoints = backend is GatedBackend { Gates: { One: null, Endpoints: var endpoints } }
            ? endpoints.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => new { partner = e.Key, gate = Shown(e.Value) })
            : null,
        circuits = backend.Circuits.Select(c => new
        {
            destination = c.Destination.Length > 0 ? c.Destination : null,
            state = c.Position,
            since = c.Since,
            openForSeconds = c.OpenFor is { } open ? Math.Ceiling(open.TotalSeconds) : (double?)null,
        }),
    }));

    /// <summary><c>?partner=…</c>: what a partner and its consumers have used of their quotas in the periods that run; without it, every partner.</summary>
    public static async Task UsageAsync(HttpContext http, Plan plan, IStore store, KeptState kept)
    {
        var wanted = http.Request.Query["partner"].ToString();
        var partners = plan.Consumers.Values.GroupBy(c => c.Partner.Name).Where(p => wanted.Length == 0 || p.Key == wanted).OrderBy(p => p.Key, StringComparer.Ordinal).ToList();
        if (wanted.Length > 0 && partners.Count == 0)
        {
            var cure = Nearest.Cure(wanted, plan.Consumers.Values.Select(c => c.Partner.Name).Distinct());
            await Problems.WriteAsync(http, new Refusal(Failure.NotFound, $"There is no partner '{wanted}' with consumers: {cure}."), plan.Problem);
            return;
        }
        var book = kept.All.OfType<QuotaBook>().First();
        var shown = new List<object>();
        foreach (var partner in partners)
        {
            var states = await QuotaReport.OfAsync(store, book, plan.Routes, partner.First().Partner, [.. partner.Select(c => c.Name)], http.RequestAborted);
            shown.AddRange(states.Select(s => Shown(partner.Key, s)));
        }
        await Views.Write(http, shown);
    }

    private static object Shown(BackendGate gate) => new
    {
        running = gate.Running,
        waiting = gate.Waiting,
        closedForSeconds = gate.Closed is { } closed ? Math.Ceiling(closed.TotalSeconds) : (double?)null,
    };

    private static object Shown(string partner, QuotaState state) => new
    {
        partner,
        quota = state.Name,
        consumer = state.Consumer,
        routes = state.Routes,
        limit = state.Limit,
        used = state.Used,
        left = state.Left,
        per = state.Options.Per,
        ends = state.Period.Ends,
    };
}
