using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>What operations say of themselves is true: <c>validate</c> judges targets of routes by it.</summary>
public sealed class DescriptorTests
{
    /// <summary>Operations that are about something, and can't be called without.</summary>
    public static TheoryData<string, string> Bound => SampleTests.Rows(operation => operation.About is { Or.Count: 0 });

    /// <summary>Each with the first of its members that it says it needs.</summary>
    public static TheoryData<string, string, string> Needs =>
        [.. AdapterSamples.All.SelectMany(AdapterSamples.OperationsOf, (s, o) => (s, o)).SelectMany(so => so.o.Needs, (so, need) => new TheoryDataRow<string, string, string>(so.s.Name, so.o.Name, need[0]))];

    /// <summary>What makes something, and what reads such a thing by its reference alone.</summary>
    public static TheoryData<string, string, string> Readers =>
        [.. AdapterSamples.All.SelectMany(s => AdapterSamples.OperationsOf(s).Where(maker => maker.Makes is not null), (s, maker) => (s, maker)).SelectMany(
            sm => AdapterSamples.OperationsOf(sm.s).Where(reader => reader is { Effect: Effect.Reads, About.Kinds: var kinds } && kinds.Contains(sm.maker.Makes!)),
            (sm, reader) => new TheoryDataRow<string, string, string>(sm.s.Name, sm.maker.Name, reader.Name))];

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public void It_speaks_of_what_there_is(string adapter, string operation)
    {
        var descriptor = SampleTests.Descriptor(adapter, operation);
        var all = AdapterSamples.AdapterOf(AdapterSamples.Of(adapter)).Operations;

        Assert.True(descriptor.Makes is null || descriptor.Effect == Effect.Changes, "what only reads makes nothing");
        Assert.All(descriptor.Needs, need => Assert.NotEmpty(need));
        Assert.Subset(descriptor.Input.Keys.ToHashSet(), descriptor.Needs.SelectMany(need => need).Concat(descriptor.About?.Or ?? []).ToHashSet());
        if (descriptor.About is not { } subject) return;
        Assert.NotEmpty(subject.Kinds);
        Assert.True(subject.Or.Count > 0 || subject.Kinds.All(kind => all.Any(other => other.Makes == kind)), "nothing makes what it is about");
    }

    [Theory]
    [MemberData(nameof(Bound))]
    public async Task Without_what_it_is_about_it_does_nothing(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        Assert.NotNull(call.Reference);

        await AssertDoesNothingAsync(world, operation, call, call with { Reference = null });
    }

    [Theory]
    [MemberData(nameof(Needs))]
    public async Task Without_what_it_needs_it_does_nothing(string adapter, string operation, string member)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(operation);
        var input = JsonNode.Parse(call.Input.GetRawText())!.AsObject();
        foreach (var one in SampleTests.Descriptor(adapter, operation).Needs.Single(need => need[0] == member)) input.Remove(one);
        using var less = JsonDocument.Parse(input.ToJsonString());

        await AssertDoesNothingAsync(world, operation, call, call with { Input = less.RootElement });
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task What_one_makes_is_what_another_is_about(string adapter, string maker, string reader)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var (_, made) = await world.DoneAsync(maker);

        var read = await world.CallAsync(reader, world.Call("{}", reference: made.Reference));

        Assert.True(read.Status == OperationStatus.Done, $"{reader} ended {read.Status}: {read.Reason ?? read.Detail}");
        Assert.Equal(made.Reference, read.Reference);
    }

    private static async Task AssertDoesNothingAsync(SampleWorld world, string operation, OperationCall whole, OperationCall less)
    {
        var result = await world.CallAsync(operation, less);

        Assert.True(result.Status is OperationStatus.NotFound or OperationStatus.Malformed or OperationStatus.Refused or OperationStatus.NotSent, $"{result.Status}: {result.Reason}");
        if (world.Sample(operation).Times is { } times) Assert.Equal(0, times(world, whole));
    }
}
