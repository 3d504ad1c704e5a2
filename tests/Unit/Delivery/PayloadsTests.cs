using System.Text;
using Gateway.Delivery.Storage;
using Microsoft.AspNetCore.DataProtection;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Records at rest: byte by byte what was stored.</summary>
public sealed class PayloadsTests
{
    private readonly Payloads _payloads = new(new EphemeralDataProtectionProvider());

    [Theory]
    [InlineData("")]
    [InlineData("""{ "amount" : 1.10, "name" : "Größe" }""")]
    [InlineData("no JSON")]
    public void An_answer_comes_back_byte_by_byte(string body)
    {
        var answer = new Answer(201, [new("Location", "/v1/orders/ord_1")], Encoding.UTF8.GetBytes(body)) { ContentType = "application/problem+json" };
        var opened = _payloads.OpenAnswer(_payloads.Seal(answer));
        Assert.Equal(body, Encoding.UTF8.GetString(opened.Body.Span));
        Assert.Equal((answer.Status, answer.ContentType), (opened.Status, opened.ContentType));
        Assert.Equal(answer.Headers, opened.Headers);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void A_result_comes_back_byte_by_byte(int length)
    {
        var result = new OperationResult(OperationStatus.Done) { Record = new byte[length], Facts = Encoding.UTF8.GetBytes("{}"), Reference = "79", Reason = "as asked" };
        var opened = _payloads.OpenResult(_payloads.Seal(result));
        Assert.True(opened.Record.Span.SequenceEqual(result.Record.Span));
        Assert.True(opened.Facts.Span.SequenceEqual(result.Facts.Span));
        Assert.Equal((result.Status, result.Reference, result.Reason), (opened.Status, opened.Reference, opened.Reason));
    }

    [Fact]
    public void What_is_in_no_form_we_know_is_said_to_be_damaged() =>
        Assert.Throws<InvalidDataException>(() => _payloads.OpenAnswer(_payloads.Seal(PayloadKind.Answer, """{"Status":200}"""u8)));
}
