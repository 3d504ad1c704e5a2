using System.Text;
using Xunit;

namespace Gateway.Tests.Unit.Events;

/// <summary>What the catalogue makes of an event.</summary>
public sealed class EventTypesTests
{
    [Theory]
    [InlineData(null, """{"buyerParty":{"id":"ACME-DE"}}""", "ord_1")]
    [InlineData("buyerParty.id", """{"buyerParty":{"id":"ACME-DE"}}""", "ACME-DE")]
    [InlineData("number", """{"number":4711}""", "4711")]
    [InlineData("buyerParty.id", """{"buyerParty":{"id":""}}""", "ord_1")]
    [InlineData("buyerParty.id", """{"buyerParty":"ACME-DE"}""", "ord_1")]
    [InlineData("buyerParty.id", """{"buyerParty":{"id":["a"]}}""", "ord_1")]
    [InlineData("buyerParty.id", "[]", "ord_1")]
    public void The_ordering_key_is_a_member_of_the_data_or_the_subject(string? path, string data, string expected) =>
        Assert.Equal(expected, new EventTypes([TypeOf(path)]).Keyed(Happened(data)).PartitionKey);

    [Fact]
    public void What_is_not_catalogued_stays_as_it_is()
    {
        var happened = Happened("{}");

        Assert.Same(happened, EventTypes.None.Keyed(happened));
        Assert.Null(EventTypes.None.ViolationOf(happened));
    }

    [Fact]
    public void What_breaks_its_contract_is_told_of_and_not_refused()
    {
        var types = new EventTypes([TypeOf(null) with { Findings = _ => [new Finding("#/id", "type", "must be text")] }]);

        var violation = types.ViolationOf(Happened("{}"));

        Assert.Equal(("order@1", "event", false), (violation!.Contract, violation.Part, violation.Enforced));
        Assert.Equal("#/id", Assert.Single(violation.Findings).Pointer);
    }

    private static EventType TypeOf(string? path) => new("order.accepted.v1", "us", "order@1") { OrderingKey = path, Findings = _ => [] };

    private static NewEvent Happened(string data) => new("e-1", "acme", "order.accepted.v1", "/orders", "ord_1", "ord_1", DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes(data));
}
