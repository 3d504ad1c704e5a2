using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Delivery.Webhooks;

/// <summary>Ids of deliveries: the <c>webhook-id</c> of Standard Webhooks, which is one message's over all its attempts.</summary>
public static class DeliveryId
{
    /// <summary>The same event for the same subscription has the same id, so that receivers know it again whatever happens here.</summary>
    /// <param name="source">Of the event, as its id.</param>
    public static string Of(string tenant, string subscription, string source, string id)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in (ReadOnlySpan<string>)[tenant, subscription, source, id])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return "msg_" + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
