using System.Globalization;

namespace Gateway.Benchmarks.Measuring;

/// <summary>
/// One figure of a scenario: a variant beside its baseline. The ratio is the median over the paired rounds, with its 95 % interval; above 1 is
/// in the variant's favour. Figures that have no baseline, or are differences, say so in their unit and leave the ratio out.
/// </summary>
internal sealed record Row(string Scenario, string Variant, string? Baseline, string Metric)
{
    /// <summary>The variant's own figure, median over the rounds, in the metric's unit.</summary>
    public double Value { get; init; }

    /// <summary>The 95 % interval of a figure that has no baseline.</summary>
    public double? ValueLow { get; init; }

    public double? ValueHigh { get; init; }

    public double? BaselineValue { get; init; }

    public double? RatioMedian { get; init; }

    public double? RatioLow { get; init; }

    public double? RatioHigh { get; init; }

    /// <summary>Variant minus baseline, in the metric's unit.</summary>
    public double? DifferenceMedian { get; init; }

    public double? DifferenceLow { get; init; }

    public double? DifferenceHigh { get; init; }

    /// <summary>What is demanded: <c>&gt;= 0.95</c>; null where nothing is.</summary>
    public string? Bar { get; init; }

    /// <summary>Whether the bound of the interval that is worse for us meets the bar; null without a bar, and where fewer than <see cref="Estimate.Fewest"/> rounds were run.</summary>
    public bool? Holds { get; init; }

    /// <summary>Rounds that counted.</summary>
    public int Rounds { get; init; }

    /// <summary>The row of a figure that too few rounds counted for: it meets no bar.</summary>
    public Row Unproved() => this with { Holds = Bar is null ? null : false };

    public static Row Ratio(string scenario, string variant, string baseline, string metric, double value, double baselineValue, Estimate ratio, int rounds, Bar? bar = null) =>
        new(scenario, variant, baseline, metric)
        {
            Value = value,
            BaselineValue = baselineValue,
            RatioMedian = ratio.Median,
            RatioLow = ratio.Low,
            RatioHigh = ratio.High,
            Bar = bar?.ToString(),
            Holds = bar?.HeldBy(ratio),
            Rounds = rounds,
        };

    public static Row Difference(string scenario, string variant, string baseline, string metric, double value, double baselineValue, Estimate difference, int rounds, Bar? bar = null) =>
        new(scenario, variant, baseline, metric)
        {
            Value = value,
            BaselineValue = baselineValue,
            DifferenceMedian = difference.Median,
            DifferenceLow = difference.Low,
            DifferenceHigh = difference.High,
            Bar = bar?.ToString(),
            Holds = bar?.HeldBy(difference),
            Rounds = rounds,
        };

    /// <summary>A figure by itself, judged by its own interval.</summary>
    public static Row Figure(string scenario, string variant, string metric, Estimate value, int rounds, Bar? bar = null) => new(scenario, variant, null, metric)
    {
        Value = value.Median,
        ValueLow = value.Low,
        ValueHigh = value.High,
        Bar = bar?.ToString(),
        Holds = bar?.HeldBy(value),
        Rounds = rounds,
    };
}

/// <summary>A demand on a figure: at least, or at most, so much.</summary>
internal sealed record Bar(bool AtLeast, double Limit)
{
    public static Bar Min(double limit) => new(true, limit);

    public static Bar Max(double limit) => new(false, limit);

    /// <summary>Judged by the bound of the 95 % interval that is worse for us.</summary>
    public bool HeldBy(Estimate estimate) => AtLeast ? estimate.Low >= Limit : estimate.High <= Limit;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(AtLeast ? ">=" : "<=")} {Limit:0.###}");
}
