using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo;

/// <summary>
/// What hardly ever changes in a database: units, currencies, countries. Kept for the life of the backend, which a reload ends.
/// Only what was found is kept, so that a missing row can be added without a restart.
/// </summary>
internal sealed class MasterData(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, int> _unitIds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, string> _unitCodes = [];
    private readonly ConcurrentDictionary<string, Currency> _currencies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, int> _companyCurrencies = [];
    private readonly ConcurrentDictionary<string, int> _countries = new(StringComparer.Ordinal);

    /// <summary>Of what documents lead to.</summary>
    public MasterRecords Records { get; } = new(clock);

    /// <summary>Database ids of units by their codes (UN/ECE Rec 20). Codes that Odoo has no unit for are left out.</summary>
    public async ValueTask<Lookup<Dictionary<string, int>>> UnitsAsync(OdooSession odoo, IEnumerable<string> codes)
    {
        var known = codes.Distinct().Where(code => Units.NameOf(code) is not null).ToArray();
        var missing = known.Select(code => Units.NameOf(code)!).Where(name => !_unitIds.ContainsKey(name)).Distinct().ToArray();
        if (missing.Length > 0 && await LearnUnitsAsync(odoo, In("name", missing)) is { } failure)
            return failure;
        return known.Where(code => _unitIds.ContainsKey(Units.NameOf(code)!)).ToDictionary(code => code, code => _unitIds[Units.NameOf(code)!]);
    }

    /// <summary>Codes of units by their database ids; a unit made by hand has none and is left out.</summary>
    public async ValueTask<Lookup<Dictionary<int, string>>> UnitCodesAsync(OdooSession odoo, IReadOnlyCollection<int> ids)
    {
        var missing = ids.Where(id => !_unitCodes.ContainsKey(id)).ToArray();
        if (missing.Length > 0 && await LearnUnitsAsync(odoo, In("res_id", missing)) is { } failure)
            return failure;
        return ids.Where(_unitCodes.ContainsKey).ToDictionary(id => id, id => _unitCodes[id]);
    }

    /// <summary>An active currency by its ISO 4217 code.</summary>
    public ValueTask<Lookup<Currency>> CurrencyAsync(OdooSession odoo, string code) => CurrencyAsync(odoo, code, Is("name", code));

    public ValueTask<Lookup<Currency>> CurrencyAsync(OdooSession odoo, int id) => CurrencyAsync(odoo, id.ToString(CultureInfo.InvariantCulture), Is("id", id));

    /// <summary>The currency an order has when no price list says otherwise.</summary>
    public async ValueTask<Lookup<int?>> CompanyCurrencyAsync(OdooSession odoo)
    {
        if (_companyCurrencies.TryGetValue(odoo.Company, out var known))
            return known;
        var reply = await odoo.ReadAsync("res.company", [odoo.Company], ["currency_id"]);
        if (!reply.Done)
            return reply;
        if (reply.Value.EnumerateArray().FirstOrDefault() is not { ValueKind: System.Text.Json.JsonValueKind.Object } company || company.Id("currency_id") is not { } id)
            return OdooReply.NotSent($"Odoo has no company {odoo.Company}");
        return _companyCurrencies[odoo.Company] = id;
    }

    /// <summary>A country by its ISO 3166-1 alpha-2 code.</summary>
    public async ValueTask<Lookup<int?>> CountryAsync(OdooSession odoo, string code)
    {
        if (_countries.TryGetValue(code, out var known))
            return known;
        var reply = await odoo.SearchAsync("res.country", [Is("code", code)], ["code"], limit: 1);
        if (!reply.Done)
            return reply;
        if (reply.Value.GetArrayLength() == 0 || reply.Value[0].Id("id") is not { } id)
            return OdooReply.Refused($"delivery/deliveryAddress/countryCode: country '{code}' is not known");
        return _countries[code] = id;
    }

    private async ValueTask<Lookup<Currency>> CurrencyAsync(OdooSession odoo, string key, object[] domain)
    {
        if (_currencies.TryGetValue(key, out var known))
            return known;
        var reply = await odoo.SearchAsync("res.currency", [domain], ["name", "decimal_places"], limit: 1);
        if (!reply.Done)
            return reply;
        if (reply.Value.GetArrayLength() == 0 || reply.Value[0] is var row && (row.Text("name") is null || row.Id("id") is null))
            return OdooReply.Refused($"documentCurrencyCode: currency '{key}' is not in use");
        var currency = new Currency(row.Id("id")!.Value, row.Text("name")!, row.Id("decimal_places") ?? 2);
        _currencies[currency.Code] = currency;
        return _currencies[key] = currency;
    }

    /// <summary>Null when all went well.</summary>
    private async ValueTask<OdooReply?> LearnUnitsAsync(OdooSession odoo, object[] which)
    {
        var reply = await odoo.SearchAsync("ir.model.data", [Is("model", "uom.uom"), Is("module", Units.Module), which], ["name", "res_id"]);
        if (!reply.Done)
            return reply;
        foreach (var row in reply.Value.EnumerateArray())
            if (row.Text("name") is { } name && row.Id("res_id") is { } id)
            {
                _unitIds[name] = id;
                if (Units.CodeOf(name) is { } code)
                    _unitCodes[id] = code;
            }
        return null;
    }
}
