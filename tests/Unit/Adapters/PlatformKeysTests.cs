using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Adapters.Rest;
using Gateway.Adapters.Tms;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>When the platform is asked for the keys of its webhooks, and which of them are taken.</summary>
public sealed class PlatformKeysTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly PlatformKeys _keys;
    private RestReply _answer = RestReply.NotSent("nobody is there");
    private int _asked;

    public PlatformKeysTests() => _keys = new PlatformKeys(
        () =>
        {
            _asked++;
            return Task.FromResult(_answer);
        },
        _clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _rsa.Dispose();

    [Fact]
    public async Task The_set_is_asked_for_once_in_an_hour()
    {
        _answer = SetOf(Rsa("a"));

        for (var i = 0; i < 50; i++) Assert.True(await HasAsync("a"));
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.True(await HasAsync("a"));
        Assert.Equal(1, _asked);
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.True(await HasAsync("a"));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task Many_at_once_are_one_question()
    {
        var come = new TaskCompletionSource<RestReply>();
        var asked = 0;
        var keys = new PlatformKeys(
            () =>
            {
                asked++;
                return come.Task;
            },
            _clock);
        var waiting = Enumerable.Range(0, 32).Select(_ => keys.FindAsync("a", Cancellation).AsTask()).ToList();

        come.SetResult(SetOf(Rsa("a")));

        Assert.All(await Task.WhenAll(waiting), found => Assert.NotNull(found.Key));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_key_that_is_new_is_found_and_one_that_is_published_no_more_does_not_hold()
    {
        _answer = SetOf(Rsa("a"));
        Assert.True(await HasAsync("a"));
        _answer = SetOf(Rsa("b"));
        _clock.Advance(TimeSpan.FromSeconds(31));

        Assert.True(await HasAsync("b"));
        Assert.Equal((null, null), await _keys.FindAsync("a", Cancellation));
    }

    [Fact]
    public async Task Who_knocks_with_unknown_keys_makes_no_more_than_two_questions_a_minute()
    {
        _answer = SetOf(Rsa("a"));
        for (var second = 0; second < 60; second++)
        {
            Assert.Equal((null, null), await _keys.FindAsync($"unknown-{second}", Cancellation));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task While_there_is_no_answer_nobody_can_say_and_known_keys_hold_on()
    {
        var (key, trouble) = await _keys.FindAsync("a", Cancellation);
        Assert.Null(key);
        Assert.Contains("nobody is there", trouble, StringComparison.Ordinal);
        _answer = SetOf(Rsa("a"));
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True(await HasAsync("a"));
        _answer = RestReply.NotSent("nobody is there");
        _clock.Advance(TimeSpan.FromHours(2));

        Assert.True(await HasAsync("a"));
        Assert.NotNull((await _keys.FindAsync("b", Cancellation)).Trouble);
    }

    [Theory]
    [InlineData("EC", "sig", "RS256", 2048)]
    [InlineData("RSA", "enc", "RS256", 2048)]
    [InlineData("RSA", "sig", "RS512", 2048)]
    [InlineData("RSA", "sig", "RS256", 1024)]
    public async Task What_is_no_key_for_such_signatures_is_none(string type, string use, string algorithm, int bits)
    {
        using var small = RSA.Create(bits);
        _answer = SetOf(Rsa("a", small, type, use, algorithm), Rsa("b"));

        Assert.False(await HasAsync("a"));
        Assert.True(await HasAsync("b"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{ "keys": { } }""")]
    public async Task What_is_no_set_is_no_answer(string body)
    {
        _answer = new RestReply(OperationStatus.Done) { Value = JsonElement.Parse(body) };

        Assert.Contains("no set of keys", (await _keys.FindAsync("a", Cancellation)).Trouble, StringComparison.Ordinal);
    }

    private async Task<bool> HasAsync(string id) => (await _keys.FindAsync(id, Cancellation)).Key is not null;

    private string Rsa(string id, RSA? rsa = null, string type = "RSA", string use = "sig", string algorithm = "RS256")
    {
        var key = (rsa ?? _rsa).ExportParameters(false);
        return $$"""{ "kty": "{{type}}", "use": "{{use}}", "alg": "{{algorithm}}", "kid": "{{id}}", "n": "{{Base64Url.EncodeToString(key.Modulus)}}", "e": "{{Base64Url.EncodeToString(key.Exponent)}}" }""";
    }

    private static RestReply SetOf(params string[] keys) => new(OperationStatus.Done) { Value = JsonElement.Parse($$"""{ "keys": [{{string.Join(',', keys)}}] }""") };
}
