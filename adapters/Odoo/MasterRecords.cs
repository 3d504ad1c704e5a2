using System.Collections.Concurrent;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo;

/// <summary>
/// Records of what hardly ever changes, which documents lead to again and again: countries, currencies, units, warehouses, our companies. What was read
/// of one is believed for ten minutes by who may see the same companies: a document then takes a few calls of Odoo instead of a dozen.
/// </summary>
internal sealed class MasterRecords(TimeProvider clock)
{
    /// <summary>Whoever renames a warehouse sees the old name no longer than this.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromMinutes(10);

    /// <summary>A database may have a place for each shelf. Where that many have been read, reading begins anew.</summary>
    private const int Most = 20_000;

    private readonly ConcurrentDictionary<(Reading What, string Companies, int Id), (Found Record, DateTimeOffset Until)> _records = new();

    /// <summary>Records by their ids; a missing one is left out, and looked for each time.</summary>
    public async ValueTask<Lookup<IReadOnlyList<Found>>> ReadAsync(OdooSession odoo, Reading what, IReadOnlyList<int> ids)
    {
        var now = clock.GetUtcNow();
        var known = new List<Found>(ids.Count);
        List<int>? missing = null;
        foreach (var id in ids)
        {
            if (_records.TryGetValue((what, odoo.Companies, id), out var kept) && kept.Until > now)
                known.Add(kept.Record);
            else
                (missing ??= []).Add(id);
        }
        if (missing is null)
            return known;
        var read = await what.ReadAsync(odoo, missing);
        if (read.Failure is { } failure)
            return failure;
        if (_records.Count > Most)
            _records.Clear();
        foreach (var record in read.Value!)
            _records[(what, odoo.Companies, record.Id)] = (record, now + Believed);
        return new Lookup<IReadOnlyList<Found>>([.. known, .. read.Value!], null);
    }
}
