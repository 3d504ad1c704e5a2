using Gateway.Adapters.Odoo.Changes;
using Xunit;

namespace Gateway.Tests.Unit.Adapters.Changes;

/// <summary>How events of watched records are called, and what of a record is content.</summary>
public sealed class ChangeKindTests
{
    [Theory]
    [InlineData("orders", null, "draft", "order.created.v1")]
    [InlineData("orders", null, "sale", "order.confirmed.v1")]
    [InlineData("orders", "draft", "sent", "order.changed.v1")]
    [InlineData("orders", "draft", "sale", "order.confirmed.v1")]
    [InlineData("orders", "sale", "sale", "order.changed.v1")]
    [InlineData("orders", "sale", "cancel", "order.cancelled.v1")]
    [InlineData("orders", "cancel", "draft", "order.changed.v1")]
    [InlineData("shipments", null, "assigned", "shipment.planned.v1")]
    [InlineData("shipments", "assigned", "done", "shipment.shipped.v1")]
    [InlineData("shipments", "done", "done", "shipment.changed.v1")]
    [InlineData("returns", "assigned", "done", "return.received.v1")]
    [InlineData("invoices", null, "posted", "invoice.issued.v1")]
    [InlineData("invoices", "posted", "paid", "invoice.paid.v1")]
    [InlineData("creditNotes", "posted", "cancel", "credit-note.cancelled.v1")]
    public void An_event_is_named_after_what_a_record_has_become(string kind, string? before, string stage, string expected) =>
        Assert.Equal(expected, KindOf(kind).Became(before, stage));

    [Fact]
    public void Each_name_that_an_event_may_have_is_declared()
    {
        Assert.Equal(["order.confirmed.v1", "order.cancelled.v1", "order.created.v1", "order.changed.v1", "order.deleted.v1"], KindOf("orders").Types);
        Assert.All(Watched.All, watched => Assert.Contains(watched.Kind.GoneType, watched.Kind.Types));
        Assert.Equal(Watched.All.Count, Watched.All.Select(watched => watched.Kind.Event).Distinct().Count());
    }

    [Fact]
    public void When_a_record_was_written_is_no_content_and_everything_else_is()
    {
        var hash = Of("""{"id":1,"state":"sale","write_date":"2026-11-23 09:00:00","lines":[{"qty":1,"write_date":"x"}]}""");

        Assert.Equal(hash, Of("""{"id":1,"state":"sale","write_date":"2026-11-23 10:00:00","lines":[{"qty":1,"write_date":{"a":[1]}}]}"""));
        Assert.NotEqual(hash, Of("""{"id":1,"state":"sale","write_date":"2026-11-23 09:00:00","lines":[{"qty":2,"write_date":"x"}]}"""));
        Assert.NotEqual(hash, Of("""{"id":1,"state":"sale","lines":[{"qty":"1"}]}"""));
        Assert.NotEqual(Of("""{"a":["1","2"]}"""), Of("""{"a":["12",""]}"""));
        Assert.NotEqual(Of("""{"a":"b","c":1}"""), Of("""{"a":{"b":"c"},"d":1}"""));
    }

    private static ChangeKind KindOf(string name) => Watched.All.Single(watched => watched.Kind.Name == name).Kind;

    private static string Of(string json) => RecordHash.Of(System.Text.Encoding.UTF8.GetBytes(json));
}
