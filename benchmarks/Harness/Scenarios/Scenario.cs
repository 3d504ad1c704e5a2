using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>One question, and how it is asked of the product and its peers.</summary>
internal abstract class Scenario
{
    /// <summary>All scenarios, in the order they run.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new RoadScenario(),
        new RedisScenario(),
        new HangScenario(),
        new LatencyScenario(),
        new WriteScenario(),
        new WebhooksScenario(),
        new FlowsScenario(),
        new EnginesScenario("contract", "The shipped order@1 on orders of 1 kB and 20 kB, beside NJsonSchema and, through Node, ajv."),
        new EnginesScenario("mapping", "An order of ten lines to Odoo's shape, exact numbers and limits on, beside jsonata.js."),
        new GrowthScenario(),
        new StartScenario(),
        new ReloadScenario(),
    ];

    /// <summary>What <c>benchmarks/run NAME</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence.</summary>
    public abstract string Summary { get; }

    /// <exception cref="MissingToolException">A program it can't do without is not installed.</exception>
    public abstract Task RunAsync(Stage stage, ScenarioReport report);
}
