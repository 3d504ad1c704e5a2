using System.Text.Json;
using Xunit;

namespace Gateway.Tests.Unit.Configuration.Flows;

/// <summary>What a declaration of a flow must say; beside what the golden cases show.</summary>
public sealed class FlowReaderTests
{
    private const string Release = "- { step: release, call: wms/warehouse-order.create, timeout: 1d, undo: { call: wms/warehouse-order.cancel } }\n";
    private const string Catalogue = "events: { order.accepted.v1: { owner: us, description: An order was taken over., contract: order@1 } }";

    [Fact]
    public async Task A_flow_with_every_kind_of_step_is_read()
    {
        using var folder = new FlowFolder();

        Assert.Empty(await folder.ErrorsAsync());
    }

    [Theory]
    [InlineData("- { step: a, call: odoo, timeout: 1d }", "GW5402 the backend 'odoo' has no operation ''")]
    [InlineData("- { step: a, call: odoo/credit.check, transform: { request: wms/relase }, timeout: 1d }", "GW4001 there is no mapping 'wms/relase'")]
    [InlineData("- { step: a, wait: { for: 1h, until: $now() } }", "GW5400 the step 'a' waits for a time and until one")]
    [InlineData("- { step: a, choose: [{ steps: [{ step: b, parallel: [{ steps: [{ step: c }] }] }] }] }", "GW5400 the step 'c' does nothing")]
    [InlineData("- { step: a, call: odoo/order.confirm, object: { kind: order }, timeout: 1d, undo: { call: odoo/order.cancl } }", "GW5402 the backend 'odoo' has no operation 'order.cancl'")]
    [InlineData("- { step: a, call: odoo/order.confirm, object: { kind: order }, timeout: 1d, undo: { call: odoo/order.cancel } }", "GW5407 odoo/order.cancel is about one order, and the step 'a' makes none")]
    [InlineData("- { step: a, call: odoo/order.confirm, object: { kind: order, id: '(' }, timeout: 1d, noUndo: It stays. }", "GW5403")]
    [InlineData("- { step: a, await: { event: order.seen.v1, value: '(' }, timeout: 1d }", "GW5403")]
    [InlineData("- { step: a, wait: { for: 1h }, refs: { order: '(' } }", "GW5403")]
    [InlineData("- { step: a, emit: { event: order.seen.v1, data: '(' } }", "GW5403")]
    [InlineData("- { step: a, choose: [{ if: '(', steps: [] }] }", "GW5403")]
    [InlineData("- { step: a, parallel: [{ steps: [] }], onTimeout: undo }", "GW5409 onTimeout: means nothing for parallel:")]
    [InlineData("- { step: a, await: { event: order.seen.v1 }, timeout: 1d, noUndo: It stays. }", "GW5409 noUndo: means nothing for await:")]
    public async Task Each_rule_is_told_once(string steps, string error)
    {
        using var folder = new FlowFolder(FlowFolder.With(steps));

        Assert.StartsWith(error, Assert.Single(await folder.ErrorsAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- { step: a, await: { event: order.seen.v1 }, timeout: 1d }")]
    [InlineData("- { step: a, await: { event: wms.order.shipped.v1, by: release }, timeout: 1d }")]
    [InlineData("- { step: a, wait: { until: $now() }, refs: { order: flow.key } }\n- { step: b, await: { event: order.seen.v1, by: order }, timeout: 1d }")]
    [InlineData("- { step: a, call: odoo/order.create, timeout: 1d, undo: { call: odoo/order.cancel } }\n- { step: b, call: odoo/order.confirm, of: a, timeout: 1d, noUndo: What a made is cancelled. }")]
    [InlineData("- { step: a, call: odoo/order.create, object: { kind: order }, timeout: 1d, noUndo: It stays. }")]
    [InlineData("- { step: a, choose: [{ if: flow.key = \"1\", steps: [] }, { steps: [] }] }")]
    public async Task What_is_sound_is_taken(string steps)
    {
        using var folder = new FlowFolder(FlowFolder.With(Release + steps));

        Assert.Empty(await folder.ErrorsAsync());
    }

    [Fact]
    public async Task Figures_see_how_the_instance_stands_and_are_no_part_of_its_revision()
    {
        const string Promise = "    promise: 5d\n";
        using var plain = new FlowFolder();
        using var counted = new FlowFolder(FlowFolder.Whole.Replace(Promise, Promise + "    objective: { share: 0.9 }\n    figures: { stuck: { description: It is stuck., while: $instance.state = \"parked\", by: { z: flow.name, a: $partner.name }, amount: 1 } }\n", StringComparison.Ordinal));

        Assert.Empty(await counted.ErrorsAsync());
        var flow = (await counted.FlowAsync())!;
        Assert.Equal((await plain.FlowAsync())!.Revision, flow.Revision);
        Assert.Equal((0.9m, TimeSpan.FromDays(30)), (flow.Objective!.Share, flow.Objective.Over));
        var figure = Assert.Single(flow.Figures);
        Assert.Equal(["a", "z"], figure.By.Keys);
        foreach (var (state, counts) in new[] { ("parked", true), ("running", false) })
        {
            var sight = new FlowSight(JsonElement.Parse("{}"), null, new Partner("acme", "Acme"), DateTimeOffset.UnixEpoch) { Instance = JsonElement.Parse($$"""{"state":"{{state}}"}""") };
            Assert.Equal(counts, figure.While(sight).IsTrue);
        }
    }

    [Theory]
    [InlineData("- { step: a, await: { event: wms.stock.counted.v1 }, timeout: 1d }")]
    [InlineData("- { step: a, call: odoo/inventory.read, input: '{ \"item\": trigger.data.sku }', timeout: 1d }")]
    [InlineData("- { step: a, call: wms/warehouse-order.create, timeout: 1d, undo: { call: wms/warehouse-order.cancel } }\n- { step: b, await: { event: wms.order.shipped.v1, by: a }, timeout: 1d }")]
    [InlineData("- { step: a, emit: { event: stock.seen.v1, data: trigger.data } }\n- { step: b, await: { event: stock.seen.v1 }, timeout: 1d }")]
    public async Task What_is_the_houses_is_taken(string steps)
    {
        using var folder = new FlowFolder(ForHouse(steps));

        Assert.Empty(await folder.ErrorsAsync());
    }

    [Theory]
    [InlineData("- { step: a, emit: { event: stock.seen.v1, data: $partner.id } }", "GW5413 this asks for $partner, and the flow is for the house")]
    [InlineData("- { step: a, emit: { event: stock.seen.v1, data: $partnr.id } }", "GW5403")]
    [InlineData("- { step: a, await: { event: order.accepted.v1 }, timeout: 1d }", "GW5413 'order.accepted.v1' is an event of partners, and the flow is for the house")]
    [InlineData("- { step: a, call: odoo/order.confirm, object: { kind: order }, timeout: 1d, noUndo: It stays. }", "GW5413 an object is a partner's, and the flow is for the house")]
    [InlineData("- { step: a, call: wms/warehouse-order.create, timeout: 1d, undo: { call: wms/warehouse-order.cancel, object: { kind: order } } }", "GW5413 an object is a partner's, and the flow is for the house")]
    [InlineData("- { step: a, call: theirs/document.send, timeout: 1d, noUndo: It is sent. }", "GW5413 theirs/document.send is about the partner that it is for, and the flow is for the house")]
    public async Task What_only_partners_have_is_told(string steps, string error)
    {
        using var folder = new FlowFolder(ForHouse(steps));

        Assert.StartsWith(error, Assert.Single(await folder.ErrorsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_with_a_catalogue_is_held_to_it_and_what_backends_tell_needs_no_entry()
    {
        const string Steps = Release + "- { step: shipped, await: { event: wms.order.shipped.v1, by: release }, timeout: 1d }\n- { step: told, emit: { event: order.seen.v1, data: flow.key } }";
        using var folder = new FlowFolder(FlowFolder.With(Steps));
        Assert.Empty(await folder.ErrorsAsync());

        folder.Write("events/orders.yaml", Catalogue);
        folder.Write("transforms/canonical/order@1.schema.json", """{ "type": "object" }""");
        Assert.Equal(["GW5404 the catalogue has no event 'order.seen.v1'"], await folder.ErrorsAsync());
    }

    /// <summary>Who has read that the backend is wrong would learn nothing by every step that calls it.</summary>
    [Fact]
    public async Task A_backend_that_is_broken_is_told_once()
    {
        using var folder = new FlowFolder(FlowFolder.With("- { step: a, call: broken/order.create, timeout: 1d, noUndo: It stays. }"));
        folder.Write("routes/broken.yaml", "backends: { broken: { adapter: odoo, url: http://odoo.internal } }");

        Assert.DoesNotContain(await folder.ErrorsAsync(), e => e.StartsWith("GW54", StringComparison.Ordinal));
    }

    private static string ForHouse(string steps) => "backends: { theirs: { adapter: partner } }\n" + FlowFolder.With(steps)
        .Replace("on: { event: order.accepted.v1 }", "on: { event: wms.stock.adjusted.v1, for: house }", StringComparison.Ordinal);
}
