using System.Text.Json.Nodes;
using Gateway.Cli;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>The verb <c>trace</c>: what it prints.</summary>
public sealed class TraceCommandTests
{
    [Fact]
    public void Each_line_says_when_what_it_is_who_where_and_under_which_correlation_id()
    {
        Assert.Equal(
            """
            2026-11-30T09:00:00Z  request   shop                      orders.create             succeeded     POST /v1/orders 201  [c-1]
            2026-11-30T09:00:01Z  delivery  acme/orders               order.accepted.v1         delivered     dlv_1, attempt 1: 204  [c-1]
            2026-11-30T09:00:02Z  flow      order-to-ship/ord_1       hold                      late

            """.ReplaceLineEndings("\n"),
            Printed("""
            {
              "key": "S00079", "instances": [], "cut": [],
              "timeline": [
                { "at": "2026-11-30T09:00:00Z", "is": "request", "who": "shop", "where": "orders.create", "what": "succeeded", "detail": "POST /v1/orders 201", "correlationId": "c-1" },
                { "at": "2026-11-30T09:00:01Z", "is": "delivery", "who": "acme/orders", "where": "order.accepted.v1", "what": "delivered", "detail": "dlv_1, attempt 1: 204", "correlationId": "c-1" },
                { "at": "2026-11-30T09:00:02Z", "is": "flow", "who": "order-to-ship/ord_1", "where": "hold", "what": "late" }
              ]
            }
            """));
    }

    [Fact]
    public void What_is_not_whole_says_so_and_nothing_too()
    {
        Assert.Equal("nothing is found by that\n", Printed("""{ "key": "S1", "instances": [], "cut": [], "timeline": [] }"""));
        Assert.EndsWith("\nnot all of it: there are more deliveries, steps\n", Printed("""
            { "key": "S1", "instances": [], "cut": ["deliveries", "steps"], "timeline": [{ "at": "2026-11-30T09:00:02Z", "is": "flow", "who": "f/k", "where": "hold", "what": "late" }] }
            """), StringComparison.Ordinal);
    }

    private static string Printed(string told)
    {
        using var output = new StringWriter { NewLine = "\n" };
        TraceCommand.Print(JsonNode.Parse(told)!.AsObject(), output);
        return output.ToString();
    }
}
