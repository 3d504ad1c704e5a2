using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Delivery.Flows;

/// <summary>Ids that follow from what they name: who comes to the same twice comes to the same id.</summary>
internal static class FlowId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Of the one instance that a flow has for a key.</summary>
    public static string Of(string tenant, string flow, string key) => "flo_" + Text(Hash(tenant, flow, key));

    /// <summary>The external id under which a backend knows what a step has made, or undone: the same over all attempts, whoever makes them.</summary>
    /// <param name="round">How many times the step was begun before.</param>
    public static string OfCall(string instance, string step, int round, bool undo) => "fls_" + Text(Hash(instance, InRound(step, round), undo ? "undo" : "do"));

    /// <summary>Of the event that a step tells.</summary>
    public static string OfEvent(string instance, string step, int round) => $"{instance}_{InRound(step, round)}";

    /// <summary>Of what an owner is told of a flow within one hour: the first of a kind is the only one.</summary>
    /// <param name="hour">When it began.</param>
    public static string OfAlert(string flow, FlowAlert alert, DateTimeOffset hour) =>
        "alr_" + Text(Hash(flow, alert.Step, alert.Kind.ToString(), alert.To, hour.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>No name of a step has such an end.</summary>
    private static string InRound(string step, int round) => round == 0 ? step : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{step}.{round + 1}");

    public static int ShardOf(string id) => (int)(BinaryPrimitives.ReadUInt32BigEndian(Hash(id)) % FlowInstance.Shards);

    /// <summary>Lengths keep parts apart.</summary>
    private static byte[] Hash(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }

    private static string Text(byte[] hash) => string.Create(26, hash, (text, bytes) =>
    {
        for (var i = 0; i < text.Length; i++) text[i] = Alphabet[bytes[i] & 31];
    });
}
