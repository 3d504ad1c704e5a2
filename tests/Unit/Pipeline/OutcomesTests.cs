using System.Text;
using System.Text.Json;
using Gateway.Pipeline;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

/// <summary>What the event of a change tells.</summary>
public sealed class OutcomesTests
{
    [Theory]
    [InlineData("""{"quantity":1.10}""", """{"orderName":"S1"}""", """{"id":"ord_1","quantity":1.10,"orderName":"S1"}""")]
    [InlineData("""{"id":"WH/OUT/00047","status":"shipped"}""", """{"warehouseOrderId":"WH/OUT/00047"}""", """{"id":"ord_1","status":"shipped","warehouseOrderId":"WH/OUT/00047"}""")]
    [InlineData("""{"receiptId":"asked","lines":[]}""", """{"receiptId":"WH/IN/00009"}""", """{"id":"ord_1","lines":[],"receiptId":"WH/IN/00009"}""")]
    [InlineData("""{"id":"x"}""", "", """{"id":"ord_1"}""")]
    public void No_member_is_told_twice_and_what_was_done_goes_before_what_was_asked(string asked, string facts, string told)
    {
        using var body = JsonDocument.Parse(asked);

        Assert.Equal(told, Encoding.UTF8.GetString(Outcomes.DataOf(body.RootElement, "ord_1", Encoding.UTF8.GetBytes(facts)).Span));
    }
}
