namespace Gateway.Benchmarks.Engines.Measuring;

/// <summary>What one variant took in one round.</summary>
/// <param name="Nanoseconds">Per operation.</param>
/// <param name="Bytes">Allocated per operation; null where nobody can tell.</param>
internal readonly record struct Measurement(double Nanoseconds, double? Bytes);

/// <summary>Something that is measured, under the name it has in the results.</summary>
internal sealed record Variant(string Name, Func<Measurement> Measure);

/// <summary>
/// Paired rounds: each variant once in every round, in an order shuffled anew (the same in every run), so that what the machine does meanwhile and
/// what one leaves to the next falls on all of them alike. Comparisons are made within a round.
/// </summary>
internal sealed class Rounds(Report report, int count, int warmUps)
{
    /// <summary>One measurement is the fastest of so many slices: what else the machine does can only make a slice slower.</summary>
    public const int Slices = 10;

    /// <summary>Long enough to hold several collections of garbage, of those who make some.</summary>
    public const int SliceMilliseconds = 25;

    public Report Report => report;

    public void Run(IReadOnlyList<Variant> variants)
    {
        var (order, random) = (variants.ToArray(), new Random(1));
        for (var round = 1 - warmUps; round <= count; round++)
        {
            random.Shuffle(order);
            foreach (var variant in order)
            {
                var measured = variant.Measure();
                if (round > 0) report.Add(variant.Name, round, measured);
            }
            Console.Write(round > 0 ? $"\r  round {round} of {count}" : "\r  warming up");
        }
        Console.WriteLine();
    }
}
