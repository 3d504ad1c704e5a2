using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Feeds of changes.</summary>
public sealed partial class PostgresqlStore
{
    public ValueTask<FeedState?> FindFeedAsync(string feed, CancellationToken cancellation) => FirstAsync(_feeds.Find(feed), _feeds.Read, cancellation);

    public ValueTask<FeedState?> TakeFeedAsync(string feed, string owner, DateTimeOffset until, bool hurried, CancellationToken cancellation) =>
        _db.WriteAsync(connection => connection.FirstAsync(_feeds.Take(feed, owner, until, hurried), _feeds.Read, CancellationToken.None), cancellation);

    public async ValueTask<FeedState?> StepAsync(FeedStep step, CancellationToken cancellation)
    {
        byte[][] data = [.. step.Events.Select(e => _payloads.Seal(PayloadKind.EventData, e.Data.Span))];
        byte[][] canonical = [.. step.Objects.Select(o => _payloads.Seal(PayloadKind.Canonical, o.Canonical.Span))];
        var feed = step.From.Feed;
        var stands = await _db.TransactAsync(async connection =>
        {
            NpgsqlBatchCommand[] ground = [_feeds.Move(step), .. step.Records.Select(r => FeedRows.Put(feed, r)), .. step.Gone.Select(r => FeedRows.Remove(feed, r))];
            if ((await connection.RunAsync(ground)).Any(rows => rows == 0)) return null;
            NpgsqlBatchCommand[] rest =
            [
                .. step.Objects.Zip(canonical, (made, kept) => ObjectRows.Put(made, kept, Guard.None)),
                .. step.Events.Zip(data).SelectMany(e => EventRows.Append(e.First, e.Second, Guard.None)),
            ];
            if (rest.Length > 0) await connection.RunAsync(rest);
            return await connection.FirstAsync(_feeds.Find(feed), _feeds.Read, CancellationToken.None);
        }, cancellation);
        if (stands is not null && data.Length > 0) Appended(data.Length);
        return stands;
    }

    public async ValueTask<IReadOnlyList<KnownRecord>> KnownAsync(string feed, IReadOnlyList<int> ids, CancellationToken cancellation) =>
        await AllAsync(FeedRows.Known(feed, ids), FeedRows.ReadRecord, cancellation);

    public async ValueTask<IReadOnlyList<KnownRecord>> KnownAfterAsync(string feed, int after, int max, CancellationToken cancellation) =>
        await AllAsync(FeedRows.KnownAfter(feed, after, max), FeedRows.ReadRecord, cancellation);

    public async ValueTask<IReadOnlyList<KnownRecord>> OwedAsync(string feed, int max, CancellationToken cancellation) =>
        await AllAsync(FeedRows.Owed(feed, max), FeedRows.ReadRecord, cancellation);

    public async ValueTask HintAsync(IReadOnlyList<string> feeds, int id, int most, CancellationToken cancellation)
    {
        var mark = Guid.NewGuid().ToString("N");
        // In one order: two that come at the same time wait for each other, and not for ever.
        if (feeds.Count > 0) await RunAsync([.. feeds.Order(StringComparer.Ordinal).Select(feed => FeedRows.Hint(feed, id, mark, most))], cancellation);
    }

    public async ValueTask<IReadOnlyList<RecordHint>> HintsAsync(string feed, CancellationToken cancellation) => await AllAsync(FeedRows.Hints(feed), FeedRows.ReadHint, cancellation);

    public async ValueTask DropHintsAsync(string feed, IReadOnlyList<RecordHint> hints, CancellationToken cancellation)
    {
        if (hints.Count > 0) await RunAsync([FeedRows.Drop(feed, hints)], cancellation);
    }

    public async ValueTask<IReadOnlyList<OwnedObject>> ObjectsOfAsync(string backend, string kind, string reference, CancellationToken cancellation) =>
        await AllAsync(ObjectRows.Of(backend, kind, reference), _objects.Read, cancellation);

    public async ValueTask<bool> IsBeingMadeAsync(string backend, string externalId, CancellationToken cancellation) =>
        await FirstAsync(_intents.Holder(backend, externalId), _intents.Read, cancellation) is { State: not IntentState.Succeeded };

    public async ValueTask<bool> IsBeingChangedAsync(string tenant, string objectId, CancellationToken cancellation) =>
        await FirstAsync(_intents.Changing(tenant, objectId), _intents.Read, cancellation) is not null;
}
