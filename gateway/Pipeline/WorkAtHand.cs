using System.Collections.Concurrent;

namespace Gateway.Pipeline;

/// <summary>The intents that this process works on now, so that nobody in it works on one twice; and the bell that wakes recovery.</summary>
public sealed class WorkAtHand
{
    private readonly ConcurrentDictionary<string, bool> _intents = new();
    private readonly ConcurrentDictionary<string, Intent> _unsent = new();
    private readonly Bell _bell = new();

    /// <summary>Name of this process's life: new with every start.</summary>
    public string Owner { get; } = Ids.New("own");

    /// <summary>Whether this process looks for work that others have left, and for what changes in backends; else it ends only what it began itself.</summary>
    public bool TakesOver { get; init; } = true;

    /// <summary>Rung when something was accepted, to be forwarded.</summary>
    public Bell Accepted { get; } = new();

    public bool TryEnter(string intent) => _intents.TryAdd(intent, true);

    public void Leave(string intent) => _intents.TryRemove(intent, out _);

    /// <summary>
    /// Intents that the store may hold open though nothing was sent, and nothing shall be: the answer to their claim was lost, or they could not
    /// be released. Nobody in this process works on them but <see cref="Recovery"/>, which releases them.
    /// </summary>
    public ICollection<Intent> Unsent => _unsent.Values;

    /// <summary>Keeps an intent until it is released, and only what that takes of it.</summary>
    public void KeepUnsent(Intent intent)
    {
        TryEnter(intent.Id);
        _unsent[intent.Id] = intent with { Canonical = default, Input = default };
        Nudge();
    }

    public void Released(string intent)
    {
        _unsent.TryRemove(intent, out _);
        Leave(intent);
    }

    public void Nudge() => _bell.Ring();

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellation) => _bell.WaitAsync(atMost, cancellation);
}
