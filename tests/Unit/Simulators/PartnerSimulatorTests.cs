using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

public sealed class PartnerSimulatorTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Timestamp = "1614265330";
    private const string Body = """{"test": 2432232314}""";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Signs_the_published_example_as_published() =>
        Assert.Equal(Signature, StandardWebhooks.Sign(Secret, Id, Timestamp, Encoding.UTF8.GetBytes(Body)));

    [Theory]
    [InlineData(Signature, Timestamp, Body, 0, null)]
    [InlineData("v1,AAAA v1a,xyz " + Signature, Timestamp, Body, 299, null)]
    [InlineData("v1,AAAA", Timestamp, Body, 0, "no signature in webhook-signature fits")]
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Timestamp, Body, 0, "no signature in webhook-signature fits")]
    [InlineData(Signature, Timestamp, """{"test": 2432232315}""", 0, "no signature in webhook-signature fits")]
    [InlineData(Signature, "1614265331", Body, 0, "no signature in webhook-signature fits")]
    [InlineData(Signature, Timestamp, Body, 301, "webhook-timestamp is more than five minutes away")]
    [InlineData(Signature, Timestamp, Body, -301, "webhook-timestamp is more than five minutes away")]
    [InlineData(Signature, "yesterday", Body, 0, "webhook-timestamp is not a number of seconds")]
    [InlineData("", Timestamp, Body, 0, "one of the headers webhook-id, webhook-timestamp, webhook-signature is missing")]
    public void Verifies(string signature, string timestamp, string body, int secondsLater, string? wrong) => Assert.Equal(wrong,
        StandardWebhooks.WhatIsWrong(Secret, Id, timestamp, signature, Encoding.UTF8.GetBytes(body),
            Then.AddSeconds(secondsLater)));

    [Fact]
    public async Task Stores_every_attempt_and_can_be_told_to_refuse()
    {
        var clock = new FakeTimeProvider(Then);
        await using var partner = await PartnerSimulator.StartAsync(new() { Secret = Secret, Clock = clock });
        using var http = new HttpClient { BaseAddress = partner.Url };
        using var told = await http.PostAsJsonAsync("/_answer", new { status = 503, count = 1 }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        Assert.Equal([HttpStatusCode.ServiceUnavailable, HttpStatusCode.NoContent, HttpStatusCode.Unauthorized],
            [await PostAsync(http, Signature), await PostAsync(http, Signature), await PostAsync(http, "v1,AAAA")]);
        Assert.Equal([true, true, false], partner.Received.Select(webhook => webhook.IsValid));
        var listed = await http.GetFromJsonAsync<JsonArray>("/received", Cancellation);
        Assert.Equal((Id, Timestamp, Body, true, 503),
            ((string)listed![0]!["id"]!, (string)listed[0]!["timestamp"]!, (string)listed[0]!["body"]!,
                (bool)listed[0]!["valid"]!, (int)listed[0]!["status"]!));
        using var forgotten = await http.DeleteAsync("/received", Cancellation);
        Assert.Empty(partner.Received);
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks");
        request.Content = new StringContent(Body, Encoding.UTF8, "application/json");
        request.Headers.Add("webhook-id", Id);
        request.Headers.Add("webhook-timestamp", Timestamp);
        request.Headers.Add("webhook-signature", signature);
        using var response = await http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }
}
