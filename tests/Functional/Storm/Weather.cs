using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Simulators;

namespace Gateway.Tests.Functional.Storm;

/// <summary>
/// Lets every backend misbehave in every way it knows, each way once before any comes again, in an order that the seed tells, and every second time in another way
/// beside it. Between two of them a backend is well for up to a second, or nothing would ever be done.
/// </summary>
internal sealed class Weather(StormBackends backends, int seed)
{
    /// <summary>Longer than this nothing holds a request: a server ends its own workers, and the gateway counts on that (half as long again as a route's timeout).</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(4);

    /// <summary>How long a rule waits for somebody whom it can hit.</summary>
    private static readonly TimeSpan LongestRule = TimeSpan.FromSeconds(3);

    private static readonly ChaosRule[] OfRequests =
    [
        new(ChaosMode.Latency) { Milliseconds = 300, Rate = 0.5 },
        new(ChaosMode.Latency) { Milliseconds = 2000, Rate = 0.2 },
        new(ChaosMode.Error) { Status = 500, Rate = 0.5 },
        new(ChaosMode.Error) { Status = 502 },
        new(ChaosMode.Error) { Status = 503, RetryAfter = 1 },
        new(ChaosMode.Error) { Status = 429, RetryAfter = 1, Rate = 0.7 },
        new(ChaosMode.ErrorAfterWork) { Status = 500 },
        new(ChaosMode.ErrorAfterWork) { Status = 502, Rate = 0.5 },
        new(ChaosMode.ErrorAfterWork) { Status = 504, Rate = 0.3 },
        new(ChaosMode.DropBefore) { Rate = 0.5 },
        new(ChaosMode.DropAfterWork) { Rate = 0.5 },
        new(ChaosMode.DropAfterWork) { Method = "POST" },
        new(ChaosMode.Down),
        new(ChaosMode.HoldBefore) { Rate = 0.3 },
        new(ChaosMode.HoldAfter) { Rate = 0.3 },
        new(ChaosMode.Maintenance) { RetryAfter = 1 },
    ];

    /// <summary>Where what is done can't be told from what is not, unless somebody looks.</summary>
    private static readonly ChaosRule[] OfOdoo =
    [
        new(ChaosMode.DropAfterWork) { Path = "sale.order/load" },
        new(ChaosMode.HoldBefore) { Path = "sale.order/load" },
        new(ChaosMode.HoldAfter) { Path = "sale.order/load" },
        new(ChaosMode.ErrorAfterWork) { Path = "sale.order/action_cancel" },
        new(ChaosMode.DropAfterWork) { Path = "stock.return.picking" },
        new(ChaosMode.HoldBefore) { Path = "stock.picking/write" },
        new(ChaosMode.Error) { Status = 502, Path = "sale.order/read" },
    ];

    private static readonly ChaosRule[] OfHooks =
    [
        new(ChaosMode.HookTwice),
        new(ChaosMode.HookLate),
        new(ChaosMode.HookLost),
        new(ChaosMode.HookSkew) { Milliseconds = -120_000 },
        new(ChaosMode.HookSkew) { Milliseconds = 1_200_000 },
    ];

    private readonly ConcurrentQueue<string> _told = new();
    private readonly ConcurrentDictionary<ChaosMode, int> _hits = new();

    /// <summary>What happened where, in order, and how many requests it hit.</summary>
    public string Told => string.Join('\n', _told);

    /// <summary>Ways of misbehaving that never hit anything.</summary>
    public IEnumerable<ChaosMode> Missed => Enum.GetValues<ChaosMode>().Where(mode => mode != ChaosMode.None && _hits.GetValueOrDefault(mode) == 0);

    private (string Where, Simulators.Chaos Chaos, ChaosRule[] Rules)[] Decks =>
    [
        ("odoo", backends.Odoo.Chaos, [.. OfRequests, .. OfOdoo]),
        ("wms", backends.Wms.Chaos, [.. OfRequests, .. OfHooks]),
        ("tms", backends.Tms.Chaos, [.. OfRequests, .. OfHooks]),
        ("partner", backends.Partner.Chaos, [.. OfRequests]),
    ];

    /// <summary>Storms until it is told to stop; then all are well.</summary>
    public Task BlowAsync(CancellationToken stop) => Task.WhenAll(Decks
        .Select((deck, at) => Task.Run(() => BlowAsync(deck.Where, deck.Chaos, deck.Rules, new Random(seed + at), stop)))
        .Append(Task.Run(() => RefuseAsync(new Random(seed - 1), stop))));

    private async Task BlowAsync(string where, Simulators.Chaos chaos, ChaosRule[] rules, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            random.Shuffle(rules);
            foreach (var rule in rules)
            {
                if (stop.IsCancellationRequested) break;
                var since = Stopwatch.StartNew();
                ChaosRule[] now = random.Next(2) == 0 ? [rule] : [rule, Beside(random)];
                chaos.Set(now);
                await PauseAsync(random.Next(700, 1600), stop);
                // Where nobody came, it stays until somebody does.
                for (; chaos.HitsOfEach[0] == 0 && since.Elapsed < LongestRule && !stop.IsCancellationRequested; await PauseAsync(50, stop))
                {
                }
                foreach (var (each, hits) in now.Zip(chaos.HitsOfEach))
                {
                    _hits.AddOrUpdate(each.Mode, hits, (_, before) => before + hits);
                    _told.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {where}: {each.Mode} {each.Status} {each.Path} hit {hits}");
                }
                if (since.Elapsed > LongestHold) chaos.Set(new ChaosRule(ChaosMode.Down));
                chaos.Heal();
                await PauseAsync(random.Next(200, 1000), stop);
            }
        }
        chaos.Heal();
    }

    /// <summary>Seldom enough that most requests meet the rule that it stands beside.</summary>
    private static ChaosRule Beside(Random random) => OfRequests[random.Next(OfRequests.Length)] with { Rate = 0.2 };

    /// <summary>The partner's program takes what it was sent, and says that it did not.</summary>
    private async Task RefuseAsync(Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            backends.Partner.Refuse(random.Next(2) == 0 ? 503 : 500, count: 3);
            await PauseAsync(3000, stop);
        }
        backends.Partner.Refuse(500, count: 0);
    }

    private static async Task PauseAsync(int milliseconds, CancellationToken stop) =>
        await Task.Delay(milliseconds, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
