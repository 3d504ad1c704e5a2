using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Storm;

/// <summary>A partner's program that does as the problem pages say: it asks again, under the same key, until an answer says what became of it.</summary>
internal sealed class Asking(StormWorld world, string key, Complaints complaints) : IDisposable
{
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(4);

    private readonly Caller _caller = new(world.Url, key);
    private readonly Caller _hasty = new(world.Url, key, patience: TimeSpan.FromMilliseconds(250));
    private int _asked;

    /// <summary>One request; null when the gateway died over it, or was dead.</summary>
    public async Task<Answered?> OnceAsync(string method, string path, string? body = null, string? idempotencyKey = null)
    {
        try
        {
            return await SendAsync(_caller, method, path, body, idempotencyKey);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            complaints.Add($"{method} {path} [{idempotencyKey}]: no answer in 30 s");
            return null;
        }
    }

    private async Task<Answered?> SendAsync(Caller caller, string method, string path, string? body, string? idempotencyKey)
    {
        var life = world.Life;
        try
        {
            var answer = await caller.SendAsync(method, path, body, idempotencyKey);
            complaints.Judge($"{method} {path} [{idempotencyKey}]", answer);
            return answer;
        }
        // The client tells it bare where the connection ends while it is being made.
        catch (Exception cut) when (cut is HttpRequestException or SocketException or IOException)
        {
            if (life is not null && world.Life == life) complaints.Add($"{method} {path} [{idempotencyKey}]: {cut.Message} {cut.InnerException?.Message}");
            return null;
        }
    }

    /// <summary>One request of which the caller does not wait for the answer.</summary>
    private async Task HangUpAsync(string method, string path, string? body, string? idempotencyKey)
    {
        try
        {
            await SendAsync(_hasty, method, path, body, idempotencyKey);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            // It goes on without its caller, or it doesn't; who asks again hears of it.
        }
    }

    /// <summary>The answer that says what became of it. Now and then the first request is one that its caller hangs up on.</summary>
    public async Task<Answered> UntilKnownAsync(string method, string path, string? body = null, string? idempotencyKey = null)
    {
        if (Interlocked.Increment(ref _asked) % 7 == 0) await HangUpAsync(method, path, body, idempotencyKey);
        for (var since = Stopwatch.StartNew(); ;)
        {
            var answer = await OnceAsync(method, path, body, idempotencyKey);
            if (answer is not null && IsKnown(answer)) return answer;
            if (since.Elapsed > LongestPatience) throw new TimeoutException($"{method} {path} [{idempotencyKey}] is not known after {LongestPatience}: {answer?.Status} {answer?.Body}");
            await Task.Delay(Wait(answer), TestContext.Current.CancellationToken);
        }
    }

    private static bool IsKnown(Answered answer) => answer switch
    {
        { Status: 409 } => answer.Problem == "reference-conflict",
        { Status: 408 or 429 or >= 500 } => false,
        _ => true,
    };

    /// <summary>What it was told to wait, and a second at most: who comes too early is only told so again.</summary>
    private static TimeSpan Wait(Answered? answer) =>
        answer?.Header("Retry-After") is { Length: > 0 } told && int.TryParse(told, CultureInfo.InvariantCulture, out _) ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(250);

    public void Dispose()
    {
        _caller.Dispose();
        _hasty.Dispose();
    }
}
