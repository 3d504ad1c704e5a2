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

    [Theory]
    [InlineData("""{"customerReference":"PO-1","salesOrderId":"S1"}""", "PO-1,S1")]
    [InlineData("""{"customerReference":4711,"shipments":[{"id":"A"},{"id":"B"},{"id":"A"},{"name":"C"}]}""", "4711,A,B")]
    [InlineData("""{"customerReference":"ord_1","salesOrderId":""}""", "")]
    [InlineData("""{"customerReference":{"id":"x"},"shipments":{"id":["C","D"]},"salesOrderId":true}""", "C,D")]
    [InlineData("[]", "")]
    public void Numbers_are_what_the_named_members_say_without_the_subject(string data, string expected) =>
        Assert.Equal(expected, string.Join(',', new EventTypes([TypeOf(null) with { About = ["customerReference", "salesOrderId", "shipments.id"] }]).Keyed(Happened(data)).Numbers));

    [Fact]
    public void More_numbers_than_an_event_may_have_and_longer_ones_are_left_out()
    {
        var many = string.Join(',', Enumerable.Range(0, EventType.MostNumbers + 5).Select(i => $$"""{"id":"{{i}}"}"""));
        var numbers = new EventTypes([TypeOf(null) with { About = ["customerReference", "shipments.id"] }]).Keyed(Happened($$"""{"customerReference":"{{new string('x', EventType.LongestNumber + 1)}}","shipments":[{{many}}]}""")).Numbers;

        Assert.Equal(Enumerable.Range(0, EventType.MostNumbers).Select(i => $"{i}"), numbers);
    }

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
