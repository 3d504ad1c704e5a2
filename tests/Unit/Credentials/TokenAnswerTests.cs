using System.Net;
using System.Text;
using Gateway.Adapters.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Credentials;

/// <summary>Answers of token endpoints (RFC 6749 sections 5.1 and 5.2), good and hostile.</summary>
public sealed class TokenAnswerTests
{
    private const string NoToken = "the token endpoint gave no bearer token";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(200, """{"access_token":"t","token_type":"bearer"}""", "")]
    [InlineData(200, """{"access_token":"t","token_type":"mac"}""", NoToken)]
    [InlineData(200, """{"access_token":"t"}""", NoToken)]
    [InlineData(200, """{"token_type":"Bearer"}""", NoToken)]
    [InlineData(200, """{"access_token":"","token_type":"Bearer"}""", NoToken)]
    [InlineData(200, """{"access_token":7,"token_type":"Bearer"}""", NoToken)]
    [InlineData(200, """{"access_token":"t\r\nX-Admin: 1","token_type":"Bearer"}""", NoToken)]
    [InlineData(200, """{"access_token":"té","token_type":"Bearer"}""", NoToken)]
    [InlineData(200, "<html>sign in</html>", "the token endpoint answered 200")]
    [InlineData(200, "[]", "the token endpoint answered 200")]
    [InlineData(302, "", "the token endpoint answered 302")]
    [InlineData(400, """{"error":"invalid_scope","error_description":"secret things"}""", "the token endpoint answered 400 invalid_scope")]
    [InlineData(400, """{"error":"one\ntwo"}""", "the token endpoint answered 400")]
    public async Task Only_a_bearer_token_that_a_header_can_carry_is_taken(int status, string body, string trouble)
    {
        await using var backend = Open(_ => (status, body));

        var shown = await backend.Credential.ShowAsync(TestContext.Current.CancellationToken);

        Assert.Equal(trouble.Length == 0 ? ("Bearer t", null) : (null, "no token for 'wms': " + trouble), (shown.Value, shown.Trouble));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await using var backend = Open(_ => (200, $$"""{"access_token":"{{new string('x', 70_000)}}","token_type":"Bearer"}"""));

        Assert.NotNull((await backend.Credential.ShowAsync(TestContext.Current.CancellationToken)).Trouble);
    }

    [Theory]
    [InlineData("", 289, 291)]
    [InlineData(",\"expires_in\":\"3600\"", 3589, 3591)]
    [InlineData(",\"expires_in\":3600", 3589, 3591)]
    [InlineData(",\"expires_in\":0", 289, 291)]
    [InlineData(",\"expires_in\":-5", 289, 291)]
    [InlineData(",\"expires_in\":\"soon\"", 289, 291)]
    [InlineData(",\"expires_in\":1e300", 86389, 86391)]
    public async Task A_token_is_kept_as_long_as_it_says_and_a_little_less(string life, int kept, int ended)
    {
        var calls = 0;
        // From the second call on the server fails, so that the first token can't be renewed.
        await using var backend = Open(_ => calls++ == 0 ? (200, $$"""{"access_token":"t","token_type":"Bearer"{{life}}}""") : (500, ""));
        await backend.Credential.ShowAsync(TestContext.Current.CancellationToken);

        _clock.Advance(TimeSpan.FromSeconds(kept));
        Assert.Equal("Bearer t", (await backend.Credential.ShowAsync(TestContext.Current.CancellationToken)).Value);
        _clock.Advance(TimeSpan.FromSeconds(ended - kept));
        Assert.Null((await backend.Credential.ShowAsync(TestContext.Current.CancellationToken)).Value);
    }

    [Fact]
    public async Task An_audience_is_asked_for_where_one_is_declared()
    {
        var form = "";
        await using var backend = Open(request =>
        {
            form = new StreamReader(request.Content!.ReadAsStream()).ReadToEnd();
            return (400, "");
        });

        await backend.Credential.ShowAsync(TestContext.Current.CancellationToken);

        Assert.Equal("grant_type=client_credentials&audience=api%3A%2F%2Fwms", form);
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(0, 1)]
    [InlineData(86400, 60)]
    public async Task A_server_that_says_when_to_come_again_is_obeyed_within_bounds(int said, int waited)
    {
        await using var backend = Open(_ => (429, ""), TimeSpan.FromSeconds(said));

        Assert.Equal(TimeSpan.FromSeconds(waited), (await backend.Credential.ShowAsync(TestContext.Current.CancellationToken)).RetryAfter);
    }

    private Backend Open(Func<HttpRequestMessage, (int Status, string Body)> answer, TimeSpan? retryAfter = null) => new HttpAdapter(NullLoggerFactory.Instance, new Answering(answer, retryAfter)).Open(
        "wms",
        new HttpBackendOptions
        {
            Adapter = "http",
            Url = new Uri("http://wms.internal"),
            Credential = new CredentialOptions { Oauth2 = new Oauth2Options { TokenUrl = new Uri("https://login.example/token"), ClientId = "gateway", ClientSecret = new Secret("secret://env/S", "s"), Audience = "api://wms" } },
        },
        _clock);

    /// <summary>A way out on which the token endpoint answers what a test says.</summary>
    private sealed class Answering(Func<HttpRequestMessage, (int Status, string Body)> answer, TimeSpan? retryAfter) : Outside
    {
        public override HttpMessageHandler Tokens(string backend, Func<HttpMessageHandler> connections) => new Endpoint(answer, retryAfter);

        private sealed class Endpoint(Func<HttpRequestMessage, (int Status, string Body)> answer, TimeSpan? retryAfter) : HttpMessageHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var (status, body) = answer(request);
                var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                if (retryAfter is { } wait) response.Headers.RetryAfter = new(wait);
                return Task.FromResult(response);
            }
        }
    }
}
