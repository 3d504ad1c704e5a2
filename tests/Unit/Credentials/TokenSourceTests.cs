using Gateway.Adapters.Http;
using Gateway.Tests.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Credentials;

/// <summary>Tokens by client credentials, from an authorization server on real sockets.</summary>
public sealed class TokenSourceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
    private TokenEndpoint _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TokenEndpoint.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task However_many_ask_at_once_the_server_is_asked_once()
    {
        await using var backend = Open();
        var gate = new TaskCompletionSource();
        _server.Gate = gate.Task;

        var all = Enumerable.Range(0, 64).Select(_ => Task.Run(() => ShowAsync(backend), Cancellation)).ToList();
        while (_server.Calls == 0) await Task.Delay(5, Cancellation);
        gate.SetResult();
        var shown = await Task.WhenAll(all);

        Assert.Single(shown.Select(s => s.Value).Distinct());
        Assert.StartsWith("Bearer ey", shown[0].Value, StringComparison.Ordinal);
        Assert.Equal(1, _server.Calls);
    }

    [Fact]
    public async Task A_token_is_kept_and_renewed_before_it_ends_without_anybody_waiting()
    {
        await using var backend = Open();
        var first = (await ShowAsync(backend)).Value;

        _clock.Advance(TimeSpan.FromMinutes(35));
        Assert.Same(first, (await ShowAsync(backend)).Value);
        Assert.Equal(1, _server.Calls);

        var gate = new TaskCompletionSource();
        _server.Gate = gate.Task;
        _clock.Advance(TimeSpan.FromMinutes(14));
        var renewing = backend.Credential.ShowAsync(Cancellation);
        Assert.True(renewing.IsCompletedSuccessfully);
        Assert.Same(first, (await renewing).Value);
        gate.SetResult();

        var second = first;
        for (var i = 0; i < 500 && second == first; i++)
        {
            await Task.Delay(10, Cancellation);
            second = (await ShowAsync(backend)).Value;
        }
        Assert.NotEqual(first, second);
        Assert.Equal(2, _server.Calls);
    }

    [Fact]
    public async Task A_token_that_has_ended_is_shown_to_nobody()
    {
        await using var backend = Open();
        var first = (await ShowAsync(backend)).Value;

        _clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(10));

        Assert.NotEqual(first, (await ShowAsync(backend)).Value);
        Assert.Equal(2, _server.Calls);
    }

    [Fact]
    public async Task What_is_asked_is_what_was_declared()
    {
        await using var plain = Open();
        await using var full = Open(o => o with { SecretIn = SecretPlace.Body, Scopes = ["stock.read", "orders.read"] });

        Assert.Null((await ShowAsync(plain)).Trouble);
        Assert.Null((await ShowAsync(full)).Trouble);

        var asked = _server.Asked.ToArray();
        Assert.Equal(["grant_type"], asked[0].Keys);
        Assert.Equal(
            ("client_credentials", "stock.read orders.read", "gateway", _server.ClientSecret),
            (asked[1]["grant_type"], asked[1]["scope"], asked[1]["client_id"], asked[1]["client_secret"]));
    }

    [Fact]
    public async Task A_server_that_fails_is_left_alone_for_a_moment_and_then_asked_again()
    {
        await using var backend = Open();
        _server.Fails = 503;

        var shown = await ShowAsync(backend);
        Assert.Null(shown.Value);
        Assert.Equal("no token for 'wms': the token endpoint answered 503", shown.Trouble);
        Assert.Equal(TimeSpan.FromSeconds(1), shown.RetryAfter);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ShowAsync(backend)));
        Assert.Equal(1, _server.Calls);

        _server.Fails = null;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await ShowAsync(backend)).Value);
        Assert.Equal(2, _server.Calls);
    }

    [Fact]
    public async Task A_token_that_can_t_be_renewed_is_shown_until_it_ends()
    {
        await using var backend = Open();
        var first = (await ShowAsync(backend)).Value;
        _server.Fails = 500;

        for (var minutes = 50; minutes < 59; minutes++)
        {
            _clock.Advance(TimeSpan.FromMinutes(minutes == 50 ? 50 : 1));
            Assert.Same(first, (await ShowAsync(backend)).Value);
        }
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.NotNull((await ShowAsync(backend)).Trouble);
    }

    [Fact]
    public async Task A_refused_client_is_told_by_its_code_and_neither_by_secret_nor_address()
    {
        await using var backend = Open(o => o with { ClientSecret = new Secret("secret://env/WRONG", "not-the-secret") });

        var trouble = (await ShowAsync(backend)).Trouble;

        Assert.Equal("no token for 'wms': the token endpoint answered 401 invalid_client", trouble);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_no_exception()
    {
        await using var backend = Open(o => o with { TokenUrl = new Uri("http://127.0.0.1:1/token") });

        Assert.Equal("no token for 'wms': the token endpoint can't be reached (ConnectionError)", (await ShowAsync(backend)).Trouble);
    }

    [Fact]
    public async Task A_token_that_the_backend_refuses_is_given_up_once_in_half_a_minute()
    {
        await using var backend = Open();
        var first = (await ShowAsync(backend)).Value!;

        Assert.True(backend.Credential.Renew(first));
        var second = (await ShowAsync(backend)).Value!;
        Assert.NotEqual(first, second);
        // Another request was refused with the first one too: the second was not tried yet.
        Assert.True(backend.Credential.Renew(first));
        Assert.Same(second, (await ShowAsync(backend)).Value);

        Assert.False(backend.Credential.Renew(second));
        Assert.Same(second, (await ShowAsync(backend)).Value);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(backend.Credential.Renew(second));
        Assert.NotEqual(second, (await ShowAsync(backend)).Value);
        Assert.Equal(3, _server.Calls);
    }

    [Fact]
    public async Task A_client_secret_that_was_replaced_in_its_file_is_the_one_that_is_used()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, _server.ClientSecret, Cancellation);
            await using var backend = Open(o => o with { ClientSecret = new FileSecret("secret://file/x", file, _clock) });
            await File.WriteAllTextAsync(file, "the next one", Cancellation);
            _server.ClientSecret = "the next one";

            Assert.Null((await ShowAsync(backend)).Trouble);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_token_at_hand_costs_no_allocation()
    {
        await using var backend = Open();
        await ShowAsync(backend);
        Ask(backend.Credential, 1000, Cancellation);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var atOnce = Ask(backend.Credential, 1000, Cancellation);

        Assert.Equal((0, 1000), (GC.GetAllocatedBytesForCurrentThread() - before, atOnce));
    }

    /// <summary>How often there was a value at once.</summary>
    private static int Ask(Credential credential, int times, CancellationToken cancellation)
    {
        var atOnce = 0;
        for (var i = 0; i < times; i++)
        {
            var shown = credential.ShowAsync(cancellation);
            if (shown.IsCompletedSuccessfully && shown.Result.Value is not null) atOnce++;
        }
        return atOnce;
    }

    [Fact]
    public async Task Who_hangs_up_does_not_end_the_call_of_the_others()
    {
        await using var backend = Open();
        var gate = new TaskCompletionSource();
        _server.Gate = gate.Task;
        using var hangsUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var gone = backend.Credential.ShowAsync(hangsUp.Token).AsTask();
        var stays = ShowAsync(backend);
        await hangsUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        gate.SetResult();

        Assert.NotNull((await stays).Value);
        Assert.Equal(1, _server.Calls);
    }

    private Backend Open(Func<Oauth2Options, Oauth2Options>? change = null)
    {
        var options = new Oauth2Options { TokenUrl = _server.Url, ClientId = "gateway", ClientSecret = new Secret("secret://env/SECRET", _server.ClientSecret) };
        return new HttpAdapter(NullLoggerFactory.Instance, Outside.World).Open(
            "wms",
            new HttpBackendOptions { Adapter = "http", Url = new Uri("http://wms.internal"), Credential = new CredentialOptions { Oauth2 = change?.Invoke(options) ?? options } },
            _clock);
    }

    private static Task<Shown> ShowAsync(Backend backend) => backend.Credential.ShowAsync(Cancellation).AsTask();
}
