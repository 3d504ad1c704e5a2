using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>What a record of the audit is about. Records of each class have chains of their own, so that each can be kept as long as it should be.</summary>
public enum AuditClass
{
    /// <summary>An API whose data concern one partner, or that does not say what its data are.</summary>
    Confidential,

    /// <summary>An API whose data anybody may see.</summary>
    Public,

    /// <summary>An API whose data are for us and the partners we trade with.</summary>
    Internal,

    /// <summary>An API whose data are about persons: their paths are kept as what is about a person.</summary>
    Personal,

    /// <summary>What operators did, and what was erased and dropped.</summary>
    Operators,
}

/// <summary>How long records of the audit are kept, by what they are about. A day or more: records are dropped by whole segments.</summary>
public sealed record AuditRetention
{
    private const string ADay = "1.00:00:00";
    private const string Longest = "36500.00:00:00";

    [Description("Calls of APIs whose data are public.")]
    [Range(typeof(TimeSpan), ADay, Longest)]
    public TimeSpan Public { get; init; } = TimeSpan.FromDays(90);

    [Description("Calls of APIs whose data are internal.")]
    [Range(typeof(TimeSpan), ADay, Longest)]
    public TimeSpan Internal { get; init; } = TimeSpan.FromDays(365);

    [Description("Calls of APIs whose data are confidential, or that have no dataClass.")]
    [Range(typeof(TimeSpan), ADay, Longest)]
    public TimeSpan Confidential { get; init; } = TimeSpan.FromDays(730);

    [Description("Calls of APIs whose data are personal.")]
    [Range(typeof(TimeSpan), ADay, Longest)]
    public TimeSpan Personal { get; init; } = TimeSpan.FromDays(30);

    [Description("What operators did, and what of the audit was erased and dropped.")]
    [Range(typeof(TimeSpan), ADay, Longest)]
    public TimeSpan Operators { get; init; } = TimeSpan.FromDays(1095);

    public TimeSpan Of(AuditClass about) => about switch
    {
        AuditClass.Public => Public,
        AuditClass.Internal => Internal,
        AuditClass.Personal => Personal,
        AuditClass.Operators => Operators,
        _ => Confidential,
    };
}

/// <summary>
/// A stretch of one chain: what one node recorded of one class on one day, or a part of that day. The links are stored beside it; this is its
/// head, which is kept when the links are dropped.
/// </summary>
/// <param name="Node">Which node: a name that its store got when it was made.</param>
/// <param name="Number">From 1, without gaps, per node and class.</param>
public sealed record AuditSegment(string Node, AuditClass Class, int Number)
{
    /// <summary>Head of the segment before this one, SHA-256 in hex; zeros for the first.</summary>
    public required string Previous { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public long Links { get; init; }

    /// <summary>Earliest start of a recorded call.</summary>
    public DateTimeOffset FirstAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Latest start of a recorded call.</summary>
    public DateTimeOffset LastAt { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Hash of the last link, SHA-256 in hex; the hash of the segment's beginning while it has none.</summary>
    public required string Head { get; init; }

    /// <summary>How often what is about a person was erased in it.</summary>
    public long Erased { get; init; }

    /// <summary>When its links were dropped since they had been kept long enough.</summary>
    public DateTimeOffset? DroppedAt { get; init; }

    /// <summary>HMAC-SHA-256 in hex over all of the above, with a key that the key ring protects.</summary>
    public string Seal { get; init; } = "";

    /// <summary>Whether the seal fits, as the store that gave this one says.</summary>
    public bool Authentic { get; init; }

    /// <summary>Node, class and number: how findings and people call it.</summary>
    public string Name => $"{Node}/{Class.ToString().ToLowerInvariant()}/{Number}";
}

/// <summary>One link of a chain: records that were stored together.</summary>
/// <param name="Number">From 1, without gaps, in its segment.</param>
/// <param name="Search">What it is found by: the correlation id of its one record, or a Bloom filter over those of many.</param>
/// <param name="Records">The records as bytes, as they were hashed.</param>
/// <param name="Hash">Over the hash before and all of this, SHA-256 in hex.</param>
public sealed record AuditLink(long Number, DateTimeOffset FirstAt, DateTimeOffset LastAt, AuditSearch Search, ReadOnlyMemory<byte> Records, string Hash)
{
    /// <summary>
    /// What is about persons, by the numbers that the records give them; empty bytes where the stored ones could not be decrypted. A number that
    /// is missing was erased.
    /// </summary>
    public IReadOnlyDictionary<int, ReadOnlyMemory<byte>> Persons { get; init; } = new Dictionary<int, ReadOnlyMemory<byte>>();
}

/// <summary>What a link is found by; one of both is null.</summary>
public sealed record AuditSearch(string? CorrelationId, ReadOnlyMemory<byte>? Filter);
