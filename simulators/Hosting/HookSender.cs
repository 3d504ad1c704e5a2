using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Gateway.Simulators;

/// <summary>Where a simulator sends its webhooks, and what it signs them with.</summary>
/// <param name="Url">The receiver.</param>
/// <param name="Secret">As the signature's scheme wants it; empty where the simulator signs with a key of its own.</param>
public sealed record HookTarget(Uri Url, string Secret = "");

/// <summary>
/// Sends a simulator's webhooks, one after the other and in their order, again where the receiver does not take one. The chaos sends them twice, late,
/// with a wrong clock, or not at all.
/// </summary>
internal sealed class HookSender : IAsyncDisposable
{
    private const int Tries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>How long one is kept back when no other comes that it could be later than.</summary>
    private static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Queued> _queue = Channel.CreateUnbounded<Queued>();
    private readonly HookTarget _target;
    private readonly Chaos _chaos;
    private readonly TimeProvider _clock;
    private readonly Action<HttpRequestHeaders, HookToSign> _sign;
    private readonly Task _sending;
    private readonly ConcurrentQueue<string> _taken = new();
    private readonly Queue<Queued> _late = new();

    public HookSender(HookTarget target, Chaos chaos, TimeProvider clock, Action<HttpRequestHeaders, HookToSign> sign)
    {
        (_target, _chaos, _clock, _sign) = (target, chaos, clock, sign);
        _sending = Task.Run(RunAsync);
    }

    /// <summary>Ids of what the receiver has acknowledged, in order, and again where it was sent again.</summary>
    public IReadOnlyList<string> Taken => [.. _taken];

    /// <summary>Puts one in the queue.</summary>
    /// <param name="id">The same over its attempts.</param>
    /// <param name="topic">What it is about, where a header says that.</param>
    public void Send(string id, JsonNode? body, string? topic = null) => _queue.Writer.TryWrite(new Queued(id, Encoding.UTF8.GetBytes(body?.ToJsonString() ?? "null"), topic));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var rule = new ChaosRule(ChaosMode.None);
            if (_late.Count == 0 || await IsThereAnotherAsync())
            {
                var message = await _queue.Reader.ReadAsync(_stop.Token);
                rule = _chaos.TakeHook();
                if (rule.Mode == ChaosMode.HookLost) continue;
                if (rule.Mode == ChaosMode.HookLate)
                {
                    _late.Enqueue(message);
                    continue;
                }
                await DeliverAsync(message, rule);
                if (rule.Mode == ChaosMode.HookTwice) await DeliverAsync(message, rule);
            }
            while (_late.TryDequeue(out var late)) await DeliverAsync(late, rule);
        }
    }

    private async Task<bool> IsThereAnotherAsync()
    {
        try
        {
            return await _queue.Reader.WaitToReadAsync(_stop.Token).AsTask().WaitAsync(LongestKept, _stop.Token);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task DeliverAsync(Queued message, ChaosRule rule)
    {
        for (var attempt = 1; attempt <= Tries; attempt++)
        {
            if (await TryAsync(message, rule)) return;
            await Task.Delay(Pause * attempt, _stop.Token);
        }
    }

    private async Task<bool> TryAsync(Queued message, ChaosRule rule)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _target.Url) { Content = new ByteArrayContent(message.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var skew = rule.Mode == ChaosMode.HookSkew ? TimeSpan.FromMilliseconds(rule.Milliseconds) : TimeSpan.Zero;
        _sign(request.Headers, new HookToSign(_target.Secret, message.Id, _clock.GetUtcNow() + skew, message.Body, message.Topic));
        try
        {
            using var response = await _http.SendAsync(request, _stop.Token);
            if (!response.IsSuccessStatusCode) return false;
            _taken.Enqueue(message.Id);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private sealed record Queued(string Id, byte[] Body, string? Topic);
}

/// <summary>What a signature is made of.</summary>
internal sealed record HookToSign(string Secret, string Id, DateTimeOffset At, byte[] Body, string? Topic);
