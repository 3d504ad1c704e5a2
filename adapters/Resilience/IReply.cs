namespace Gateway.Adapters.Resilience;

/// <summary>What an adapter knows of how one call on the wire ended, as far as it decides what happens next.</summary>
public interface IReply<TSelf>
    where TSelf : class, IReply<TSelf>
{
    /// <summary>Nothing was changed (rolled back, or never sent), and the same call may well pass soon.</summary>
    bool Transient { get; }

    /// <summary>The backend's own failure, as opposed to a refusal or a mistake of ours: it counts for the circuit.</summary>
    bool BackendFault { get; }

    /// <summary>A call that did not leave the gateway, for its backend is left alone, or took all the time there was: others don't leave it either.</summary>
    /// <param name="reason">For the log.</param>
    /// <param name="retryAfter">When it may be worth another try; null where nobody knows.</param>
    static abstract TSelf NotSent(string reason, TimeSpan? retryAfter);

    /// <summary>A call that had begun when its time was over, and that does not tell itself how far it came: it may have arrived. The backend's fault.</summary>
    /// <param name="reason">For the log.</param>
    static abstract TSelf CutOff(string reason);
}
