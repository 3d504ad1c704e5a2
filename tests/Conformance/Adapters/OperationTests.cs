using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>What every operation of every adapter does when all is well.</summary>
public sealed class OperationTests
{
    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task It_is_done_and_gives_what_it_promises(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);

        var (call, result) = await world.DoneAsync(operation);

        using var record = JsonDocument.Parse(result.Record);
        Assert.True(record.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array);
        if (SampleTests.Descriptor(adapter, operation).Effect == Effect.Reads) return;
        Assert.Equal(1, world.Times(operation, call));
        Assert.Equal((world.Sample(operation).NamesNothing, world.Sample(operation).NamesNothing), (string.IsNullOrEmpty(result.Reference), result.Facts.IsEmpty));
        if (world.Sample(operation).NamesNothing) return;
        Assert.Null(world.Backend.Operations[operation].WrongReference(result.Reference!));
        using var facts = JsonDocument.Parse(result.Facts);
        Assert.Equal(JsonValueKind.Object, facts.RootElement.ValueKind);
    }

    [Theory]
    [MemberData(nameof(SampleTests.Changes), MemberType = typeof(SampleTests))]
    public async Task The_same_call_again_does_nothing_more(string adapter, string operation)
    {
        Assert.SkipUnless(SampleTests.Descriptor(adapter, operation).Idempotent, "it may not be repeated");
        await using var world = await SampleWorld.StartAsync(adapter);
        var (call, first) = await world.DoneAsync(operation);

        var again = await world.CallAsync(operation, call);

        Assert.Equal((OperationStatus.Done, first.Reference), (again.Status, again.Reference));
        Assert.Equal(1, world.Times(operation, call));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Changes), MemberType = typeof(SampleTests))]
    public async Task Of_the_same_call_four_times_at_once_one_does_it(string adapter, string operation)
    {
        Assert.SkipUnless(SampleTests.Descriptor(adapter, operation).Idempotent, "it may not be repeated");
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.CallAsync(operation, call).AsTask()));

        Assert.Equal(1, world.Times(operation, call));
        Assert.Contains(results, result => result.Status == OperationStatus.Done);
        Assert.Single(results.Where(result => result.Status == OperationStatus.Done).Select(result => result.Reference).Distinct());
        // Who lost may not know it, and must not say that nothing was done.
        Assert.All(results, result => Assert.True(result.Status is OperationStatus.Done or OperationStatus.NotSent || result.MayHaveHappened, $"{result.Status}: {result.Reason}"));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Changes), MemberType = typeof(SampleTests))]
    public async Task What_was_done_is_read_back_and_what_was_not_is_not_found(string adapter, string operation)
    {
        Assert.SkipUnless(SampleTests.Descriptor(adapter, operation).ReadsBack, "it can't be read back");
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);

        var before = await world.ReadBackAsync(operation, call);
        var done = await world.CallAsync(operation, call);
        var after = await world.ReadBackAsync(operation, call);

        Assert.Equal(world.Sample(operation).LeavesNoTrace ? OperationStatus.NotSent : OperationStatus.NotFound, before.Status);
        Assert.Equal((OperationStatus.Done, done.Reference), (after.Status, after.Reference));
        Assert.Equal(JsonNode.Parse(done.Record.Span)!.GetValueKind(), JsonNode.Parse(after.Record.Span)!.GetValueKind());
    }

    [Theory]
    [MemberData(nameof(SampleTests.Changes), MemberType = typeof(SampleTests))]
    public async Task What_the_rules_refuse_is_refused_and_changes_nothing(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.Sample(operation).Refused!(world);

        var result = await world.CallAsync(operation, call);

        Assert.Equal(OperationStatus.Refused, result.Status);
        Assert.NotEmpty(result.Detail);
        Failures.TellNothing(result, world);
        Assert.Equal(0, world.Times(operation, call));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Reads), MemberType = typeof(SampleTests))]
    public async Task What_is_not_there_is_not_found(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);

        var result = await world.CallAsync(operation, await world.Sample(operation).Missing!(world));

        Assert.Equal(OperationStatus.NotFound, result.Status);
        Failures.TellNothing(result, world);
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task The_trace_goes_on_in_the_backend(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        using var trace = new Activity("a request").SetIdFormat(ActivityIdFormat.W3C).Start();

        await world.CallAsync(operation, call);

        Assert.Equal(trace.TraceId.ToHexString(), world.LastTraceParent?.Split('-')[1]);
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task Its_cost_is_about_what_it_asks_of_the_backend(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        await world.DoneAsync(operation);
        var call = await world.PrepareAsync(operation);
        var before = world.Requests;

        await world.CallAsync(operation, call);

        var (asked, cost) = (world.Requests - before, SampleTests.Descriptor(adapter, operation).Cost);
        Assert.True(asked <= cost && cost <= (asked * 2) + 1, $"it said {cost} and took {asked}");
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task Its_descriptor_names_every_member_of_its_input(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);

        // A document as a whole has no members of its own, nor has a list.
        if (call.Input.ValueKind != JsonValueKind.Object || SampleTests.Descriptor(adapter, operation).Input.ContainsKey("…")) return;
        Assert.All(call.Input.EnumerateObject(), member => Assert.Contains(member.Name, SampleTests.Descriptor(adapter, operation).Input));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task An_input_that_is_none_is_never_a_crash(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);

        foreach (var breaking in Breakings(call.Input))
        {
            var broken = breaking(call.Input);
            var result = await world.CallAsync(operation, call with { Input = broken });
            // What was done is not done again, so the next one needs something new.
            if (result.Status == OperationStatus.Done) call = await world.PrepareAsync(operation);
            Assert.True(result.Status is not (OperationStatus.Unknown or OperationStatus.TimedOut), $"{broken} ended {result.Status}: {result.Reason}");
            Failures.TellNothing(result, world);
        }
    }

    /// <summary>No object at all; and the input, or the first of a list, with each member left out, or of another kind.</summary>
    private static IEnumerable<Func<JsonElement, JsonElement>> Breakings(JsonElement like)
    {
        string[] others = ["null", "[]", "{}", "[null]", "[7]", "\"\"", "-7.5", "true"];
        foreach (var text in (string[])[.. others, "\"text\"", "7"]) yield return _ => SampleWorld.Json(text);
        foreach (var member in (like.ValueKind == JsonValueKind.Array ? like[0] : like).EnumerateObject())
            foreach (var other in (string?[])[null, .. others]) yield return input => Changed(input, member.Name, other);
    }

    private static JsonElement Changed(JsonElement input, string name, string? json)
    {
        var changed = JsonNode.Parse(input.GetRawText())!;
        var holder = changed as JsonObject ?? changed[0]!.AsObject();
        holder.Remove(name);
        if (json is not null) holder[name] = JsonNode.Parse(json);
        return SampleWorld.Json(changed.ToJsonString());
    }
}
