using System.Text.Json;
using Gateway.Adapters.Resilience;

namespace Gateway.Adapters.Rest;

/// <summary>One request of a REST API.</summary>
/// <param name="Path">Relative to the backend's address, with its query; what comes from callers is escaped.</param>
/// <param name="Effect">What it does; decides what a lost answer means.</param>
internal sealed record RestRequest(HttpMethod Method, string Path, Effect Effect)
{
    /// <summary>JSON; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>How long somebody waits for it still.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>From here on it is not sent any more.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>How one request ended, in the words of <see cref="OperationStatus"/>, and what may be done about it.</summary>
internal sealed record RestReply(OperationStatus Status) : IReply<RestReply>
{
    /// <summary>The answer; set when Done.</summary>
    public JsonElement Value { get; init; }

    /// <summary>For the caller; empty where the words of the status are enough.</summary>
    public string Detail { get; init; } = "";

    public string? Reason { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>It asks to be left alone for <see cref="RetryAfter"/>.</summary>
    public bool Busy { get; init; }

    public bool Transient { get; init; }

    public bool BackendFault { get; init; }

    /// <summary>Of what was not sent: nothing else can be sent either (<see cref="OperationResult.BackendIsAway"/>).</summary>
    public bool Away { get => field || BackendFault || Busy; init; }

    /// <summary>Found before anything was sent that could have made it.</summary>
    public bool Found { get; init; }

    public bool Done => Status == OperationStatus.Done;

    public static RestReply NotFound(string detail, string? reason = null) => new(OperationStatus.NotFound) { Detail = detail, Reason = reason };

    public static RestReply Refused(string detail, string reason) => new(OperationStatus.Refused) { Detail = detail, Reason = reason };

    public static RestReply Malformed(string reason) => new(OperationStatus.Malformed) { Reason = reason };

    public static RestReply NotSent(string reason, TimeSpan? retryAfter = null) => new(OperationStatus.NotSent) { Reason = reason, RetryAfter = retryAfter };

    static RestReply IReply<RestReply>.NotSent(string reason, TimeSpan? retryAfter) => NotSent(reason, retryAfter) with { Away = true };

    static RestReply IReply<RestReply>.CutOff(string reason) => new(OperationStatus.TimedOut) { Reason = reason, BackendFault = true };

    public static RestReply Unusable(string reason) => new(OperationStatus.Unusable) { Reason = reason };

    /// <summary>The same failure, said of a change that has not begun: a look-up went wrong, so nothing was changed whatever its status.</summary>
    public RestReply BeforeChange() => Status is OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable ? this with { Status = OperationStatus.NotSent, Detail = "" } : this;

    /// <summary>What is seen after the backend said that there is one already: it is, or can't be seen now, and this call made nothing.</summary>
    public RestReply AfterTaken() => Done ? this with { Found = true } : BeforeChange();

    /// <summary>The same failure, said of a change that was carried out and could not be seen.</summary>
    public RestReply AfterChange() => Done || Status == OperationStatus.TimedOut ? this : this with { Status = OperationStatus.Unknown, Detail = "" };

    public OperationResult ToResult(RestDialect dialect, Effect effect) => new(Status)
    {
        Detail = Detail.Length > 0 ? Detail : Status switch
        {
            OperationStatus.NotSent => dialect.NotAvailable,
            OperationStatus.Unknown => dialect.NotKnown,
            OperationStatus.TimedOut => effect == Effect.Changes ? dialect.NotKnown : dialect.TooLate,
            OperationStatus.Unusable => dialect.NoSense,
            OperationStatus.Refused => dialect.Refuses,
            _ => "",
        },
        Reason = Reason,
        RetryAfter = RetryAfter,
        BackendIsBusy = Busy && RetryAfter is not null,
        BackendIsAway = Status == OperationStatus.NotSent && Away,
    };
}
