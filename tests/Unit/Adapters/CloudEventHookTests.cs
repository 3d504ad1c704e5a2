using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Adapters.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>CloudEvents that a backend sends, in all three modes, and what is said of those that are none.</summary>
public sealed class CloudEventHookTests
{
    private const string Secret = "whsec_ZGVtby1jbG91ZC1ldmVudHMtc2VjcmV0LTAx";
    private const string Structured = "application/cloudevents+json";
    private const string Batched = "application/cloudevents-batch+json";
    private const string Good = """{ "specversion": "1.0", "id": "1", "source": "/erp", "type": "erp.order.released", "time": "2026-11-29T09:30:00.123456789+01:00", "data": { "sum": 1.10 } }""";

    private static readonly DateTimeOffset Now = new(2026, 11, 29, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_structured_one_is_read_with_its_extensions()
    {
        var told = Assert.Single(await ToldAsync(Structured + "; charset=UTF-8", """
            { "specversion": "1.0", "id": "A 1", "source": "https://erp.example/orders?x=1", "type": "erp.order.released", "subject": "Grüße 😀", "datacontenttype": "application/json; charset=utf-8",
              "partitionkey": "ACME", "sequence": "007", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "count": 3, "flag": true, "gone": null, "data": { "sum": 1.10 } }
            """));

        Assert.Equal(("A 1", "erp.order.released", "https://erp.example/orders?x=1", "Grüße 😀", "ACME"), (told.Id, told.Type, told.Source, told.Subject, told.PartitionKey));
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", told.TraceParent);
        Assert.Equal("""{ "sum": 1.10 }""", Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(told.Data)));
        Assert.Equal(Now, told.Time);
    }

    [Fact]
    public async Task A_batch_is_read_in_its_order_and_an_empty_one_tells_nothing()
    {
        Assert.Equal(["1", "2"], (await ToldAsync(Batched, $"[{Good}, {Good.Replace("\"1\"", "\"2\"", StringComparison.Ordinal)}]")).Select(e => e.Id));
        Assert.Empty(await ToldAsync(Batched, "[]"));
    }

