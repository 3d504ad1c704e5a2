using Gateway.Cli.Reports;

namespace Gateway.Cases;

/// <summary>What no case has reached, as a report says it.</summary>
internal static class CoverageReport
{
    private const string Rule = "test/not-covered";

    /// <summary>How many parts of a kind there are, and how many of them were reached.</summary>
    internal sealed record Share(int Reached, int All)
    {
        public static Share Of(IEnumerable<CoveredPart> parts) => parts.Aggregate(new Share(0, 0), (share, part) => new Share(share.Reached + (part.Reached ? 1 : 0), share.All + 1));

        /// <summary>Whole per cent, rounded down: 100 means all. Nothing at all is covered.</summary>
        public int Percent => All == 0 ? 100 : (int)(100L * Reached / All);

        public override string ToString() => $"{Reached} of {All}";
    }

    /// <summary>Per cent of that kind of which the cases reach least.</summary>
    public static int Percent(IReadOnlyList<CoveredPart> parts) => Enum.GetValues<CoveredKind>().Min(kind => Of(parts, kind).Percent);

    /// <summary>The parts as they count: a line that several mappings use is one line.</summary>
    public static IReadOnlyList<CoveredPart> Counted(Coverage coverage) =>
    [
        .. coverage.Parts.GroupBy(p => p.Kind == CoveredKind.MappingLine ? (p.Kind, "", p.Place) : (p.Kind, p.Name, p.Place))
            .Select(g => g.First() with { Reached = g.Any(p => p.Reached) }),
    ];

    /// <summary>One line for people.</summary>
    public static string Summary(IReadOnlyList<CoveredPart> parts) =>
        $"coverage: routes {Of(parts, CoveredKind.Route)}, policies {Of(parts, CoveredKind.Policy)}, lines of mappings {Of(parts, CoveredKind.MappingLine)}";

    /// <summary>Figures for programs.</summary>
    public static IReadOnlyDictionary<string, object> Facts(IReadOnlyList<CoveredPart> parts) => new Dictionary<string, object>
    {
        ["percent"] = Percent(parts),
        ["routes"] = Figures(parts, CoveredKind.Route),
        ["policies"] = Figures(parts, CoveredKind.Policy),
        ["mappingLines"] = Figures(parts, CoveredKind.MappingLine),
    };

    /// <summary>Every part that was not reached; lines of a mapping that follow each other as one.</summary>
    public static IEnumerable<Remark> Missing(IReadOnlyList<CoveredPart> parts)
    {
        foreach (var part in parts.Where(p => !p.Reached && p.Kind != CoveredKind.MappingLine))
            yield return Note(part.Place, $"no case reaches {(part.Kind == CoveredKind.Route ? "the route " : "")}{part.Name}");
        foreach (var file in parts.Where(p => p.Kind == CoveredKind.MappingLine).GroupBy(p => p.Place.File))
        {
            // Only lines on which something is evaluated count: a comment between two of them parts nothing.
            List<CoveredPart> run = [];
            foreach (var part in file.Append(null))
            {
                if (part is { Reached: false })
                {
                    run.Add(part);
                    continue;
                }
                if (run.Count > 0) yield return Lines(run);
                run.Clear();
            }
        }
    }

    private static Remark Lines(List<CoveredPart> run) => run.Count == 1
        ? Note(run[0].Place, "no case reaches this line")
        : Note(run[0].Place, $"no case reaches the lines {run[0].Place.Line} to {run[^1].Place.Line}");

    private static Share Of(IReadOnlyList<CoveredPart> parts, CoveredKind kind) => Share.Of(parts.Where(p => p.Kind == kind));

    private static Dictionary<string, int> Figures(IReadOnlyList<CoveredPart> parts, CoveredKind kind) => new() { ["reached"] = Of(parts, kind).Reached, ["all"] = Of(parts, kind).All };

    private static Remark Note(Place place, string message) => new(Rule, ReportLevel.Note, place, message, $"{place}: note: {message}");
}
