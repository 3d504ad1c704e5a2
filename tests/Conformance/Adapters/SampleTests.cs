using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>
/// The list that the conformance of adapters runs over: every operation of <c>Adapters.All</c> and of the examples in docs/backends.md, and a sample of each.
/// To add an operation, add its sample to the adapter's list in <c>Samples</c>.
/// </summary>
public sealed class SampleTests
{
    /// <summary>Sample of an adapter and operation, all there are.</summary>
    public static TheoryData<string, string> Operations => Rows(_ => true);

    /// <summary>Those that change something.</summary>
    public static TheoryData<string, string> Changes => Rows(operation => operation.Effect == Effect.Changes);

    /// <summary>Those that only read.</summary>
    public static TheoryData<string, string> Reads => Rows(operation => operation.Effect == Effect.Reads);

    [Fact]
    public void Every_operation_has_a_sample_and_no_sample_is_of_nothing()
    {
        var operations = AdapterSamples.All.SelectMany(AdapterSamples.OperationsOf, (sample, operation) => $"{sample.Name}/{operation.Name}");
        var samples = AdapterSamples.All.SelectMany(sample => sample.Operations, (sample, operation) => $"{sample.Name}/{operation.Operation}");

        Assert.Equal(AdapterSamples.Adapters.Select(adapter => adapter.Name).Order(), AdapterSamples.All.Select(sample => sample.Adapter).Distinct().Order());
        Assert.Equal(operations.Order(), samples.Order());
        Assert.Equal(AdapterSamples.All.Count, AdapterSamples.All.Select(sample => sample.Name).Distinct().Count());
        Assert.All(AdapterSamples.All.SelectMany(sample => sample.Lacks, (sample, lack) => (sample, lack)), row =>
        {
            Assert.Contains(AdapterSamples.AdapterOf(row.sample).Operations, operation => operation.Name == row.lack.Key);
            Assert.NotEmpty(row.lack.Value);
        });
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_sample_says_what_its_operation_changes_and_when_it_does_not(string adapter, string operation)
    {
        var changes = Descriptor(adapter, operation).Effect == Effect.Changes;
        var sample = AdapterSamples.Of(adapter).Operations.Single(sample => sample.Operation == operation);

        Assert.Equal((changes, changes, changes, !changes), (sample.ChangedBy is not null, sample.Times is not null, sample.Refused is not null, sample.Missing is not null));
    }

    internal static OperationDescriptor Descriptor(string adapter, string operation) =>
        AdapterSamples.AdapterOf(AdapterSamples.Of(adapter)).Operations.Single(other => other.Name == operation);

    internal static TheoryData<string, string> Rows(Func<OperationDescriptor, bool> wanted) =>
        [.. AdapterSamples.All.SelectMany(sample => AdapterSamples.OperationsOf(sample).Where(wanted), (sample, operation) => new TheoryDataRow<string, string>(sample.Name, operation.Name))];
}
