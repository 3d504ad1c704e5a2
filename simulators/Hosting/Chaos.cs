using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulators;

/// <summary>The misbehaviour of one simulator: one rule, or several at once, of which a request meets the first that hits it. Replaced whole.</summary>
public sealed class Chaos
{
    private readonly TimeProvider _clock;
    private readonly Func<JsonObject> _closed;
    private readonly Lock _gate = new();
    private InForce[] _rules;
    private TaskCompletionSource<bool> _release = NewRelease();

    /// <param name="closed">The body of an answer in a maintenance window, JSON.</param>
    internal Chaos(TimeProvider clock, Func<JsonObject> closed) =>
        (_clock, _closed, _rules) = (clock, closed, [new InForce(new ChaosRule(ChaosMode.None), clock)]);

    /// <summary>The rules in force, one at least.</summary>
    public IReadOnlyList<ChaosRule> Rules
    {
        get { lock (_gate) return [.. _rules.Select(one => one.Rule)]; }
    }

    /// <summary>How many requests the rules in force have hit, together.</summary>
    public int Hits
    {
        get { lock (_gate) return _rules.Sum(one => one.Hits); }
    }

    /// <summary>How many requests each of the rules in force has hit, in their order.</summary>
    public IReadOnlyList<int> HitsOfEach
    {
        get { lock (_gate) return [.. _rules.Select(one => one.Hits)]; }
    }

    /// <summary>How many requests are held now.</summary>
    public int Held { get; private set; }

    /// <summary>Puts rules in force. Requests that are held go on; under <see cref="ChaosMode.Down"/> they are lost.</summary>
    /// <param name="next">One at least.</param>
    public void Set(params IReadOnlyList<ChaosRule> next)
    {
        if (next.Count == 0) throw new ArgumentException("no rule", nameof(next));
        TaskCompletionSource<bool> held;
        lock (_gate)
        {
            _rules = [.. next.Select(rule => new InForce(rule, _clock))];
            held = _release;
            _release = NewRelease();
        }
        held.SetResult(next.All(rule => rule.Mode != ChaosMode.Down));
    }

    /// <summary>Behaves again and releases what is held.</summary>
    public void Heal() => Set(new ChaosRule(ChaosMode.None));

    /// <summary>Runs one request under the rule in force.</summary>
    /// <param name="path">What rules know it by.</param>
    internal async Task RunAsync(HttpContext http, string path, RequestDelegate work)
    {
        var (hit, released) = Take(http.Request.Method, path);
        switch (hit.Mode)
        {
            case ChaosMode.Latency:
                await Task.Delay(TimeSpan.FromMilliseconds(hit.Milliseconds), _clock);
                await work(http);
                break;
            case ChaosMode.Error:
                await AnswerErrorAsync(http, hit);
                break;
            case ChaosMode.ErrorAfterWork:
                await WorkAsideAsync(http, work);
                await AnswerErrorAsync(http, hit);
                break;
            case ChaosMode.Maintenance:
                http.Response.Headers.RetryAfter = (hit.RetryAfter ?? 30).ToString();
                await Answer.JsonAsync(http, 503, _closed());
                break;
            case ChaosMode.DropBefore or ChaosMode.Down:
                http.Abort();
                break;
            case ChaosMode.DropAfterWork:
                await WorkAsideAsync(http, work);
                http.Abort();
                break;
            case ChaosMode.HoldBefore:
                if (await HeldAsync(released))
                    await work(http);
                else
                    http.Abort();
                break;
            case ChaosMode.HoldAfter:
                var answer = await WorkAsideAsync(http, work);
                if (await HeldAsync(released))
                    await http.Response.Body.WriteAsync(answer);
                else
                    http.Abort();
                break;
            default:
                await work(http);
                break;
        }
    }

    /// <summary>What happens to the next webhook.</summary>
    internal ChaosRule TakeHook()
    {
        lock (_gate)
            return Spend(rule => rule.IsOfHooks);
    }

    private (ChaosRule Rule, Task<bool> Release) Take(string method, string path)
    {
        lock (_gate)
            return (Spend(rule => !rule.IsOfHooks && (rule.Path is null || path.Contains(rule.Path, StringComparison.Ordinal))
                && (rule.Method is null || rule.Method.Equals(method, StringComparison.OrdinalIgnoreCase))), _release.Task);
    }

    /// <summary>Under the gate: the first of the rules that match and hit this one; else none.</summary>
    private ChaosRule Spend(Func<ChaosRule, bool> matches) =>
        _rules.FirstOrDefault(one => matches(one.Rule) && one.Hit())?.Rule ?? new ChaosRule(ChaosMode.None);

    private async Task<bool> HeldAsync(Task<bool> released)
    {
        lock (_gate)
            Held++;
        var goOn = await released;
        lock (_gate)
            Held--;
        return goOn;
    }

    /// <summary>Works with the answer kept back: status and headers stay on the response, the body is returned.</summary>
    private static async Task<ReadOnlyMemory<byte>> WorkAsideAsync(HttpContext http, RequestDelegate work)
    {
        var wire = http.Response.Body;
        using var aside = new MemoryStream();
        http.Response.Body = aside;
        await work(http);
        http.Response.Body = wire;
        return aside.ToArray();
    }

    private static async Task AnswerErrorAsync(HttpContext http, ChaosRule hit)
    {
        http.Response.Clear();
        http.Response.StatusCode = hit.Status;
        http.Response.ContentType = "text/html; charset=utf-8";
        if (hit.RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString();
        await http.Response.WriteAsync($"<html><head><title>{hit.Status}</title></head><body><h1>{hit.Status}</h1></body></html>\n");
    }

    /// <summary>A rule, and what it has done.</summary>
    private sealed class InForce(ChaosRule rule, TimeProvider clock)
    {
        private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

        /// <summary>When those came that were spared within the last second.</summary>
        private readonly Queue<long> _spared = [];
        private double _owed;

        public ChaosRule Rule => rule;

        public int Hits { get; private set; }

        /// <summary>Whether it hits this one of those that match.</summary>
        public bool Hit()
        {
            if (Hits >= rule.Count)
                return false;
            if (rule.PerSecond is { } most && Spares(most))
                return false;
            _owed += rule.Rate;
            if (_owed < 1)
                return false;
            _owed -= 1;
            Hits++;
            return true;
        }

        /// <summary>Whether this one is among the first of a second.</summary>
        private bool Spares(int most)
        {
            while (_spared.TryPeek(out var at) && clock.GetElapsedTime(at) >= Second)
                _spared.Dequeue();
            if (_spared.Count >= most)
                return false;
            _spared.Enqueue(clock.GetTimestamp());
            return true;
        }
    }

    private static TaskCompletionSource<bool> NewRelease() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
