using System.ComponentModel.DataAnnotations;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Whether what is said of how much a backend takes limits anything, and can be kept.</summary>
internal static class LimitsChecks
{
    public static void Check(string backend, BackendOptions options, Places places, ICollection<Diagnostic> diagnostics)
    {
        if (InRange(options.Limits) is not { } limits) return;
        if (options.Held is { PerSecond: null, Concurrent: null })
            diagnostics.Add(new Diagnostic("GW5093", Severity.Error, places.Of(limits), $"the limits of the backend '{backend}' limit nothing", "add perSecond: or concurrent:, or remove limits:"));
        else if (limits.PerSecond is null && places.Has(limits, nameof(limits.Burst)))
            diagnostics.Add(new Diagnostic("GW5093", Severity.Error, places.Of(limits, nameof(limits.Burst)), $"the burst of the backend '{backend}' is beyond no pace", "add perSecond:, or remove burst:"));
        if (limits.Concurrent > options.AtOnce)
            diagnostics.Add(new Diagnostic("GW5097", Severity.Error, places.Of(limits, nameof(limits.Concurrent)),
                $"{limits.Concurrent} operations of the backend '{backend}' at a time have {options.AtOnce} connections: the rest would wait where nobody counts them",
                $"say maxConnections: {limits.Concurrent} beside limits:, or concurrent: {options.AtOnce} at most"));
    }

    /// <summary>Null where something is out of its range, which is told elsewhere: no gate can be made of it.</summary>
    public static BackendLimits? InRange(BackendLimits? limits) =>
        limits is not null && Validator.TryValidateObject(limits, new ValidationContext(limits), null, validateAllProperties: true) ? limits : null;
}