    [Theory]
    [InlineData("application/json", """{"sum":1.10}""")]
    [InlineData("application/vnd.erp.order+json", """{"sum":1.10}""")]
    [InlineData(null, "")]
    public async Task A_binary_one_has_its_attributes_in_headers(string? type, string body)
    {
        var told = Assert.Single(await ToldAsync(type, body, ("ce-specversion", "1.0"), ("CE-Id", "A%201"), ("ce-source", "/erp"), ("ce-type", "erp.order.released"), ("ce-subject", "Euro%20%e2%82%ac%20%F0%9F%98%80"), ("ce-partitionkey", "\"50%25 \\\"off\\\"\""), ("ce-time", "2026-11-29T08:00:00Z"), ("ce-datacontenttype", "text/plain")));

        Assert.Equal(("A 1", "Euro € 😀", "50% \"off\"", Now.AddHours(-1.5)), (told.Id, told.Subject, told.PartitionKey, told.Time));
        Assert.Equal(body.Length == 0 ? "null" : body, Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(told.Data)));
    }

    [Fact]
    public async Task What_is_not_said_is_the_id_for_the_subject_and_now_for_the_time()
    {
        var told = Assert.Single(await ToldAsync(Structured, """{ "specversion": "1.0", "id": "1", "source": "/erp", "type": "erp.order.released" }"""));

        Assert.Equal(("1", null, null, Now), (told.Subject, told.PartitionKey, told.TraceParent, told.Time));
        Assert.Equal(Now.AddSeconds(-1), Assert.Single(await ToldAsync(Structured, Good.Replace("09:30:00.123456789+01:00", "09:29:60Z", StringComparison.Ordinal))).Time);
    }

    [Theory]
    [InlineData("application/cloudevents-batchx+json")] // only begins like one
    [InlineData("application/cloudevents-batch")]
    [InlineData("application/cloudevents")]
    [InlineData("application/cloudevents+xml")]
    [InlineData("application/cloudevents+jsonx")]
    [InlineData("application/cloudeventsx+json")]
    [InlineData("application/cloudevents+json; charset=iso-8859-1")]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/")]
    [InlineData(null)]
    public async Task A_type_that_is_none_is_neither_of_the_others(string? type)
    {
        var wrong = await WrongAsync(type, $"[{Good}]", ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/erp"), ("ce-type", "erp.order.released"));

        Assert.Equal(Failure.UnsupportedMediaType, wrong.Failure);
    }

    [Theory]
    [InlineData("""{ "id": "1", "source": "/erp", "type": "erp.order.released" }""", "#/specversion required")]
    [InlineData("""{ "specversion": "1.0", "source": "/erp", "type": "erp.order.released" }""", "#/id required")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "type": "erp.order.released" }""", "#/source required")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/erp" }""", "#/type required")]
    [InlineData("{}", "#/specversion required", "#/id required", "#/source required", "#/type required")]
    [InlineData("""{ "specversion": "1.0", "id": null, "source": "", "type": 5 }""", "#/type type", "#/id required", "#/source minLength")]
    [InlineData("""{ "specversion": "0.3", "id": "1", "source": "/erp", "type": "erp.order.forged" }""", "#/specversion const", "#/type enum")]
    [InlineData("""{ "specversion": "1.0", "id": "1\n2", "source": "not a uri", "type": "erp.order.released", "subject": "", "time": "yesterday" }""", "#/id pattern", "#/subject minLength", "#/source format", "#/time format")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/erp", "type": "erp.order.released", "Extension": "x", "deep": {}, "datacontenttype": "text/xml", "data": "<a/>" }""", "# propertyNames", "#/deep type", "#/datacontenttype enum")]
    [InlineData("""{ "specversion": "1.0", "id": "1", "source": "/erp", "type": "erp.order.released", "data_base64": "AAAA" }""", "#/data_base64 type")]
    [InlineData("[]", "# type")]
    public async Task What_is_missing_or_wrong_is_named(string body, params string[] expected)
    {
        var wrong = await WrongAsync(Structured, body);

        Assert.Equal(Failure.MalformedRequest, wrong.Failure);
        Assert.Equal(expected, wrong.Findings.Select(f => $"{f.Pointer} {f.Keyword}"));
        if (expected is ["#/id required"]) Assert.Equal("It is no CloudEvent: of id, it is missing, and every CloudEvent has one.", wrong.Detail);
    }

    [Fact]
    public async Task One_that_is_wrong_refuses_its_batch_and_is_told_by_its_place()
    {
        Assert.Equal(["#/1/source"], (await WrongAsync(Batched, $"[{Good}, {Good.Replace("source", "sauce", StringComparison.Ordinal)}]")).Findings.Select(f => f.Pointer));
        Assert.Equal(["#"], (await WrongAsync(Batched, Good)).Findings.Select(f => f.Pointer));
        Assert.Equal(["#/0"], (await WrongAsync(Batched, "[1]")).Findings.Select(f => f.Pointer));
        Assert.Equal(20, (await WrongAsync(Batched, $"[{string.Join(',', Enumerable.Repeat("{}", 99))}]")).Findings.Count);
        Assert.Equal(Failure.BodyTooLarge, (await WrongAsync(Batched, $"[{string.Join(',', Enumerable.Repeat(Good, 501))}]")).Failure);
        Assert.Equal(Failure.MalformedBody, (await WrongAsync(Batched, $"[{Good}")).Failure);
    }

    [Theory]
    [InlineData("ce-id", "%C0%A0", "#/ce-id format")]
    [InlineData("ce-id", "100%", "#/ce-id format")]
    [InlineData("ce-id", "\"open", "#/ce-id format")]
    [InlineData("ce-subject", "Grüße", "#/ce-subject format")]
    [InlineData("ce-subject", "a%00b", "#/ce-subject pattern")]
    [InlineData("ce-my-name", "x", "#/ce-my-name pattern")]
    [InlineData("ce-type", null, "#/ce-type required")]
    [InlineData("ce-source", "", "#/ce-source minLength")]
    [InlineData("ce-time", "2026-11-29 09:30:00", "#/ce-time format")]
    [InlineData("ce-id", "1|2", "#/ce-id maxItems")]
    public async Task A_header_that_says_nothing_is_named(string header, string? value, string expected)
    {
        var headers = new Dictionary<string, string?> { ["ce-specversion"] = "1.0", ["ce-id"] = "1", ["ce-source"] = "/erp", ["ce-type"] = "erp.order.released", [header] = value };

        var wrong = await WrongAsync("application/json", "{}", [.. headers.Where(h => h.Value is not null).Select(h => (h.Key, h.Value!))]);

        Assert.Equal([expected], wrong.Findings.Select(f => $"{f.Pointer} {f.Keyword}"));
        Assert.Equal("header", wrong.Findings[0].In);
    }

    [Fact]
    public async Task What_is_not_signed_is_not_read()
    {
        var headers = Signed(Encoding.UTF8.GetBytes("{}"));
        headers.ContentType = Structured;

        Assert.IsType<HookVerdict.Refused>(await Hook.JudgeAsync(headers, Encoding.UTF8.GetBytes(Good), Now, CancellationToken.None));
    }

    private static CloudEventHook Hook => new(new CloudEventHookOptions { Secrets = [new Secret("secret://env/ERP", Secret)], Types = ["erp.order.released", "erp.order.held"] });

    private static async Task<IReadOnlyList<HookEvent>> ToldAsync(string? type, string body, params (string Name, string Value)[] more) =>
        await JudgeAsync(type, body, more) is var verdict && verdict is HookVerdict.Told told ? told.Events : throw new InvalidOperationException(verdict is HookVerdict.Unreadable wrong ? wrong.Reason : $"{verdict}");

    private static async Task<HookVerdict.Unreadable> WrongAsync(string? type, string body, params (string Name, string Value)[] more) => Assert.IsType<HookVerdict.Unreadable>(await JudgeAsync(type, body, more));

    private static ValueTask<HookVerdict> JudgeAsync(string? type, string body, (string Name, string Value)[] more)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var headers = Signed(bytes);
        if (type is not null) headers.ContentType = type;
        // Two headers of one name stand for each other with a bar.
        foreach (var (name, value) in more) headers[name] = value.Contains('|', StringComparison.Ordinal) ? new StringValues(value.Split('|')) : value;
        return Hook.JudgeAsync(headers, bytes, Now, CancellationToken.None);
    }

    private static IHeaderDictionary Signed(byte[] body)
    {
        var seconds = Now.ToUnixTimeSeconds();
        return new HeaderDictionary
        {
            [WebhookSignature.IdHeader] = "msg_1",
            [WebhookSignature.TimestampHeader] = seconds.ToString(CultureInfo.InvariantCulture),
            [WebhookSignature.SignatureHeader] = WebhookSignature.Sign("msg_1", seconds, body, [Secret]),
        };
    }
}
