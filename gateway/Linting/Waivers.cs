using System.Globalization;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;

namespace Gateway.Linting;

/// <summary>What is left of a rule's findings when the workspace's waivers are heard: each with its reason, and an end.</summary>
internal sealed class Waivers(WorkspaceDocument document, Places places, DateTimeOffset now)
{
    public const string Expired = "waiver-expired";
    public const string Unused = "waiver-unused";

    private readonly HashSet<WaiverDocument> _used = new(ReferenceEqualityComparer.Instance);

    /// <summary>How many findings were waived.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a finding stands.</summary>
    public bool Stands(LintRule rule, LintFinding finding)
    {
        var stands = true;
        foreach (var waiver in document.Governance.Waivers.Where(w => w.Rule == rule.Id && (w.For.Count == 0 || w.For.Any(finding.Names.Contains))))
        {
            _used.Add(waiver);
            stands &= waiver.Until <= now;
        }
        if (!stands) Count++;
        return stands;
    }

    /// <summary>What is wrong with the waivers themselves, after all findings were heard.</summary>
    /// <param name="heard">Rules that were run.</param>
    public IEnumerable<(string Rule, LintFinding Finding)> Findings(IReadOnlyCollection<string> heard)
    {
        foreach (var waiver in document.Governance.Waivers.Where(w => heard.Contains(w.Rule)))
        {
            if (!_used.Contains(waiver))
                yield return (Unused, new LintFinding([waiver.Rule], places.Of(waiver), $"the waiver of {waiver.Rule} waives nothing any more", "remove it"));
            else if (waiver.Until <= now)
                yield return (Expired, new LintFinding([waiver.Rule], places.Of(waiver, nameof(waiver.Until)), $"the waiver of {waiver.Rule} ended on {waiver.Until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", "mend what it waived, or say why it takes longer"));
        }
    }

    /// <summary>A waiver of a rule that there is not would waive nothing in silence.</summary>
    public static void Check(WorkspaceDocument document, Places places, ICollection<Diagnostic> diagnostics)
    {
        var known = LintRules.All.Select(r => r.Id).ToHashSet();
        foreach (var waiver in document.Governance.Waivers.Where(w => !known.Contains(w.Rule)))
            diagnostics.Add(new Diagnostic("GW2052", Severity.Error, places.Of(waiver, nameof(waiver.Rule)), $"there is no lint rule '{waiver.Rule}'", Nearest.Cure(waiver.Rule, known)));
    }
}
