namespace Gateway.Delivery.Storage.Sqlite;

/// <summary>Feeds of changes.</summary>
public sealed partial class SqliteStore
{
    public ValueTask<FeedState?> FindFeedAsync(string feed, CancellationToken cancellation) => ReadAsync(db => FeedRows.Find(db, feed), cancellation);

    public ValueTask<FeedState?> TakeFeedAsync(string feed, string owner, DateTimeOffset until, bool hurried, CancellationToken cancellation) => WriteAsync(
        db => FeedRows.Take(db, feed, owner, until, hurried, _clock.GetUtcNow()) ? FeedRows.Find(db, feed) : null, cancellation);

    public async ValueTask<FeedState?> StepAsync(FeedStep step, CancellationToken cancellation)
    {
        byte[][] data = [.. step.Events.Select(e => _payloads.Seal(PayloadKind.EventData, e.Data.Span))];
        byte[][] canonical = [.. step.Objects.Select(o => _payloads.Seal(PayloadKind.Canonical, o.Canonical.Span))];
        var stands = await WriteAsync(db =>
        {
            if (!FeedRows.Holds(db, step)) return null;
            FeedRows.Write(db, step);
            foreach (var (made, kept) in step.Objects.Zip(canonical)) ObjectRows.Put(db, made, kept);
            foreach (var (happened, kept) in step.Events.Zip(data)) EventRows.Append(db, happened, kept);
            return FeedRows.Find(db, step.From.Feed);
        }, cancellation);
        if (stands is not null && data.Length > 0) Appended(data.Length);
        return stands;
    }

    public async ValueTask<IReadOnlyList<KnownRecord>> KnownAsync(string feed, IReadOnlyList<int> ids, CancellationToken cancellation) =>
        await ReadAsync(db => FeedRows.Known(db, feed, ids), cancellation);

    public async ValueTask<IReadOnlyList<KnownRecord>> KnownAfterAsync(string feed, int after, int max, CancellationToken cancellation) =>
        await ReadAsync(db => FeedRows.KnownAfter(db, feed, after, max), cancellation);

    public async ValueTask<IReadOnlyList<KnownRecord>> OwedAsync(string feed, int max, CancellationToken cancellation) =>
        await ReadAsync(db => FeedRows.Owed(db, feed, max), cancellation);

    public async ValueTask HintAsync(IReadOnlyList<string> feeds, int id, int most, CancellationToken cancellation)
    {
        var mark = Guid.NewGuid().ToString("N");
        await WriteAsync(db =>
        {
            foreach (var feed in feeds) FeedRows.Hint(db, feed, id, mark, most);
            return true;
        }, cancellation);
    }

    public async ValueTask<IReadOnlyList<RecordHint>> HintsAsync(string feed, CancellationToken cancellation) => await ReadAsync(db => FeedRows.Hints(db, feed), cancellation);

    public async ValueTask DropHintsAsync(string feed, IReadOnlyList<RecordHint> hints, CancellationToken cancellation)
    {
        if (hints.Count > 0) await WriteAsync(db =>
        {
            foreach (var hint in hints) FeedRows.Drop(db, feed, hint);
            return true;
        }, cancellation);
    }

    public async ValueTask<IReadOnlyList<OwnedObject>> ObjectsOfAsync(string backend, string kind, string reference, CancellationToken cancellation) =>
        await ReadAsync(db => Objects.Of(db, backend, kind, reference), cancellation);

    public ValueTask<bool> IsBeingMadeAsync(string backend, string externalId, CancellationToken cancellation) =>
        ReadAsync(db => Intents.Holder(db, backend, externalId) is { State: not IntentState.Succeeded }, cancellation);

    public ValueTask<bool> IsBeingChangedAsync(string tenant, string objectId, CancellationToken cancellation) =>
        ReadAsync(db => Intents.Changing(db, tenant, objectId) is not null, cancellation);
}
