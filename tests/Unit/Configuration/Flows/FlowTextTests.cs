using Gateway.Cases.Flows;
using Gateway.Delivery.Flows;
using Xunit;

namespace Gateway.Tests.Unit.Configuration.Flows;

/// <summary>A declaration that is kept with its instances says the same when it is read again, whatever has become of the workspace.</summary>
public sealed class FlowTextTests : IDisposable
{
    private readonly FlowFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_written_and_read_again_is_the_same_flow()
    {
        await using var plan = await PlanAsync();
        var flow = Assert.Single(plan.Flows.All);

        var again = Assert.IsType<Flow>(plan.Flows.Revive(DefinitionOf(flow)));

        Assert.Matches("^[0-9a-f]{16}$", flow.Revision);
        Assert.Equal(flow.Revision, again.Revision);
        Assert.Equal(flow.Document.ToArray(), again.Document.ToArray());
        Assert.Equal(FlowPicture.Of(flow), FlowPicture.Of(again));
        Assert.Equal(flow.All.Select(Told), again.All.Select(Told));
        Assert.Equal((flow.Owner, flow.Description, flow.Runbook, flow.Promise), (again.Owner, again.Description, again.Runbook, again.Promise));
        Assert.Equal(flow.Heard, again.Heard);
        Assert.Equal(flow.Told, again.Told);
    }

    /// <summary>The expressions and mappings are compared by what comes of them.</summary>
    [Fact]
    public async Task It_does_the_same()
    {
        _folder.Write("flows/ship.tests.yaml", FlowCasesText.Shipped + FlowCasesText.Refused);
        var (workspace, compiled) = await _folder.CompileAsync();
        await using var plan = compiled.Plan!;
        var revived = plan.Flows.Revive(DefinitionOf(plan.Flows.All[0]))!;
        var again = new Plan(plan.Revision, [], plan.Backends, [], plan.Consumers) { Flows = new FlowSet([revived], _ => null), EventTypes = plan.EventTypes, Problem = plan.Problem };
        var cases = Assert.Single(FlowCases.Of(workspace));

        Assert.Equal([null, null], cases.Run(plan).Select(r => r.Wrong));
        Assert.Equal([null, null], cases.Run(again).Select(r => r.Wrong));
    }

    [Fact]
    public async Task Comments_and_the_way_of_writing_change_no_revision_and_what_is_said_does()
    {
        var first = await RevisionAsync(FlowFolder.Whole);

        Assert.Equal(first, await RevisionAsync("# Ours.\n" + FlowFolder.Whole.Replace("promise: 5d", "promise: 120h # five days", StringComparison.Ordinal)));
        Assert.Equal(first, await RevisionAsync(FlowFolder.Whole.Replace("on: { event: order.accepted.v1, key: data.id }", "on:\n      key: data.id\n      event: order.accepted.v1", StringComparison.Ordinal)));
        Assert.NotEqual(first, await RevisionAsync(FlowFolder.Whole.Replace("promise: 5d", "promise: 6d", StringComparison.Ordinal)));
        Assert.NotEqual(first, await RevisionAsync(FlowFolder.Whole.Replace("for: 1h", "for: 2h", StringComparison.Ordinal)));
    }

    /// <summary>An instance is not stopped because an event left the catalogue, or an owner the company; but what it calls must be there.</summary>
    [Fact]
    public async Task It_is_read_again_without_the_events_and_owners_that_it_names_and_not_without_its_backends()
    {
        await using var before = await PlanAsync();
        var definition = DefinitionOf(before.Flows.All[0]);
        File.Delete(Path.Combine(_folder.Root, "flows", "ship.yaml"));
        _folder.Write("events/orders.yaml", "events: { order.other.v1: { owner: desk, description: Another one., contract: order@1 } }");
        _folder.Write("transforms/canonical/order@1.schema.json", """{ "type": "object" }""");
        _folder.Write("routes/owners.yaml", "owners: { desk: { name: Desk, handle: \"@company/desk\" } }");

        await using var after = await PlanAsync();
        Assert.Equal(definition.Revision, after.Flows.Revive(definition)?.Revision);

        File.Delete(Path.Combine(_folder.Root, "transforms", "wms", "release.jsonata"));
        await using var without = await PlanAsync();
        Assert.Null(without.Flows.Revive(definition));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"owner\":1}")]
    public async Task What_another_build_has_written_is_not_guessed_at(string document)
    {
        await using var plan = await PlanAsync();

        Assert.Null(plan.Flows.Revive(new FlowDefinition("ship", "0", System.Text.Encoding.UTF8.GetBytes(document), default)));
    }

    private static FlowDefinition DefinitionOf(Flow flow) => new(flow.Name, flow.Revision, flow.Document, default);

    private static object Told(FlowStep step) => (step.Name, step.Kind, step.Timeout, step.OnTimeout, step.Promise, step.IsFinal, string.Join(' ', step.Refs.Keys), string.Join(' ', step.Escalations), step.When is null, step switch
    {
        FlowStep.Call call => $"{call.Operation.FullName} {call.Retry} {call.OnFailure} {call.Patience} {call.Undo?.Operation.FullName} {call.NoUndo} {call.About.Kind} {call.About.Of}",
        FlowStep.Await wait => $"{wait.Event} {wait.By}",
        FlowStep.Approve approve => $"{approve.Role} {approve.Count} {approve.OnRefusal}",
        FlowStep.Wait wait => $"{wait.For}",
        FlowStep.Emit emit => emit.Event,
        _ => "",
    });

    private async Task<Plan> PlanAsync()
    {
        var (_, compiled) = await _folder.CompileAsync();
        Assert.DoesNotContain(compiled.Diagnostics, d => d.Severity == Severity.Error);
        return compiled.Plan!;
    }

    private async Task<string> RevisionAsync(string flows)
    {
        _folder.Write("flows/ship.yaml", flows);
        await using var plan = await PlanAsync();
        return plan.Flows.All[0].Revision;
    }
}
