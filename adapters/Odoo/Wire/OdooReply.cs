using System.Text.Json;
using Gateway.Adapters.Resilience;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>How one call to Odoo ended, in the words of <see cref="OperationStatus"/>, and what may be done about it.</summary>
internal sealed record OdooReply(OperationStatus Status) : IReply<OdooReply>
{
    /// <summary>What a caller reads when Odoo can't be asked.</summary>
    public const string NotAvailable = "The order system is not available; nothing was changed.";

    /// <summary>What a caller reads when the outcome is open.</summary>
    public const string NotKnown = "The order system was asked, but its answer did not arrive; it is not known yet what it did.";

    /// <summary>What a caller reads when Odoo's answer makes no sense.</summary>
    public const string NoSense = "The order system gave an answer that can't be used.";

    /// <summary>The method's return value; set when Done.</summary>
    public JsonElement Value { get; init; }

    /// <summary>Database id of the record that was found or loaded.</summary>
    public int Id { get; init; }

    public string Detail { get; init; } = "";

    public string? Reason { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Odoo itself, or what stands before it, asks to be left alone for <see cref="RetryAfter"/>.</summary>
    public bool Busy { get; init; }

    /// <summary>Nothing was changed (rolled back, or never sent), and the same call may well pass soon.</summary>
    public bool Transient { get; init; }

    /// <summary>Odoo's own failure, as opposed to a refusal: counts for the circuit.</summary>
    public bool BackendFault { get; init; }

    /// <summary>Of what was not sent: nothing else can be sent either (<see cref="OperationResult.BackendIsAway"/>).</summary>
    public bool Away { get => field || BackendFault || Busy || KeyRefused; init; }

    /// <summary>Found before anything was sent that could have made it.</summary>
    public bool Known { get; init; }

    /// <summary>What the gateway shows was refused: nothing was changed, and something else may be shown.</summary>
    public bool KeyRefused { get; init; }

    /// <summary>Whoever answered does not know the address: this Odoo may have become another version.</summary>
    public bool WayIsGone { get; init; }

    /// <summary>The call does not fit this Odoo, or this key: no such model, method or argument, or no right to it.</summary>
    public bool Unfit { get; init; }

    public bool Done => Status == OperationStatus.Done;

    /// <summary>Nobody knows whether a change was carried out.</summary>
    public bool MayHaveHappened => Status is OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable;

    public static OdooReply Found(int id) => new(OperationStatus.Done) { Id = id };

    public static OdooReply NotFound(string detail) => new(OperationStatus.NotFound) { Detail = detail };

    public static OdooReply Refused(string detail, string? reason = null) => new(OperationStatus.Refused) { Detail = detail, Reason = reason };

    public static OdooReply NotSent(string reason) => new(OperationStatus.NotSent) { Detail = NotAvailable, Reason = reason };

    static OdooReply IReply<OdooReply>.NotSent(string reason, TimeSpan? retryAfter) => NotSent(reason) with { RetryAfter = retryAfter, Away = true };

    static OdooReply IReply<OdooReply>.CutOff(string reason) => new(OperationStatus.TimedOut) { Detail = NotKnown, Reason = reason, BackendFault = true };

    public static OdooReply Unknown(string reason) => new(OperationStatus.Unknown) { Detail = NotKnown, Reason = reason };

    public static OdooReply Unusable(string reason) => new(OperationStatus.Unusable) { Detail = NoSense, Reason = reason };

    /// <summary>
    /// The same failure, said of a change that has not begun: look-ups went wrong, so nothing was changed whatever the look-up's own status.
    /// </summary>
    public OdooReply BeforeChange() => Status is OperationStatus.Unknown or OperationStatus.TimedOut or OperationStatus.Unusable
        ? this with { Status = OperationStatus.NotSent, Detail = NotAvailable }
        : this;

    /// <summary>
    /// The same failure, said of a record that is to be changed: one that is gone can't be, ever. Look-ups repeat themselves, so what is left of their
    /// failure is final.
    /// </summary>
    public OdooReply OfRecord() => (Status == OperationStatus.NotFound ? Refused(Detail, Reason) : BeforeChange()) with { Transient = false };

    /// <summary>The same failure, said of a read-back: what is not there was not done; else nobody could be asked.</summary>
    public OdooReply Gone() => Status == OperationStatus.NotFound ? this : this with { Status = OperationStatus.NotSent, Detail = NotAvailable };

    /// <summary>The same failure, said of a change that has been carried out but not seen.</summary>
    public OdooReply AfterChange() => Status is OperationStatus.TimedOut
        ? this with { Detail = NotKnown }
        : this with { Status = OperationStatus.Unknown, Detail = NotKnown };

    public OperationResult ToResult() => new(Status)
    {
        Detail = Detail,
        Reason = Reason,
        RetryAfter = RetryAfter,
        BackendIsBusy = Busy && RetryAfter is not null,
        BackendIsAway = Status == OperationStatus.NotSent && Away,
    };
}

/// <summary>What a look-up found, or why it did not.</summary>
internal readonly record struct Lookup<T>(T? Value, OdooReply? Failure)
{
    public static implicit operator Lookup<T>(T value) => new(value, null);

    public static implicit operator Lookup<T>(OdooReply failure) => new(default, failure);
}
