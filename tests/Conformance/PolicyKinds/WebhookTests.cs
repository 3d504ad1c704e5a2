using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Xunit;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>Webhooks of other systems, over real sockets. EasyPost's need no clock and stand in the cases of the kind.</summary>
public sealed class WebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Next = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=";
    private const string PathSecret = "odoo-path-secret-of-acme";

    private const string Routes = $$"""
        apis:
          cases:
            owner: us
            routes:
              wms.hook:
                match: POST /hooks/wms
                policies: [authenticate: { webhook: { scheme: standard, consumer: acme-edi, secrets: [secret://demo/{{Secret}}, secret://demo/{{Next}}] } }]
                target: { forward: echo }
              odoo.hook:
                match: POST /hooks/odoo/{key}
                maxBody: 1KB
                policies: [authenticate: { webhook: { scheme: secretPath, consumer: acme-edi, secrets: [secret://demo/{{PathSecret}}], parameter: key } }, contract: { request: stock-query@1 }]
                target: { forward: echo, path: /stock }
              odoo.order:
                match: POST /hooks/orders/{key}
                policies: [authenticate: { webhook: { scheme: secretPath, consumer: acme-edi, secrets: [secret://demo/{{PathSecret}}], parameter: key } }]
                target: { call: odoo/order.create, creates: order }
        """;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 1, 1, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_message_signed_by_any_of_the_secrets_is_its_consumers()
    {
        await using var world = await StartAsync();
        foreach (var (secret, id) in ((string, string)[])[(Secret, "msg_1"), (Next, "msg_2")])
        {
            var answer = await SendAsync(world, Signed(world, id, secret));
            Assert.True(answer.Status == 200, answer.Reason);
            Assert.Equal("acme-edi", answer.Consumer);
            Assert.DoesNotContain("webhook-signature", answer.Body, StringComparison.Ordinal);
            Assert.Contains($"\"webhook-id\":\"{id}\"", answer.Body, StringComparison.Ordinal);
        }
        var several = Signed(world, "msg_3");
        several.Headers.Remove("webhook-signature");
        several.Headers.Add("webhook-signature", $"v1a,bm9uZQ== v1,bm9uZQ== {SignatureOf("msg_3", Secret)}");
        Assert.Equal(200, (await SendAsync(world, several)).Status);
    }

    [Fact]
    public async Task A_message_is_taken_once_and_a_later_attempt_of_its_sender_again()
    {
        await using var world = await StartAsync();
        var first = await SendAsync(world, Signed(world, "msg_1"));

        Assert.Equal(200, first.Status);
        Assert.Equal("request-replayed", (await SendAsync(world, first.Again())).Reason);
        var zeros = first.Again();
        var time = zeros.Headers.GetValues("webhook-timestamp").Single();
        zeros.Headers.Remove("webhook-timestamp");
        zeros.Headers.Add("webhook-timestamp", "0" + time);
        Assert.Equal("request-replayed", (await SendAsync(world, zeros)).Reason);

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await SendAsync(world, Signed(world, "msg_1"))).Status);
    }

    [Fact]
    public async Task What_was_changed_or_signed_wrongly_is_refused()
    {
        await using var world = await StartAsync();
        Dictionary<string, (string Reason, Action<HttpRequestMessage> Tamper)> attacks = new()
        {
            ["another body"] = ("webhook-signature-wrong", m => m.Content = new StringContent("{}")),
            ["another id"] = ("webhook-signature-wrong", m => Put(m, "webhook-id", "msg_2")),
            ["an id with a point"] = ("webhook-malformed", m => Put(m, "webhook-id", "msg.1")),
            ["another time"] = ("webhook-signature-wrong", m => Put(m, "webhook-timestamp", Time(1))),
            ["a time too long ago"] = ("webhook-timestamp-off", m => Put(m, "webhook-timestamp", Time(-301))),
            ["a time too far ahead"] = ("webhook-timestamp-off", m => Put(m, "webhook-timestamp", Time(301))),
            ["a time that is none"] = ("webhook-malformed", m => Put(m, "webhook-timestamp", "now")),
            ["no id"] = ("webhook-malformed", m => m.Headers.Remove("webhook-id")),
            ["two ids"] = ("webhook-signature-wrong", m => m.Headers.Add("webhook-id", "msg_2")),
            ["no time"] = ("webhook-malformed", m => m.Headers.Remove("webhook-timestamp")),
            ["another version of signatures"] = ("webhook-signature-wrong", m => Put(m, "webhook-signature", "v2" + SignatureOf("msg_1", Secret)[2..])),
            ["another secret"] = ("webhook-signature-wrong", m => Put(m, "webhook-signature", SignatureOf("msg_1", "whsec_" + Convert.ToBase64String(new byte[32])))),
            ["an empty signature"] = ("webhook-signature-wrong", m => Put(m, "webhook-signature", "")),
            ["a very long signature"] = ("webhook-malformed", m => Put(m, "webhook-signature", string.Join(' ', Enumerable.Repeat("v1,bm9uZQ==", 500)))),
            ["the signature gone"] = ("credentials-missing", m => m.Headers.Remove("webhook-signature")),
        };
        foreach (var (what, (reason, tamper)) in attacks)
        {
            var message = Signed(world, "msg_1");
            tamper(message);
            var answer = await SendAsync(world, message);
            Assert.True((answer.Status, answer.Reason) == (401, reason), $"{what} was answered {answer.Status} for {answer.Reason}");
            Assert.Equal("Webhook realm=\"gateway\", scheme=\"standard\"", answer.Challenge);
        }
        Assert.Equal(200, (await SendAsync(world, Signed(world, "msg_1"))).Status);
    }

    [Fact]
    public async Task A_secret_in_the_path_shows_nowhere_whatever_becomes_of_the_request()
    {
        await using var world = await StartAsync();
        const string Good = "{\"item\":\"DESK0005\"}";

        var taken = await PostAsync(PathSecret, Good);
        Assert.True(taken.Status == 200, taken.Body);
        Assert.Equal("acme-edi", taken.Consumer);
        Assert.Contains("\"path\":\"/stock\"", taken.Body, StringComparison.Ordinal);
        foreach (var (status, secret, body) in ((int, string, string)[])[(200, PathSecret, Good), (422, PathSecret, "{\"item\":7}"), (413, PathSecret, new string('x', 2000)), (401, PathSecret + "x", Good), (401, "odoo-path-secret-of", Good)])
        {
            var answer = await PostAsync(secret, body);
            Assert.True(answer.Status == status, $"{answer.Status} {answer.Body}");
            Assert.Equal("/hooks/odoo/{key}", answer.Path);
            Assert.DoesNotContain("odoo-path-secret", answer.Body, StringComparison.Ordinal);
        }

        Task<Judged> PostAsync(string secret, string body) => SendAsync(world, new HttpRequestMessage(HttpMethod.Post, new Uri(world.Url, "/hooks/odoo/" + secret))
        {
            Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        });
    }

    /// <summary>Spans as they would be exported.</summary>
    [Fact]
    public async Task A_secret_in_the_path_shows_in_no_span()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var tracing = Sdk.CreateTracerProviderBuilder().AddAspNetCoreInstrumentation().AddProcessor(new Kept(spans)).Build();
        await using var world = await StartAsync();
        using var http = new HttpClient();
        foreach (var (method, secret, status) in ((HttpMethod, string, int)[])[(HttpMethod.Post, PathSecret, 200), (HttpMethod.Post, PathSecret + "x", 401), (HttpMethod.Get, PathSecret, 405)])
        {
            using var request = new HttpRequestMessage(method, new Uri(world.Url, "/hooks/odoo/" + secret)) { Content = new StringContent("{\"item\":\"DESK0005\"}", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
            using var answer = await http.SendAsync(request, Cancellation);
            Assert.Equal(status, (int)answer.StatusCode);
        }
        for (var tries = 0; tries < 200 && Served().Count < 3; tries++) await Task.Delay(25, Cancellation);

        Assert.Equal(3, Served().Count);
        Assert.Contains(Served(), span => (string?)span.GetTagItem("url.path") == "/hooks/odoo/{key}" && (string?)span.GetTagItem("gateway.route") == "odoo.hook");
        Assert.All(Served(), span => Assert.DoesNotContain(PathSecret, string.Join(' ', span.TagObjects.Select(t => $"{t.Value}").Append(span.DisplayName)), StringComparison.Ordinal));

        List<Activity> Served() => [.. spans.Where(span => span.Kind == ActivityKind.Server && (int?)span.GetTagItem("server.port") == world.Url.Port)];
    }

    [Fact]
    public async Task A_secret_in_the_path_is_no_part_of_the_address_of_what_was_created()
    {
        await using var world = await StartAsync();
        var order = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "examples", "order@1.json")))!;
        using var http = new HttpClient();

        using var answer = await http.PostAsync(new Uri(world.Url, "/hooks/orders/" + PathSecret), new StringContent(order.ToJsonString(), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")), Cancellation);

        Assert.DoesNotContain(PathSecret, answer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(PathSecret, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.NotEqual(401, (int)answer.StatusCode);
    }

    private sealed class Kept(ConcurrentQueue<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Enqueue(data);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<KindWorld> StartAsync() => KindWorld.StartAsync([new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes }], clock: _clock);

    private static Task<Judged> SendAsync(KindWorld world, HttpRequestMessage message) => Judged.SendAsync(world, message, Cancellation);

    private string Time(int offset = 0) => (_clock.GetUtcNow().ToUnixTimeSeconds() + offset).ToString(CultureInfo.InvariantCulture);

    private string SignatureOf(string id, string secret) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{Time()}.{{\"moved\":1}}")));

    private HttpRequestMessage Signed(KindWorld world, string id, string secret = Secret)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Url, "/hooks/wms")) { Content = new StringContent("{\"moved\":1}") };
        message.Headers.Add("webhook-id", id);
        message.Headers.Add("webhook-timestamp", Time());
        message.Headers.Add("webhook-signature", SignatureOf(id, secret));
        return message;
    }

    private static void Put(HttpRequestMessage message, string header, string value)
    {
        message.Headers.Remove(header);
        message.Headers.TryAddWithoutValidation(header, value);
    }
}
