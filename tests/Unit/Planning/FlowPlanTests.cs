using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration.Flows;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c> on flows that come, go or are declared otherwise.</summary>
public sealed class FlowPlanTests
{
    private const string GoOn = "; instances that run go on as they began";

    [Theory]
    [InlineData("for: 1h", "for: 2h", "1 step changed (pause)")]
    [InlineData("- { step: pause, wait: { for: 1h } }", "- { step: rest, wait: { for: 1h } }", "1 step added (rest), 1 step removed (pause)")]
    [InlineData("if: trigger.data.many", "if: trigger.data.few", "1 step changed (way)")]
    [InlineData("count: 2", "count: 1", "1 step changed (hold)")]
    [InlineData("key: data.id }", "key: subject }", "what begins it is told otherwise")]
    [InlineData("on: { event: order.accepted.v1", "on: { event: order.taken.v1", "order.taken.v1 begins it, was order.accepted.v1")]
    [InlineData("event: order.cancelled.v1", "event: order.dropped.v1", "order.dropped.v1 cancels it")]
    [InlineData("refused: { event: order.kept.v1", "refused: { event: order.stays.v1", "how it is cancelled is told otherwise")]
    [InlineData("owner: us", "owner: them", "them answers for it, was us")]
    [InlineData("promise: 5d", "promise: 6d", "its description, runbook, promise or urgency changed")]
    public async Task What_changes_is_told_and_that_it_meets_the_next_ones(string before, string after, string told) =>
        Assert.Equal([$"attention flow ship: {told}{GoOn}"], await PlanAsync(FlowFolder.Whole, FlowFolder.Whole.Replace(before, after, StringComparison.Ordinal)));

    [Fact]
    public async Task Figures_meet_those_that_run_as_well() => Assert.Equal(
        ["attention flow ship: its figures or its objective are others; instances are counted by them from their next step on"],
        await PlanAsync(FlowFolder.Whole, FlowFolder.Whole.Replace("promise: 5d", "promise: 5d\n    objective: { share: 0.99 }", StringComparison.Ordinal)));

    [Fact]
    public async Task Steps_in_another_order_are_told_and_another_way_of_writing_is_not()
    {
        const string First = "- { step: a, wait: { for: 1h } }";
        const string Second = "- { step: b, wait: { for: 2h } }";

        Assert.Equal([$"attention flow ship: its steps are in another order{GoOn}"], await PlanAsync(FlowFolder.With($"{First}\n{Second}"), FlowFolder.With($"{Second}\n{First}")));
        Assert.Empty(await PlanAsync(FlowFolder.Whole, "# Ours.\n" + FlowFolder.Whole));
    }

    [Fact]
    public async Task A_flow_that_comes_or_goes_is_to_be_looked_at()
    {
        Assert.Equal(["attention flow ship: a new flow, which order.accepted.v1 begins"], await PlanAsync("flows: {}", FlowFolder.Whole));
        Assert.Equal([$"attention flow ship: the flow is gone, and no instance of it begins any more{GoOn}"], await PlanAsync(FlowFolder.Whole, "flows: {}"));
    }

    private static async Task<string[]> PlanAsync(string before, string after)
    {
        using var then = new FlowFolder(before);
        using var now = new FlowFolder(after);
        using var output = new StringWriter { NewLine = "\n" };
        await PlanCommand.RunAsync(now.Root, then.Root, EffectClass.Breaking, new LoadOptions { ResolveSecrets = false }, output);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Where(line => line.Contains(" flow ", StringComparison.Ordinal))];
    }
}
