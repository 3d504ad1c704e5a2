using System.Globalization;
using System.Text;

namespace Gateway.Benchmarks.Measuring;

/// <summary>All that one scenario measured: raw rounds, and the rows made of them.</summary>
internal sealed class ScenarioReport(string scenario)
{
    public string Scenario { get; } = scenario;

    public DateTimeOffset MeasuredAt { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>What is measured: read when it begins, as files may change meanwhile.</summary>
    public string Commit { get; } = Machine.Commit();

    public List<Round> Rounds { get; } = [];

    public List<Row> Rows { get; } = [];

    /// <summary>What must be known to read the rows.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>A variant's counted figures of a metric, by round.</summary>
    public IReadOnlyDictionary<int, double> Of(string variant, string metric) =>
        Rounds.Where(r => r.Variant == variant && r.Metric == metric && !r.Void).ToDictionary(r => r.Number, r => r.Value);

    /// <summary>Adds the row of a variant beside its baseline, from the rounds both have.</summary>
    /// <param name="lessIsBetter">The ratio is baseline / variant: CPU, time; else variant / baseline: requests a second.</param>
    public void Compare(string variant, string baseline, string metric, bool lessIsBetter, Bar? bar = null)
    {
        var (ours, theirs) = (Of(variant, metric), Of(baseline, metric));
        var both = ours.Keys.Where(theirs.ContainsKey).ToList();
        var ratio = Estimate.Of([.. both.Select(n => lessIsBetter ? theirs[n] / ours[n] : ours[n] / theirs[n])]);
        Add(Row.Ratio(Scenario, variant, baseline, metric, Estimate.MedianOf(ours.Values), Estimate.MedianOf(theirs.Values), ratio, both.Count, bar));
    }

    /// <summary>Adds the row of what a variant takes more than its baseline.</summary>
    public void Subtract(string variant, string baseline, string metric, Bar? bar = null)
    {
        var (ours, theirs) = (Of(variant, metric), Of(baseline, metric));
        var both = ours.Keys.Where(theirs.ContainsKey).ToList();
        var difference = Estimate.Of([.. both.Select(n => ours[n] - theirs[n])]);
        Add(Row.Difference(Scenario, variant, baseline, metric, Estimate.MedianOf(ours.Values), Estimate.MedianOf(theirs.Values), difference, both.Count, bar));
    }

    /// <summary>Adds the row of a figure that stands for itself.</summary>
    public void Tell(string variant, string metric, Bar? bar = null)
    {
        var figures = Of(variant, metric);
        Add(Row.Figure(Scenario, variant, metric, Estimate.Of([.. figures.Values]), figures.Count, bar));
    }

    /// <summary>Adds a row; it is judged where enough rounds were run, and proves nothing where most of them did not count.</summary>
    private void Add(Row row)
    {
        var run = Rounds.Count(r => r.Variant == row.Variant && r.Metric == row.Metric);
        Rows.Add(run < Estimate.Fewest ? row with { Holds = null } : row.Rounds > 0 && row.Rounds * 2 >= run ? row : row.Unproved());
    }

    /// <summary>The rows as a table in Markdown.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine("| variant | figure | value | beside | its value | ratio or difference [95 %] | bar | holds |");
        text.AppendLine("|---|---|---:|---|---:|---|---|---|");
        foreach (var row in Rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Variant} | {row.Metric} | {Short(row.Value)} | {row.Baseline} | {Short(row.BaselineValue)} | {Interval(row)} | {row.Bar} | {Verdict(row.Holds)} |");
        }
        foreach (var note in Notes) text.AppendLine().AppendLine(note);
        return text.ToString();
    }

    private static string Interval(Row row) => row switch
    {
        { RatioMedian: { } ratio } => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.000} [{row.RatioLow:0.000}–{row.RatioHigh:0.000}]"),
        { DifferenceMedian: { } more } => string.Create(CultureInfo.InvariantCulture, $"{more:+0.000;-0.000} [{row.DifferenceLow:+0.000;-0.000} to {row.DifferenceHigh:+0.000;-0.000}]"),
        { ValueLow: { } low } when low != row.ValueHigh => string.Create(CultureInfo.InvariantCulture, $"[{low:0.000}–{row.ValueHigh:0.000}]"),
        _ => "",
    };

    private static string Verdict(bool? holds) => holds switch { true => "yes", false => "**missed**", null => "" };

    private static string Short(double? value) => value switch
    {
        null => "",
        >= 1000 => value.Value.ToString("#,##0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
