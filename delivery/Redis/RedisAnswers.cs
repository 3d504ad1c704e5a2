using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Delivery.Storage;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace Gateway.Delivery.Redis;

/// <summary>
/// Answers in the Redis of <c>state.redis</c>, sealed as in the store under a purpose of their own, with the scope they belong to inside: what was
/// changed, or put under another key, is no answer. Partners and keys do not stand there in clear. Look-up and turn are one round trip.
/// </summary>
public sealed class RedisAnswers(RedisConnection redis, IDataProtectionProvider protection) : NearAnswers
{
    /// <summary>How long parallel repeats are kept from the store, at most: who died over his turn is not waited for.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(5);

    /// <summary>By how much an answer ends here before it ends in the store.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private const int IsAnswer = 1;
    private const int IsTurn = 2;

    /// <summary>KEYS: answer, turn. ARGV: ticket, milliseconds. Answer: 1 and the answer, 2 and whose turn it is, or 0: the turn is the ticket's.</summary>
    private static readonly RedisScript Look = new("""
        local answer = redis.call('GET', KEYS[1])
        if answer then return { 1, answer } end
        if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 0 } end
        return { 2, redis.call('GET', KEYS[2]) }
        """);

    /// <summary>KEYS: answer, turn. ARGV: ticket, answer or nothing, milliseconds that it is kept.</summary>
    private static readonly RedisScript Finish = new("""
        if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
        if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
        return 0
        """);

    private static readonly Near Unknown = new Near.Unknown();
    private static readonly Near AtWork = new Near.AtWork();

    private readonly Payloads _payloads = new(protection);

    public override ValueTask<Near> LookAsync(KeyScope key, string fingerprint, CancellationToken cancellation) =>
        redis.IsDeclared ? LookAsync(new Near.Turn(key, fingerprint, $"{fingerprint}.{Guid.NewGuid():N}")) : new(Unknown);

    public override void End(Near.Turn turn, Answer? stored, TimeSpan keepFor) => _ = EndAsync(turn, stored, keepFor - Margin);

    private async ValueTask<Near> LookAsync(Near.Turn turn)
    {
        RedisValue[] values = [turn.Ticket, (long)LongestTurn.TotalMilliseconds];
        var (isGiven, said) = await redis.AskAsync((Keys: KeysOf(turn.Key), values), static (database, about) => Look.RunAsync(database, about.Keys, about.values));
        // What is no answer of the script is nobody's turn: the store decides.
        if (!isGiven || said is not { Resp2Type: ResultType.Array, Length: > 0 } || !int.TryParse((string?)said[0], out var what)) return Unknown;
        return what switch
        {
            IsAnswer when said.Length > 1 => Read(turn, (byte[]?)said[1]),
            IsTurn when said.Length > 1 => ((string?)said[1])?.StartsWith(turn.Fingerprint + ".", StringComparison.Ordinal) == true ? AtWork : Unknown,
            _ => turn,
        };
    }

    /// <summary>What can't be opened, or belongs to another key, is not there.</summary>
    private Near Read(Near.Turn turn, byte[]? payload)
    {
        if (payload is null || _payloads.TryOpen(PayloadKind.NearAnswer, payload) is not { } opened) return Unknown;
        var (stored, documents) = StoredForm.Read(opened, StoredJson.Default.NearRecord);
        return stored.Scope == turn.Key ? new Near.Answered(new KeyRecord(stored.Scope, stored.Fingerprint, stored.Answer with { Body = documents[0] }, null)) : Unknown;
    }

    private async Task EndAsync(Near.Turn turn, Answer? stored, TimeSpan keepFor)
    {
        try
        {
            var payload = stored is null || keepFor <= TimeSpan.Zero ? [] : Seal(turn, stored);
            RedisValue[] values = [turn.Ticket, payload, (long)Math.Max(1, keepFor.TotalMilliseconds)];
            // In order: a caller who has his answer and asks again finds no turn that is only about to end.
            await redis.AskAsync((Keys: KeysOf(turn.Key), values), static (database, about) => Finish.RunInOrderAsync(database, about.Keys, about.values));
        }
        catch (StoreUnavailableException)
        {
            // The key ring is away: the store has the answer, and the turn ends by itself.
        }
    }

    private byte[] Seal(Near.Turn turn, Answer answer) => _payloads.Seal(
        PayloadKind.NearAnswer, StoredForm.Write(new NearRecord(turn.Key, turn.Fingerprint, answer with { Body = default }), StoredJson.Default.NearRecord, answer.Body));

    private RedisKey[] KeysOf(KeyScope key)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize<string[]>([key.Tenant, key.Route, key.Key]))).AsSpan(0, 16));
        return [redis.Key("answer", name), redis.Key("turn", name)];
    }
}
