namespace Gateway;

/// <summary>What a request asks of the flow that works on its object, before its backend is called.</summary>
/// <param name="Flow">Name of the flow; the id of the object is the key of its instance.</param>
/// <param name="Cancels">The instance is cancelled first; else the request is refused while there is one that has not ended.</param>
public sealed record FlowGuard(string Flow, bool Cancels);

/// <summary>Whether a request may go on to its backend.</summary>
public enum FlowPassage
{
    /// <summary>No instance stands in its way.</summary>
    Free,

    /// <summary>The instance was cancelled: what it did is undone, and whoever is to hear of that was told.</summary>
    Cancelled,

    /// <summary>The flow is too far, or at work: the request is refused for good.</summary>
    Refused,

    /// <summary>It is being undone, and that takes longer than the request does. Whoever asks again hears how it ended.</summary>
    UnderWay,
}

/// <summary>Asks the flow that works on an object for what a guard says. What was asked stays asked, also where the request ends before.</summary>
/// <param name="tenant">Whose object it is.</param>
/// <param name="key">Its id.</param>
/// <param name="who">Who asks, for the instance's journal.</param>
/// <param name="patience">How long it is waited for.</param>
/// <exception cref="StoreUnavailableException">The store is away; asked again, nothing is done twice.</exception>
public delegate ValueTask<FlowPassage> PassFlow(FlowGuard guard, string tenant, string key, string who, TimeSpan patience, CancellationToken cancellation);
