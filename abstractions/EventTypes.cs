using System.Collections.Frozen;
using System.Text.Json;

namespace Gateway;

/// <summary>A type of event as the catalogue has it.</summary>
/// <param name="Name"><c>order.accepted.v1</c>.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Contract">What its data are held against: <c>order@1</c>.</param>
public sealed record EventType(string Name, string Owner, string Contract)
{
    /// <summary>Numbers of one event; each is a row of an index.</summary>
    public const int MostNumbers = 50;

    /// <summary>Of a number, in UTF-16 units: an index takes no more.</summary>
    public const int LongestNumber = 200;

    public string Description { get; init; } = "";

    /// <summary>The backend that tells it; null where it is told to partners, or by a flow.</summary>
    public string? From { get; init; }

    /// <summary>Member of the data whose value keeps an order among events, as a path of names; null for the subject.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Members of the data that hold numbers of what it is about, as paths of names; of a list each element.</summary>
    public IReadOnlyList<string> About { get; init; } = [];

    /// <summary>How long the log gives it to who reads events; it is erased behind that.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    public EventReplay Replay { get; init; }

    /// <summary>How long an event of one source and id is the same: here, where it comes from outside, and at receivers, who keep ids so long.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What is wrong with data of this type, by the contract; empty when nothing is.</summary>
    public required Func<ReadOnlyMemory<byte>, IReadOnlyList<Finding>> Findings { get; init; }

    /// <summary>The numbers that an event is found by beside its subject: at most <see cref="MostNumbers"/>, none of them longer than <see cref="LongestNumber"/>.</summary>
    public IReadOnlyList<string> NumbersOf(NewEvent happened)
    {
        if (About.Count == 0) return [];
        using var data = JsonDocument.Parse(happened.Data);
        return [.. About.SelectMany(path => Values(data.RootElement, path.Split('.'))).Where(number => number.Length is > 0 and <= LongestNumber && number != happened.Subject).Distinct().Take(MostNumbers)];
    }

    private static IEnumerable<string> Values(JsonElement at, ReadOnlyMemory<string> path) => at.ValueKind switch
    {
        JsonValueKind.Array => at.EnumerateArray().SelectMany(one => Values(one, path)),
        JsonValueKind.Object when !path.IsEmpty => at.TryGetProperty(path.Span[0], out var member) ? Values(member, path[1..]) : [],
        JsonValueKind.String when path.IsEmpty => [at.GetString()!],
        JsonValueKind.Number when path.IsEmpty => [at.GetRawText()],
        _ => [],
    };

    /// <summary>What keeps its order; the subject, where the data do not say.</summary>
    public string KeyOf(NewEvent happened)
    {
        if (OrderingKey is not { } path) return happened.PartitionKey;
        using var data = JsonDocument.Parse(happened.Data);
        var at = data.RootElement;
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return happened.PartitionKey;
        }
        return at.ValueKind switch
        {
            JsonValueKind.String when at.GetString() is { Length: > 0 } text => text,
            JsonValueKind.Number => at.GetRawText(),
            _ => happened.PartitionKey,
        };
    }
}

/// <summary>Whether an event may be told again, long after it was.</summary>
public enum EventReplay
{
    /// <summary>A repeat does no harm: receivers know it by its id.</summary>
    Allowed,

    /// <summary>What it says was true in its time only.</summary>
    Never,
}

/// <summary>The catalogue of a Plan: types of events by name. Empty where the workspace declares none.</summary>
public sealed class EventTypes(IEnumerable<EventType> types)
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);

    private readonly FrozenDictionary<string, EventType> _types = types.ToFrozenDictionary(t => t.Name);

    public static EventTypes None { get; } = new([]);

    public IEnumerable<EventType> All => _types.Values;

    public EventType? Of(string type) => _types.GetValueOrDefault(type);

    /// <summary>Those that partners may wait for.</summary>
    public IEnumerable<EventType> OfPartners => _types.Values.Where(t => t.From is null);

    /// <summary>Types that are not sent again long after they were.</summary>
    public IReadOnlyList<string> NeverReplayed { get; } = [.. types.Where(t => t.Replay == EventReplay.Never).Select(t => t.Name).Order(StringComparer.Ordinal)];

    /// <summary>The event with the ordering key, the duplicate window and the numbers that its type has.</summary>
    public NewEvent Keyed(NewEvent happened) => Of(happened.Type) is { } type ? happened with { PartitionKey = type.KeyOf(happened), Window = type.DuplicateWindow, Numbers = type.NumbersOf(happened) } : happened;

    /// <summary>
    /// How long an event stays in the log: of a type that is not catalogued, as long as those that are, and 30 days at least. Without a catalogue for ever.
    /// </summary>
    public TimeSpan RetentionOf(string type) => Of(type)?.Retention ?? (_types.Count == 0 ? TimeSpan.MaxValue : _types.Values.Select(t => t.Retention).Append(Usual).Max());

    /// <summary>How an event breaks the contract of its type; null where it does not. It is told all the same: the fact has happened.</summary>
    public Violation? ViolationOf(NewEvent happened) =>
        Of(happened.Type) is { } type && type.Findings(happened.Data) is { Count: > 0 } findings ? new Violation(type.Contract, "event", Enforced: false, findings) : null;
}
