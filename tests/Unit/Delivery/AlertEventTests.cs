using System.Text.Json;
using Gateway.Delivery.Flows;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>What an owner is told: one of a kind in an hour, in one line.</summary>
public sealed class AlertEventTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private static readonly FlowAlert Parked = new(FlowAlertKind.Parked, "release", "order-desk", "no products");

    [Fact]
    public void An_hour_of_one_flow_step_kind_and_owner_has_one_id()
    {
        var told = Of("o-1", Parked, Nine);

        Assert.Equal(told.Id, Of("o-2", Parked with { Text = "another" }, Nine.AddMinutes(59)).Id);
        // The hour is the world's, not that of the node's time zone.
        Assert.Equal(told.Id, Of("o-1", Parked, Nine.ToOffset(TimeSpan.FromMinutes(330))).Id);
        string[] others =
        [
            Of("o-1", Parked, Nine.AddHours(1)).Id, Of("o-1", Parked with { Step = "credit" }, Nine).Id, Of("o-1", Parked with { Kind = FlowAlertKind.Late }, Nine).Id,
            Of("o-1", Parked with { To = "logistics" }, Nine).Id, Of("o-1", Parked, Nine, "return-to-credit").Id,
        ];
        Assert.Equal(6, others.Append(told.Id).Distinct().Count());
        Assert.All(others, id => Assert.Matches("^alr_[0-9a-z]{26}$", id));
    }

    [Fact]
    public void It_says_until_when_nothing_more_is_told() => Assert.Equal(Nine.AddHours(1), Data(Of("o-1", Parked, Nine.AddMinutes(59))).GetProperty("quietUntil").GetDateTimeOffset());

    [Fact]
    public void What_is_about_no_step_and_has_no_runbook_names_none()
    {
        var data = Data(AlertEvent.Of(Instance("o-1", "order-to-ship"), Parked with { Step = "" }, null, Nine));
        Assert.Equal(["owner", "flow", "kind", "text", "partner", "key", "instance", "quietUntil"], data.EnumerateObject().Select(m => m.Name));
    }

    [Theory]
    [InlineData("  refused\n   at Somewhere()", "refused")]
    [InlineData("refused\r\nand more", "refused")]
    [InlineData("", "")]
    public void Its_text_is_a_line(string text, string told) => Assert.Equal(told, TextOf(text));

    [Fact]
    public void Its_text_has_an_end_and_no_half_of_a_character()
    {
        Assert.Equal(new string('x', 500), TextOf(new string('x', 500)));
        Assert.Equal(new string('x', 500) + "…", TextOf(new string('x', 501)));
        Assert.Equal(new string('x', 499) + "…", TextOf(new string('x', 499) + "😀" + "x"));
    }

    private static string TextOf(string text) => Data(Of("o-1", Parked with { Text = text }, Nine)).GetProperty("text").GetString()!;

    private static JsonElement Data(NewEvent told) => JsonElement.Parse(told.Data.Span);

    private static NewEvent Of(string key, FlowAlert alert, DateTimeOffset now, string flow = "order-to-ship") => AlertEvent.Of(Instance(key, flow), alert, new Uri("https://wiki.example/"), now);

    private static FlowInstance Instance(string key, string flow) => new("flo_" + key, "acme", flow, key, "r1") { Shard = 0, StageSince = Nine, CreatedAt = Nine };
}
