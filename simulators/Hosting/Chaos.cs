using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulators;

/// <summary>The misbehaviour of one simulator: at most one rule at a time, replaced whole.</summary>
public sealed class Chaos
{
    private readonly TimeProvider _clock;
    private readonly Func<JsonObject> _closed;
    private readonly Lock _gate = new();
    private ChaosRule _rule = new(ChaosMode.None);
    private int _hits;
    private double _owed;
    private TaskCompletionSource<bool> _release = NewRelease();

    /// <param name="closed">The body of an answer in a maintenance window, JSON.</param>
    internal Chaos(TimeProvider clock, Func<JsonObject> closed) => (_clock, _closed) = (clock, closed);

    /// <summary>The rule in force.</summary>
    public ChaosRule Rule
    {
        get { lock (_gate) return _rule; }
    }

    /// <summary>How many requests the rule in force has hit.</summary>
    public int Hits
    {
        get { lock (_gate) return _hits; }
    }

    /// <summary>How many requests are held now.</summary>
    public int Held { get; private set; }

    /// <summary>Puts a rule in force. Requests that are held go on; under <see cref="ChaosMode.Down"/> they are lost.</summary>
    public void Set(ChaosRule next)
    {
        TaskCompletionSource<bool> held;
        lock (_gate)
        {
            _rule = next;
            _hits = 0;
            _owed = 0;
            held = _release;
            _release = NewRelease();
        }
        held.SetResult(next.Mode != ChaosMode.Down);
    }

    /// <summary>Behaves again and releases what is held.</summary>
    public void Heal() => Set(new ChaosRule(ChaosMode.None));

    /// <summary>Runs one request under the rule in force.</summary>
    internal async Task RunAsync(HttpContext http, RequestDelegate work)
    {
        var (hit, released) = Take(http.Request.Method, http.Request.Path);
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
            return _rule.IsOfHooks ? Spend() : new ChaosRule(ChaosMode.None);
    }

    private (ChaosRule Rule, Task<bool> Release) Take(string method, string path)
    {
        lock (_gate)
        {
            var matches = !_rule.IsOfHooks && (_rule.Path is null || path.Contains(_rule.Path, StringComparison.Ordinal))
                && (_rule.Method is null || _rule.Method.Equals(method, StringComparison.OrdinalIgnoreCase));
            return (matches ? Spend() : new ChaosRule(ChaosMode.None), _release.Task);
        }
    }

    /// <summary>Under the gate: the rule, where it hits this one; else none.</summary>
    private ChaosRule Spend()
    {
        if (_hits >= _rule.Count)
            return new ChaosRule(ChaosMode.None);
        _owed += _rule.Rate;
        if (_owed < 1)
            return new ChaosRule(ChaosMode.None);
        _owed -= 1;
        _hits++;
        return _rule;
    }

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

    private static TaskCompletionSource<bool> NewRelease() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
