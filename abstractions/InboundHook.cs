using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway;

/// <summary>Webhooks that a backend sends, as it declares them.</summary>
public record HookOptions
{
    [Description("Secrets that its webhooks are signed with, by reference; several hold at once while one replaces the other. None where the backend signs with keys that it publishes.")]
    public IReadOnlyList<Secret> Secrets { get; init; } = [];

    [Description("Largest webhook taken.")]
    [Range(typeof(long), "1", "1048576")]
    public long MaxBody { get; init; } = 256 << 10;
}

/// <summary>
/// The way in for the webhooks of one backend: its adapter knows how they are signed, and what they tell. The endpoint is <c>POST /hooks/NAME</c> of
/// the public port; there each one is stored as an event before it is acknowledged.
/// </summary>
public abstract class InboundHook
{
    /// <summary>Longest body that is read.</summary>
    public abstract long MaxBody { get; }

    /// <summary>Whether both sides know a secret; false where the backend signs with a key of its own and publishes the other half of it.</summary>
    public virtual bool TakesSecrets => true;

    /// <summary>Why a text can be no secret of this scheme, for operators; null where it can.</summary>
    public abstract string? WrongSecret(string secret);

    /// <summary>How to name an event that it tells of, where it never tells of one of this type; null where it may.</summary>
    public virtual string? WrongType(string type) => null;

    /// <summary>Judges the bytes as they came, and reads them only when the backend has signed them.</summary>
    /// <param name="body">Valid for the call only.</param>
    public abstract ValueTask<HookVerdict> JudgeAsync(IHeaderDictionary headers, ReadOnlyMemory<byte> body, DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>What a webhook is worth.</summary>
public abstract record HookVerdict
{
    /// <summary>It is the backend's, and tells this: one event, or several that are stored one behind the other; none where a batch is empty.</summary>
    public sealed record Told(IReadOnlyList<HookEvent> Events) : HookVerdict;

    /// <summary>It is not proven to be the backend's. The reason is for the log: who sent it learns nothing.</summary>
    public sealed record Refused(string Reason) : HookVerdict;

    /// <summary>Nobody can tell now whether it is the backend's, whose keys can't be had: it is to be sent again.</summary>
    public sealed record NotNow(string Reason) : HookVerdict;

    /// <summary>The backend has signed it, and it can't be read. Nothing of it is stored.</summary>
    /// <param name="Reason">For the log.</param>
    public sealed record Unreadable(string Reason) : HookVerdict
    {
        /// <summary>As what it is refused: 400, 413 or 415.</summary>
        public Failure Failure { get; init; } = Failure.MalformedBody;

        /// <summary>For who has signed it.</summary>
        public string Detail { get; init; } = "The webhook can't be read.";

        /// <summary>What is wrong, each at its member or header.</summary>
        public IReadOnlyList<Finding> Findings { get; init; } = [];
    }
}

/// <summary>What a backend tells by a webhook.</summary>
/// <param name="Id">The same for the same fact, however often it is sent.</param>
/// <param name="Type">Type of the event: <c>wms.order.shipped.v1</c>.</param>
/// <param name="Subject">What it is about, as the backend calls it; events of one subject stand in one order.</param>
/// <param name="Time">When it happened by the backend's clock, also where an earlier one comes later.</param>
/// <param name="Data">In the backend's own words.</param>
public sealed record HookEvent(string Id, string Type, string Subject, DateTimeOffset Time, JsonElement Data)
{
    /// <summary>What the backend says is its source: of two sources an id is two events. Null where it has one source only, itself.</summary>
    public string? Source { get; init; }

    /// <summary>
    /// It says all of how its subject stood at this moment, by the backend's clock or by a number that it counts in the place of one: of two of one type and subject, the later has all that is still so. Null for what
    /// tells of one fact, which no other contains, and for what does not say when.
    /// </summary>
    public DateTimeOffset? Standing { get; init; }

    /// <summary>Events of one key stand in one order; null for the subject.</summary>
    public string? PartitionKey { get; init; }

    /// <summary>W3C trace context of its cause, where the backend tells it; null for that of the request.</summary>
    public string? TraceParent { get; init; }
}
