using System.Text;
using Gateway.Adapters.Odoo.Wire;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>What recorded answers of JSON-RPC mean, on a read and on a change: the same as those of JSON-2.</summary>
public sealed class JsonRpcTests
{
    [Theory]
    [InlineData("005", NotSent, NotSent)] // unknown database, with the database server's address
    [InlineData("006", NotSent, NotSent)] // AccessDenied
    [InlineData("031", Unusable, Refused)] // UserError
    [InlineData("062", NotSent, NotSent)] // AccessError
    [InlineData("064", NotFound, Refused)] // MissingError
    [InlineData("065", Unusable, Refused)] // ValidationError
    [InlineData("069", Unusable, Refused)] // unknown field
    [InlineData("071", Unusable, Refused)] // bad domain
    [InlineData("072", Unusable, NotSent)] // unknown model
    [InlineData("073", NotSent, NotSent)] // private method
    [InlineData("074", Unusable, NotSent)] // unknown method
    [InlineData("077", NotSent, Unknown)] // broken JSON: plain text
    [InlineData("078", NotSent, Unknown)] // wrong content type: HTML
    [InlineData("007", Done, Done)]
    public void Recorded_answers(string transcript, OperationStatus onRead, OperationStatus onChange)
    {
        var answer = Answer(transcript);

        foreach (var (reply, expected) in new[] { (JsonRpc.Read(Effect.Reads, answer), onRead), (JsonRpc.Read(Effect.Changes, answer), onChange) })
        {
            Assert.True(reply.Status == expected, $"{reply.Status}: {reply.Reason}");
            foreach (var inside in new[] { "127.0.0.1", "5544", "Traceback", "psycopg2", "sale.order(" })
                Assert.DoesNotContain(inside, reply.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Neither_result_nor_error_is_the_success_of_a_method_that_returns_nothing()
    {
        var reply = JsonRpc.Read(Effect.Changes, Answer("024"));

        Assert.Equal((Done, System.Text.Json.JsonValueKind.Null), (reply.Status, reply.Value.ValueKind));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"builtins.TypeError","message":"cannot marshal None unless allow_none is enabled"}}}""", Done)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"psycopg2.errors.SerializationFailure","message":"could not serialize access"}}}""", NotSent)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"psycopg2.OperationalError","message":"server closed the connection"}}}""", Unknown)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"builtins.TypeError","message":"SaleOrder.load() missing 1 required positional argument: 'data'"}}}""", NotSent)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error"}}""", Unusable)]
    [InlineData("""{"hello":"world"}""", Unusable)]
    [InlineData("[]", Unusable)]
    public void Other_answers_to_a_change(string body, OperationStatus expected)
    {
        var reply = JsonRpc.Read(Effect.Changes, new OdooAnswer(200, "application/json", Encoding.UTF8.GetBytes(body), null));

        Assert.True(reply.Status == expected, $"{reply.Status}: {reply.Reason}");
    }

    private static OdooAnswer Answer(string transcript)
    {
        var response = Transcripts.Response(transcript);
        var media = response.GetProperty("headers").GetProperty("Content-Type").GetString()!.Split(';')[0];
        var body = response.TryGetProperty("json", out var json) ? json.GetRawText() : response.GetProperty("body").GetString()!;
        return new OdooAnswer(response.GetProperty("status").GetInt32(), media, Encoding.UTF8.GetBytes(body), null);
    }
}
