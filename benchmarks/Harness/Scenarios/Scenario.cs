using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>One question, and how it is asked of the product and its peers.</summary>
internal abstract class Scenario
{
    /// <summary>All scenarios, in the order they run.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new RoadScenario(),
        new LatencyScenario(),
        new WriteScenario(),
    ];

    /// <summary>What <c>benchmarks/run NAME</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence.</summary>
    public abstract string Summary { get; }

    /// <exception cref="MissingToolException">A program it can't do without is not installed.</exception>
    public abstract Task RunAsync(Stage stage, ScenarioReport report);
}
