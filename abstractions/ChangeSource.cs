using System.Text.Json;

namespace Gateway;

/// <summary>Where a backend can be asked what was changed in it. Each method gives what it was asked for, or why the backend did not answer; none throws but for cancellation.</summary>
public abstract class ChangeSource
{
    public abstract ChangesOptions Options { get; }

    /// <summary>The kinds that this backend can be watched for.</summary>
    public abstract IReadOnlyList<ChangeKind> Kinds { get; }

    /// <summary>Records of the partners, by what they were written or by id.</summary>
    public abstract ValueTask<Asked<IReadOnlyList<DatedRecord>>> ListAsync(ChangeKind kind, IReadOnlyList<Partner> partners, ChangeQuery query, CancellationToken cancellation);

    /// <summary>When the last of them was written; null where there is none.</summary>
    public abstract ValueTask<Asked<DateTimeOffset?>> LatestAsync(ChangeKind kind, IReadOnlyList<Partner> partners, CancellationToken cancellation);

    /// <summary>Whose records are and how they stand, by their ids. One that is gone, or none of these partners', is left out.</summary>
    public abstract ValueTask<Asked<IReadOnlyList<RecordHead>>> HeadsAsync(ChangeKind kind, IReadOnlyList<Partner> partners, IReadOnlyList<int> ids, CancellationToken cancellation);

    /// <summary>The same with what they say, as the kind's mapping takes it.</summary>
    public abstract ValueTask<Asked<IReadOnlyList<ChangedRecord>>> ReadAsync(ChangeKind kind, IReadOnlyList<Partner> partners, IReadOnlyList<int> ids, CancellationToken cancellation);

    /// <summary>What an operation has left of records, for the kind that watches them.</summary>
    public abstract IEnumerable<(ChangeKind Kind, KnownRecord Record)> Left(OperationDescriptor operation, OperationResult result);

    /// <summary>What a hint is about; null where it says nothing that can be looked at.</summary>
    public abstract Hint? ReadHint(JsonElement body);
}

/// <summary>A kind of record, and how its events are called.</summary>
/// <param name="Name">As it is declared: <c>orders</c>.</param>
/// <param name="Event">What its events begin with: <c>order</c>, for <c>order.changed.v1</c>.</param>
/// <param name="First">What a record that nobody has heard of has become: <c>created</c>.</param>
/// <param name="Gone">What one that is not there any more has become.</param>
/// <param name="Stages">What a record has become that came to a stage.</param>
public sealed record ChangeKind(string Name, string Event, string First, string Gone, IReadOnlyDictionary<string, string> Stages)
{
    /// <summary>The operation that makes such a record; a route that calls it gives the object its kind, and its id. Null where records get none.</summary>
    public string? MadeBy { get; init; }

    /// <summary>Calls that a question for records takes, about.</summary>
    public int Cost { get; init; } = 2;

    /// <summary>Records that are read together.</summary>
    public int Batch { get; init; } = 10;

    public string GoneType => TypeOf(Gone);

    public IEnumerable<string> Types => Stages.Values.Append(First).Append("changed").Append(Gone).Distinct().Select(TypeOf);

    /// <summary>How the event of a record is called.</summary>
    /// <param name="before">The stage it was told in; null for one that nobody has heard of.</param>
    public string Became(string? before, string stage) =>
        TypeOf(stage != before && Stages.TryGetValue(stage, out var became) ? became : before is null ? First : "changed");

    private string TypeOf(string became) => $"{Event}.{became}.v1";
}

/// <summary>Which records are listed: by the second in which they were written and then by id, or by id.</summary>
/// <param name="Max">Rows of the answer at most.</param>
public sealed record ChangeQuery(int Max)
{
    /// <summary>Written in this second or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Written before this second.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Ids behind this one, in their order; null lists by what was written.</summary>
    public int? AfterId { get; init; }
}

/// <summary>A record, and the second in which it was written.</summary>
public readonly record struct DatedRecord(int Id, DateTimeOffset WrittenAt);

/// <summary>How a record stands, and whose it is.</summary>
/// <param name="Buyers">References of the customer that it is of, and of the company that this is a contact of.</param>
/// <param name="Company">The company of ours that it belongs to, by the backend's id.</param>
public sealed record RecordHead(int Id, DateTimeOffset WrittenAt, string Stage, IReadOnlyList<string> Buyers, int? Company)
{
    /// <summary>Whether a partner may know of it.</summary>
    public bool IsOf(Partner partner, int otherwise) =>
        partner.Buyers.Intersect(Buyers).Any() && (Company is not { } company || partner.Companies.Select(c => c.Id).DefaultIfEmpty(otherwise).Contains(company));
}

/// <summary>A record with what it says.</summary>
/// <param name="Content">JSON in the backend's own words, as operations give it.</param>
/// <param name="Hash">Of what it says; when it was written is no part of that.</param>
public sealed record ChangedRecord(RecordHead Head, ReadOnlyMemory<byte> Content, string Hash)
{
    /// <summary>The external id that this gateway would have made it under; null for what somebody else has made.</summary>
    public string? ExternalId { get; init; }

    /// <summary>For one that was made there: what stands in place of the canonical request, by the buyer that it is of.</summary>
    public Func<string, ReadOnlyMemory<byte>>? InPlaceOfRequest { get; init; }
}

/// <summary>An answer, or why there is none.</summary>
public readonly record struct Asked<T>(T? Value, OperationResult? Failure)
{
    public static implicit operator Asked<T>(T value) => new(value, null);

    public static implicit operator Asked<T>(OperationResult failure) => new(default, failure);
}

/// <summary>Where to look: kinds that may watch the record, and its id.</summary>
public sealed record Hint(IReadOnlyList<string> Kinds, int Id);

/// <summary>One kind of records of one backend, watched for the partners of a Plan.</summary>
/// <param name="Backend">Name of the configured backend.</param>
public sealed record PlanFeed(string Backend, ChangeSource Source, ChangeKind Kind, IReadOnlyList<Partner> Partners)
{
    /// <summary><c>odoo/orders</c></summary>
    public string Name { get; } = $"{Backend}/{Kind.Name}";

    /// <summary>Kind of the objects that stand for such records; null where no route makes any.</summary>
    public string? ObjectKind { get; init; }

    /// <summary>Company of records of partners that name none.</summary>
    public int Company { get; init; } = 1;

    /// <summary>Changes where other records than before are looked for.</summary>
    public required string Scope { get; init; }

    /// <summary>What the catalogue says of its events.</summary>
    public EventTypes Catalogue { get; init; } = EventTypes.None;

    /// <summary>The data of an event, or why there is none, for operators.</summary>
    public required MapRecord Map { get; init; }
}

/// <summary>What a record is to a partner: the mapping's output.</summary>
/// <param name="owned">The object that stands for it; null without one.</param>
public delegate (ReadOnlyMemory<byte>? Data, string? Trouble) MapRecord(JsonElement record, Partner partner, OwnedObject? owned, DateTimeOffset now);
