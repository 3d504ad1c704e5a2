using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Fields;

/// <summary>
/// What a database is: its version, the wire to it, and the fields of the models that operations use, asked for by <c>fields_get</c> once per
/// version. An Odoo 19 or newer is called by the names of 19 before it was asked, so no request waits for it; an older one is asked first.
/// </summary>
internal sealed class Discovery
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile Known? _known;

    /// <summary>Null before it was asked.</summary>
    public BackendFindings? Findings => _known?.Findings;

    /// <summary>Names that differ; null where none does, or nobody asked yet.</summary>
    public FieldMap? Map => _known?.Map;

    /// <summary>Null when the operation can go on; what it lacks is told before anything was sent.</summary>
    public async ValueTask<OdooReply?> ReadyAsync(string operation, OdooSession odoo)
    {
        var chosen = await odoo.ChooseWireAsync();
        if (chosen.Value is not { } wire)
            return chosen.Failure!.BeforeChange();
        if (_known is { } before && !IsOf(before, wire))
            _known = null;
        if (_known is null && wire.Wire is JsonRpcWire && await LearnAsync(wire, odoo) is { } failure)
            return failure.BeforeChange();
        return _known is { } known && known.Lacks[operation].FirstOrDefault() is { } lack
            ? OdooReply.NotSent($"{operation} can't be done with {known.Findings.What}: {lack}")
            : null;
    }

    /// <summary>Asks, where it was not asked of this version yet. Null when all is known.</summary>
    public async ValueTask<OdooReply?> ExamineAsync(OdooSession odoo)
    {
        var chosen = await odoo.ChooseWireAsync();
        if (chosen.Value is not { } wire)
            return chosen.Failure;
        return IsOf(_known, wire) ? null : await LearnAsync(wire, odoo);
    }

    private static bool IsOf(Known? known, ChosenWire chosen) => known is not null && known.Wire == chosen.Wire && known.Version == chosen.Version;

    private async ValueTask<OdooReply?> LearnAsync(ChosenWire chosen, OdooSession odoo)
    {
        if (!await odoo.EnterAsync(_turn))
            return OdooReply.NotSent("no time left to ask Odoo for its fields") with { Away = true };
        try
        {
            return IsOf(_known, chosen) ? null : await AskAsync(chosen, odoo);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<OdooReply?> AskAsync(ChosenWire chosen, OdooSession odoo)
    {
        var models = new Dictionary<string, ModelFields>(StringComparer.Ordinal);
        foreach (var model in FieldTable.Models)
        {
            var reply = await odoo.FieldsAsync(model);
            if (reply.Done && reply.Value.ValueKind == JsonValueKind.Object)
                models[model] = new ModelFields(model, reply.Value);
            else if (!reply.Unfit)
                return reply.Done ? OdooReply.Unusable($"fields_get of {model} answered {reply.Value.ValueKind}") : reply;
        }
        _known = Known.Of(chosen, new FieldMap(models, chosen.Version));
        return null;
    }

    private sealed record Known(OdooWire Wire, OdooVersion? Version, FieldMap? Map, ILookup<string, string> Lacks, BackendFindings Findings)
    {
        public static Known Of(ChosenWire chosen, FieldMap map) => new(
            chosen.Wire, chosen.Version, map.IsAsToday ? null : map, map.Lacks,
            new BackendFindings(
                $"Odoo {chosen.Version?.Text ?? "19 or newer"} over {chosen.Wire.Name}",
                [.. map.Lacks.SelectMany(lacks => lacks.Select(lack => $"{lacks.Key}: {lack}"))]));
    }
}
