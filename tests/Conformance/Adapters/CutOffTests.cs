using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>
/// Operations of several requests, cut off behind each of them. Recovery asks what became of the call, and takes it up where nobody knows of it: it is done once
/// then, and nothing of the first try is left beside it.
/// </summary>
public sealed class CutOffTests
{
    public static TheoryData<string, string> Recoverable =>
        [.. SampleTests.Changes.Where(row => SampleTests.Descriptor(row.Data.Item1, row.Data.Item2) is { Idempotent: true, ReadsBack: true })];

    [Theory]
    [MemberData(nameof(Recoverable))]
    public async Task Behind_whichever_request_it_is_cut_off_it_is_done_once_in_the_end(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var cuts = 0;
        while (await IsCutAsync(world, operation, cuts)) cuts++;

        Assert.True(cuts > 0, "it changed nothing");
    }

    /// <summary>False where the call has no such request.</summary>
    private static async Task<bool> IsCutAsync(SampleWorld world, string operation, int which)
    {
        var call = await world.PrepareAsync(operation);
        var cut = new CutOff(which);
        await using var backend = world.Open(world.Url, world.Key, SampleWorld.Generous, outside: cut);

        var result = await backend.Operations[operation].CallAsync(call, TestContext.Current.CancellationToken);

        Assert.True(result.Status is OperationStatus.Done or OperationStatus.NotSent || result.MayHaveHappened, $"cut {which}: {result.Status} {result.Reason}");
        if (!cut.Happened) return false;
        var found = await world.ReadBackAsync(operation, call);
        if (found.Status != OperationStatus.Done) found = await world.CallAsync(operation, call with { GoesFirst = true });
        Assert.True(found.Status == OperationStatus.Done, $"cut {which}: {found.Status} {found.Reason}");
        Assert.Equal((1, 1), (world.Times(operation, call), world.Sample(operation).InAll?.Invoke(world, call) ?? 1));
        return true;
    }
}
