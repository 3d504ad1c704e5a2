using System.Net;
using Gateway.Adapters.Resilience;

namespace Gateway.Adapters.Partners;

/// <summary>How one call to a partner's API ended.</summary>
internal sealed record PartnerReply(OperationStatus Status) : IReply<PartnerReply>
{
    private const string NotKnown = "The partner's system was asked, but its answer did not arrive; it is not known yet what it did.";

    /// <summary>What the partner answered, JSON; empty where it said nothing that is.</summary>
    public ReadOnlyMemory<byte> Record { get; init; }

    public string Detail { get; init; } = "";

    public string? Reason { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public bool Busy { get; init; }

    public bool Transient { get; init; }

    public bool BackendFault { get; init; }

    public bool MayHaveHappened => Status is OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable;

    /// <summary>Of what was not sent: nothing else can be sent to this endpoint either (<see cref="OperationResult.BackendIsAway"/>).</summary>
    public bool Away { get => field || BackendFault || Busy || CredentialRefused; init; }

    /// <summary>The credential was refused, and nothing done.</summary>
    public bool CredentialRefused { get; init; }

    public static PartnerReply NotSent(string reason, TimeSpan? retryAfter) => new(OperationStatus.NotSent)
    {
        Detail = "The partner's system is not available; nothing was changed.",
        Reason = reason,
        RetryAfter = retryAfter,
        Away = true,
    };

    static PartnerReply IReply<PartnerReply>.CutOff(string reason) => Lost(OperationStatus.TimedOut, reason);

    /// <summary>Nothing arrived in time, or what came makes no sense: of a change, nobody knows.</summary>
    public static PartnerReply Lost(OperationStatus status, string reason) => new(status) { Detail = NotKnown, Reason = reason, BackendFault = true };

    /// <summary>
    /// What a status says of a document: 2xx took it; 401 and 403 judge the gateway; 408, 409 (a repeat that is still at work) and 5xx leave it open; 429 took
    /// nothing (RFC 6585 section 4); other 4xx refuse it; a redirection is not followed, for it would take the credential elsewhere.
    /// </summary>
    public static PartnerReply OfDocument(int status, ReadOnlyMemory<byte> record, TimeSpan? retryAfter) => status switch
    {
        >= 200 and < 300 => new(OperationStatus.Done) { Record = record },
        401 or 403 => NotSent($"the partner refuses the gateway's credential: {status}", null) with { CredentialRefused = true },
        429 => NotSent($"the partner answered {status}", retryAfter ?? TimeSpan.FromSeconds(1)) with { Busy = true },
        408 or 409 or >= 500 => Lost(OperationStatus.Unknown, $"the partner answered {status}") with { RetryAfter = retryAfter, Busy = retryAfter is not null, BackendFault = status != 409 },
        >= 400 => new(OperationStatus.Refused) { Detail = $"The partner's system refused it ({status}).", Reason = $"the partner answered {status}" },
        _ => Lost(OperationStatus.Unusable, $"the partner answered {status}") with { BackendFault = false },
    };

    /// <summary>What a status says of the question what became of it: only 404 and 410 say that it never arrived.</summary>
    public static PartnerReply OfQuestion(int status, ReadOnlyMemory<byte> record, TimeSpan? retryAfter) => status switch
    {
        >= 200 and < 300 => new(OperationStatus.Done) { Record = record },
        (int)HttpStatusCode.NotFound or (int)HttpStatusCode.Gone => new(OperationStatus.NotFound),
        401 or 403 => NotSent($"the partner refuses the gateway's credential: {status}", null) with { CredentialRefused = true },
        _ => NotSent($"the partner answered {status}", retryAfter) with { BackendFault = status >= 500, Busy = retryAfter is not null, Transient = status >= 500 && retryAfter is null },
    };

    public OperationResult ToResult(string? externalId) => new(Status)
    {
        Record = Status == OperationStatus.Done ? Record : default,
        Facts = Status == OperationStatus.Done ? "{}"u8.ToArray() : default,
        Reference = Status == OperationStatus.Done ? externalId : null,
        Detail = Detail,
        Reason = Reason,
        RetryAfter = RetryAfter,
        BackendIsBusy = Busy && RetryAfter is not null,
        BackendIsAway = Status == OperationStatus.NotSent && Away,
    };
}
