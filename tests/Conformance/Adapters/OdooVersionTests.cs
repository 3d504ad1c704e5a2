using Gateway.Adapters.Odoo;
using Gateway.Adapters.Odoo.Fields;
using Gateway.Tests.Conformance.Adapters.Samples;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>Every operation on every version of Odoo, and what it needs of a database.</summary>
public sealed class OdooVersionTests
{
    public static TheoryData<string> Operations => [.. OdooSamples.Adapter.Operations.Select(sample => sample.Operation)];

    public static MatrixTheoryData<int, string> Versions => new([16, 17, 18, 19], OdooSamples.Adapter.Operations.Select(sample => sample.Operation));

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task It_is_done_on_every_version(int version, string operation)
    {
        await using var world = await SampleWorld.StartAsync(OdooSamples.Of(version));

        var (call, _) = await world.DoneAsync(operation);

        if (world.Sample(operation).Times is not null) Assert.Equal(1, world.Times(operation, call));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(19)]
    public async Task A_database_that_has_all_lacks_nothing(int version)
    {
        await using var world = await SampleWorld.StartAsync(OdooSamples.Of(version));

        Assert.Null(await world.Backend.ExamineAsync(TestContext.Current.CancellationToken));

        Assert.Equal("", string.Join('\n', world.Backend.Findings!.Lacks));
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
}
