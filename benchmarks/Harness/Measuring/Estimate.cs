namespace Gateway.Benchmarks.Measuring;

/// <summary>A median and its 95 % interval.</summary>
internal readonly record struct Estimate(double Median, double Low, double High)
{
    /// <summary>Below so many samples the extremes are the interval, and it proves nothing: no verdict is given.</summary>
    public const int Fewest = 6;

    private const int Resamples = 10_000;
    private const int Seed = 20_26;

    /// <summary>
    /// The median of the samples, and the interval by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13). The seed is fixed: the
    /// same rounds give the same interval. One sample has no interval but itself.
    /// </summary>
    public static Estimate Of(IReadOnlyCollection<double> samples)
    {
        if (samples.Count == 0) return new Estimate(double.NaN, double.NaN, double.NaN);
        var values = samples.ToArray();
        var random = new Random(Seed);
        var medians = new double[Resamples];
        var resample = new double[values.Length];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < resample.Length; j++) resample[j] = values[random.Next(values.Length)];
            medians[i] = MedianOf(resample);
        }
        Array.Sort(medians);
        return new Estimate(MedianOf(values), medians[(int)(Resamples * 0.025)], medians[(int)(Resamples * 0.975)]);
    }

    public static double MedianOf(IEnumerable<double> samples)
    {
        var sorted = samples.Order().ToArray();
        if (sorted.Length == 0) return double.NaN;
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
