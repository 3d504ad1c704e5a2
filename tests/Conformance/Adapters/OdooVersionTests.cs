using Gateway.Adapters.Odoo;
using Gateway.Adapters.Odoo.Fields;
using Gateway.Simulators;
using Gateway.Tests.Conformance.Adapters.Samples;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>Every operation on every version of Odoo, and what it needs of a database.</summary>
public sealed class OdooVersionTests
{
    public static TheoryData<string> Operations => [.. OdooSamples.Adapter.Operations.Select(sample => sample.Operation)];

    public static IEnumerable<TheoryDataRow<int, string>> Versions => Cases(has: true);

    public static IEnumerable<TheoryDataRow<int, string>> LackingVersions => Cases(has: false);

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task It_is_done_on_every_version(int version, string operation)
    {
        await using var world = await SampleWorld.StartAsync(OdooSamples.Of(version));

        var (call, _) = await world.DoneAsync(operation);

        if (world.Sample(operation).Times is not null) Assert.Equal(1, world.Times(operation, call));
    }

    [Theory]
    [MemberData(nameof(LackingVersions))]
    public async Task What_a_version_has_nothing_for_is_told_and_nothing_is_sent(int version, string operation)
    {
        await using var world = await SampleWorld.StartAsync(OdooSamples.Of(version));

        var result = await world.Backend.Operations[operation].CallAsync(world.Call("{}"), TestContext.Current.CancellationToken);

        Assert.Equal((OperationStatus.NotSent, false), (result.Status, result.BackendIsAway));
        Assert.Contains($"{operation} can't be done with Odoo {version}.0 over JSON-RPC: {OdooSamples.Later[operation].Lack}", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    public async Task What_a_database_lacks_is_what_its_version_has_nothing_for(int version)
    {
        await using var world = await SampleWorld.StartAsync(OdooSamples.Of(version));

        Assert.Null(await world.Backend.ExamineAsync(TestContext.Current.CancellationToken));

        Assert.Equal(OdooSamples.Later.Where(later => version < later.Value.Since).Select(later => $"{later.Key}: {later.Value.Lack}").Order(StringComparer.Ordinal), world.Backend.Findings!.Lacks.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Every_field_that_it_names_is_among_what_it_needs(string operation)
    {
        await using var world = await SampleWorld.StartAsync("odoo");
        var call = await world.PrepareAsync(operation);
        var questions = new OdooQuestions();
        await using var heard = new OdooAdapter(NullLoggerFactory.Instance, questions).Open(
            "odoo", OdooSamples.Adapter.Options(world.Url, new Secret("secret://env/KEY", world.Key)), TimeProvider.System);

        var result = await heard.Operations[operation].CallAsync(call, TestContext.Current.CancellationToken);

        Assert.True(result.Status == OperationStatus.Done, result.Reason);
        var needs = FieldNeeds.All.Where(need => need.Operation == operation).SelectMany(need => need.Fields, (need, field) => (need.Model, Field: field)).ToHashSet();
        Assert.NotEmpty(questions.Named);
        Assert.Equal("", string.Join(' ', questions.Named.Where(named => named.Field != "id" && !needs.Contains(named)).Select(named => $"{named.Model}.{named.Field}")));
    }

    private static IEnumerable<TheoryDataRow<int, string>> Cases(bool has) =>
        from version in Enumerable.Range(OdooSimulator.OldestVersion, OdooSimulator.NewestVersion - OdooSimulator.OldestVersion + 1)
        from sample in OdooSamples.Adapter.Operations
        where version >= OdooSamples.Later.GetValueOrDefault(sample.Operation).Since == has
        select new TheoryDataRow<int, string>(version, sample.Operation);
}
