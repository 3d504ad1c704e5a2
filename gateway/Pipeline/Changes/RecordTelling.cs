using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Pipeline.Changes;

/// <summary>What follows from a record as it is now: events, and what is known of it from now on.</summary>
/// <param name="Record">Null where it stays as it was known.</param>
internal sealed record Telling(KnownRecord? Record, IReadOnlyList<NewEvent> Events, IReadOnlyList<OwnedObject> Objects)
{
    public static Telling Nothing { get; } = new(null, [], []);

    /// <summary>Why it could not be told, for operators; null where it was, or where a route is still at it.</summary>
    public string? Trouble { get; init; }
}

/// <summary>
/// Decides who hears of a record, and of what. What a route of the gateway is just doing is left to it: it is owed, until the route's own event is
/// there; what the route has left behind was noted with that, so the same content is told to nobody again.
/// </summary>
internal sealed class RecordTelling(PlanFeed feed, IStore store, TimeProvider clock)
{
    /// <summary>The second in which a record was written is over, though the backend's clock be some seconds behind.</summary>
    private static readonly TimeSpan Over = TimeSpan.FromSeconds(5);

    public async ValueTask<Telling> OfAsync(KnownRecord? known, ChangedRecord changed, CancellationToken cancellation)
    {
        if (known is not null && known.Hash == changed.Hash) return Same(known, changed);
        var id = changed.Head.Id;
        // In this order: a route that ends between the two has its object in the second.
        if (changed.ExternalId is { } made && await store.IsBeingMadeAsync(feed.Backend, made, cancellation)) return Owe(known, changed);
        var objects = feed.ObjectKind is { } kind ? await store.ObjectsOfAsync(feed.Backend, kind, id.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellation) : [];
        foreach (var owned in objects)
            if (await store.IsBeingChangedAsync(owned.Tenant, owned.Id, cancellation)) return Owe(known, changed);
        return known is { Hash: KnownRecord.Unread } && known.WrittenAt == changed.Head.WrittenAt
            ? new Telling(Now(known, changed, known.Subjects, ""), [], [])
            : Tell(known, changed, objects);
    }

    /// <summary>The record is gone: who has heard of it hears that.</summary>
    public IEnumerable<NewEvent> Gone(KnownRecord known) => known.Subjects.Select(s => GoneFor(s.Key, s.Value, known.Id, clock.GetUtcNow()));

    /// <summary>Two looks may come in one second, and somebody may write between them: so it is settled only when its second is over by any clock.</summary>
    private Telling Same(KnownRecord known, ChangedRecord changed)
    {
        var settled = known.WrittenAt == changed.Head.WrittenAt && (known.Settled || clock.GetUtcNow() - known.WrittenAt >= Over);
        return settled == known.Settled && known.WrittenAt == changed.Head.WrittenAt
            ? Telling.Nothing
            : new Telling(known with { WrittenAt = changed.Head.WrittenAt, Settled = settled }, [], []);
    }

    private static Telling Owe(KnownRecord? known, ChangedRecord changed, string? trouble = null) => new(
        (known ?? new KnownRecord(changed.Head.Id, changed.Head.WrittenAt, KnownRecord.Debt, "")) with { Hash = KnownRecord.Debt, WrittenAt = changed.Head.WrittenAt, Settled = false }, [], [])
    {
        Trouble = trouble,
    };

    private static KnownRecord Now(KnownRecord? known, ChangedRecord changed, IReadOnlyDictionary<string, string> subjects, string told) =>
        new(changed.Head.Id, changed.Head.WrittenAt, changed.Hash, changed.Head.Stage) { Subjects = subjects, Told = told, Version = known?.Version ?? 0 };

    private Telling Tell(KnownRecord? known, ChangedRecord changed, IReadOnlyList<OwnedObject> objects)
    {
        using var record = JsonDocument.Parse(changed.Content);
        var (subjects, events, adopted) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<NewEvent>(), new List<OwnedObject>());
        foreach (var partner in feed.Partners.Where(p => changed.Head.IsOf(p, feed.Company)))
        {
            var owned = objects.FirstOrDefault(o => o.Tenant == partner.Name);
            if (owned is null && Adopt(partner, changed) is { } adoptee) adopted.Add(owned = adoptee);
            var (data, trouble) = feed.Map(record.RootElement, partner, owned, clock.GetUtcNow());
            if (data is not { } shown) return Owe(known, changed, trouble ?? "the mapping yields nothing");
            var subject = owned?.Id ?? known?.Subjects.GetValueOrDefault(partner.Name) ?? IdOf(changed);
            subjects[partner.Name] = subject;
            events.Add(EventOf(feed.Kind.Became(HeardOf(known, objects, partner), changed.Head.Stage), partner.Name, subject, changed.Head.WrittenAt, shown));
        }
        var told = HashOf(events);
        // What was written is nothing that its partners can see.
        if (told == known?.Told && known.Stage == changed.Head.Stage) events.Clear();
        // It was another's before: for them it is gone.
        foreach (var (tenant, subject) in known?.Subjects ?? subjects)
            if (!subjects.ContainsKey(tenant)) events.Add(GoneFor(tenant, subject, changed.Head.Id, changed.Head.WrittenAt));
        return new Telling(Now(known, changed, subjects, told), events, adopted);
    }

    private static string HashOf(List<NewEvent> events)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var happened in events)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{happened.Tenant}\n{happened.Subject}\n{happened.Data.Length}\n"));
            hash.AppendData(happened.Data.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The stage in which a partner has heard of it; null where it has not.</summary>
    private static string? HeardOf(KnownRecord? known, IReadOnlyList<OwnedObject> objects, Partner partner) =>
        known is not null && (known.Subjects.ContainsKey(partner.Name) || (known.Subjects.Count == 0 && !known.Owed)) ? known.Stage
        : objects.Any(o => o.Tenant == partner.Name) ? ""
        : null;

    /// <summary>What was made behind the gateway gets an id of it, so that its partner can ask for it as for any other.</summary>
    private OwnedObject? Adopt(Partner partner, ChangedRecord changed) => feed.ObjectKind is { } kind && changed.InPlaceOfRequest is { } instead
        ? new OwnedObject(partner.Name, kind, Ids.New(kind[..Math.Min(3, kind.Length)]), feed.Backend, IdOf(changed), changed.ExternalId ?? "", instead(partner.Buyers.First(changed.Head.Buyers.Contains)), clock.GetUtcNow())
        : null;

    private NewEvent GoneFor(string tenant, string subject, int id, DateTimeOffset at) => EventOf(feed.Kind.GoneType, tenant, subject, at, JsonSerializer.SerializeToUtf8Bytes(
        subject == IdText(id) ? new Dictionary<string, string> { ["recordId"] = subject } : new Dictionary<string, string> { ["id"] = subject, ["recordId"] = IdText(id) }));

    private NewEvent EventOf(string type, string tenant, string subject, DateTimeOffset at, ReadOnlyMemory<byte> data) =>
        feed.Catalogue.Keyed(new(Ids.New("evt"), tenant, type, Hooks.Hooks.SourceOf(feed.Backend), subject, subject, at, data));

    private static string IdOf(ChangedRecord changed) => IdText(changed.Head.Id);

    private static string IdText(int id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
