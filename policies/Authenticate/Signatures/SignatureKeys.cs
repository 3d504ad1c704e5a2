using System.Collections.Frozen;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>All keys that consumers sign with, by their ids, and what each consumer signed lately.</summary>
internal sealed class SignatureKeys
{
    private readonly FrozenDictionary<string, IReadOnlyList<OpenKey>> _byId;
    private readonly FrozenDictionary<string, ReplayMemory> _memories;

    private SignatureKeys(PolicyScope scope)
    {
        _byId = scope.Consumers
            .SelectMany(consumer => consumer.SignatureKeys.Where(key => key.Material.Length > 0).Select(key => new OpenKey(consumer, key)))
            .GroupBy(key => key.Key.Id)
            .ToFrozenDictionary(keys => keys.Key, keys => (IReadOnlyList<OpenKey>)[.. keys]);
        _memories = scope.Consumers.DistinctBy(consumer => consumer.Name).ToFrozenDictionary(consumer => consumer.Name, consumer => Memory(scope, consumer));
    }

    /// <summary>Those of the workspace; all policies of a Plan share them.</summary>
    public static SignatureKeys Of(PolicyScope scope) => scope.Shared("signatureKeys", () => new SignatureKeys(scope));

    /// <summary>What a consumer signed lately; kept over reloads.</summary>
    public static ReplayMemory Memory(PolicyScope scope, Consumer consumer) => scope.Kept($"replays/{consumer.Name}", () => new ReplayMemory(consumer.Name, scope.Clock));

    /// <summary>Keys with an id, expired ones too; none where it is nobody's.</summary>
    public IReadOnlyList<OpenKey> Find(string id) => _byId.GetValueOrDefault(id, []);

    /// <summary>What a consumer signed lately.</summary>
    public ReplayMemory MemoryOf(Consumer consumer) => _memories[consumer.Name];
}

/// <summary>A consumer's key, ready to check signatures.</summary>
internal sealed class OpenKey(Consumer consumer, SignatureKey key)
{
    public Consumer Consumer { get; } = consumer;

    public SignatureKey Key { get; } = key;

    /// <summary>Null for the key of an algorithm that is not of RFC 9421's registry.</summary>
    public SignatureCheck? Check { get; } = SignatureAlgorithms.Open(key.Algorithm, key.Material.ToArray());

    public bool HoldsAt(DateTimeOffset now) => Key.Expires is not { } end || now < end;
}
