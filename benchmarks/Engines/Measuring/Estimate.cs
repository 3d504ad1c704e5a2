namespace Gateway.Benchmarks.Engines.Measuring;

/// <summary>A median and its 95 % interval.</summary>
internal readonly record struct Estimate(double Median, double Low, double High)
{
    private const int Resamples = 10_000;
    private const int Seed = 20_26;

    /// <summary>
    /// The median of the samples, and the interval by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13). The seed is fixed: the
    /// same rounds give the same interval.
    /// </summary>
    public static Estimate Of(double[] samples)
    {
        var random = new Random(Seed);
        var medians = new double[Resamples];
        var resample = new double[samples.Length];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < resample.Length; j++) resample[j] = samples[random.Next(samples.Length)];
            medians[i] = MedianOf(resample);
        }
        Array.Sort(medians);
        return new Estimate(MedianOf(samples), medians[(int)(Resamples * 0.025)], medians[(int)(Resamples * 0.975)]);
    }

    public static double MedianOf(double[] samples)
    {
        var sorted = samples.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
