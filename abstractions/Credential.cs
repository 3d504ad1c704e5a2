namespace Gateway;

/// <summary>
/// What the gateway shows to a backend, opened: in a header, in TLS, or nothing at all. It follows its secrets while the Plan runs, so a
/// rotation needs no reload.
/// </summary>
public abstract class Credential : IAsyncDisposable
{
    /// <summary>For a backend that asks for nothing.</summary>
    public static readonly Credential None = new Nothing();

    /// <summary>For people: <c>a key in API-Key</c>; empty where nothing is shown.</summary>
    public virtual string Text => "";

    /// <summary>The header that carries it; null where none does.</summary>
    public virtual string? Header => null;

    /// <summary>What to send in <see cref="Header"/>: at once and without allocation where it is at hand.</summary>
    public virtual ValueTask<Shown> ShowAsync(CancellationToken cancellation) => default;

    /// <summary>The backend refused what it was shown; true where there is something else now, worth one more call.</summary>
    public virtual bool Renew(string refused) => false;

    /// <summary>
    /// Two credentials of the same identity show the same in TLS, so connections may be used on by the one that comes after; empty for none.
    /// </summary>
    public virtual string TlsIdentity => "";

    /// <summary>Connections to the backend, which show in TLS what is to be shown and trust whom the backend is declared to come from.</summary>
    /// <param name="connections">Makes them without that.</param>
    public virtual HttpMessageHandler Connect(Func<SocketsHttpHandler> connections) => connections();

    /// <summary>When the first part of it ends; null where nobody knows.</summary>
    public virtual DateTimeOffset? Expires => null;

    /// <summary>Why a secret that has changed can't be used, so that the one before is; null where all is well.</summary>
    public virtual string? Trouble => null;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Nothing : Credential;
}

/// <summary>A header's value for a backend, or why there is none: <see cref="Trouble"/> is for the operator, and holds no secret.</summary>
public readonly record struct Shown(string? Value)
{
    public string? Trouble { get; init; }

    /// <summary>When it may be worth another try.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
