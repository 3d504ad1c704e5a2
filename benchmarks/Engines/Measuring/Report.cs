using Gateway.Benchmarks.Measuring;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Benchmarks.Engines.Measuring;

/// <summary>
/// One figure: a variant beside its baseline. The ratio is the median over the paired rounds with its 95 % interval; it is baseline / variant, so
/// that above 1 the variant is faster, unless the bar says at most. Bytes are by themselves.
/// </summary>
internal sealed record Row(
    string Scenario, string Variant, string? Baseline, string Unit, double ValueMedian, double? BaselineMedian,
    double? RatioMedian, double? RatioLow, double? RatioHigh, string? Bar, bool? Holds);

/// <summary>One variant in one round.</summary>
internal sealed record Round(string Scenario, string Variant, int Number, string Unit, double Value);

/// <summary>All that one scenario measured: the raw rounds, and the rows made of them.</summary>
internal sealed class Report(string scenario)
{
    private const string Time = "ns/op";
    private const string Memory = "bytes/op";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<Round> _rounds = [];
    private readonly List<Row> _rows = [];
    private readonly Dictionary<string, string> _notes = [];

    public void Add(string variant, int round, Measurement measured)
    {
        _rounds.Add(new Round(scenario, variant, round, Time, measured.Nanoseconds));
        if (measured.Bytes is { } bytes) _rounds.Add(new Round(scenario, variant, round, Memory, bytes));
    }

    /// <summary>What must be known to read the rows.</summary>
    public void Note(string name, string text) => _notes[name] = text;

    /// <summary>How many times faster the variant is; with a bar, at least so many are demanded.</summary>
    public void Faster(string variant, string baseline, double? atLeast = null)
    {
        var ratio = Estimate.Of([.. Of(baseline, Time).Zip(Of(variant, Time), (theirs, ours) => theirs / ours)]);
        Compare(variant, baseline, ratio, atLeast is null ? null : string.Create(CultureInfo.InvariantCulture, $">= {atLeast}"), ratio.Low >= atLeast);
    }

    /// <summary>How many times as long the variant takes; at most so many are allowed.</summary>
    public void Longer(string variant, string baseline, double atMost)
    {
        var ratio = Estimate.Of([.. Of(variant, Time).Zip(Of(baseline, Time), (ours, theirs) => ours / theirs)]);
        Compare(variant, baseline, ratio, string.Create(CultureInfo.InvariantCulture, $"<= {atMost}"), ratio.High <= atMost);
    }

    /// <summary>What the variant allocates. Demanding none holds when no round saw a byte.</summary>
    public void Allocates(string variant, bool none = false)
    {
        var bytes = Of(variant, Memory);
        _rows.Add(new Row(scenario, variant, null, Memory, Estimate.MedianOf(bytes), null, null, null, null, none ? "= 0" : null, none && bytes.Length >= Estimate.Fewest ? bytes.All(b => b == 0) : null));
    }

    public void Save(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var rounds = _rounds.Select(r => new { r.Scenario, r.Variant, Round = r.Number, r.Unit, r.Value });
        File.WriteAllText(file, JsonSerializer.Serialize(new { Rows = _rows, Rounds = rounds, Notes = _notes }, Format) + "\n");
    }

    /// <summary>The rows as a table in Markdown.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine("| variant | unit | value | beside | its value | ratio [95 %] | bar | holds |");
        text.AppendLine("|---|---|---:|---|---:|---|---|---|");
        foreach (var row in _rows)
        {
            var ratio = row.RatioMedian is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{row.RatioMedian:0.00} [{row.RatioLow:0.00}–{row.RatioHigh:0.00}]");
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Variant} | {row.Unit} | {row.ValueMedian:#,##0} | {row.Baseline} | {row.BaselineMedian:#,##0} | {ratio} | {row.Bar} | {row.Holds switch { true => "yes", false => "**missed**", null => "" }} |");
        }
        foreach (var (name, note) in _notes) text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{name}: {note}");
        return text.ToString();
    }

    private void Compare(string variant, string baseline, Estimate ratio, string? bar, bool holds) => _rows.Add(new Row(
        scenario, variant, baseline, Time, Estimate.MedianOf(Of(variant, Time)), Estimate.MedianOf(Of(baseline, Time)),
        ratio.Median, ratio.Low, ratio.High, bar, bar is null || Of(variant, Time).Length < Estimate.Fewest ? null : holds));

    /// <summary>The variant's figures by round.</summary>
    private double[] Of(string variant, string unit) => [.. _rounds.Where(r => r.Variant == variant && r.Unit == unit).OrderBy(r => r.Number).Select(r => r.Value)];
}
