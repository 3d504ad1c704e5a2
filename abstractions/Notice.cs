namespace Gateway;

/// <summary>
/// What an API tells its partners of what a backend's webhooks report: an event in canonical words, for the partners whose buyer it is about.
/// </summary>
/// <param name="Type">Type of the partner's event: <c>parcel.moved.v1</c>.</param>
/// <param name="Api">Whose event it is.</param>
/// <param name="Backend">Whose webhooks are listened to.</param>
/// <param name="From">Type of the backend's event: <c>tms.tracking.updated.v1</c>.</param>
public sealed record Notice(string Type, string Api, string Backend, string From)
{
    /// <summary>What becomes of one event of the backend, by partner; nothing where it is about no partner's buyer. Where it does not say which, the partner is <c>-</c>.</summary>
    public required Func<HookEvent, IEnumerable<NoticeVerdict>> Judge { get; init; }
}

/// <summary>What a partner is told of an event of a backend.</summary>
/// <param name="Data">The event's data; null where it can't be said in canonical words.</param>
/// <param name="Reason">Why it can't, for operators.</param>
/// <param name="Cause">The same in the words of <see cref="DeliveryCause"/>.</param>
public sealed record NoticeVerdict(string Partner, ReadOnlyMemory<byte>? Data, string? Reason = null, string? Cause = null);
