using System.Security.Cryptography;
using System.Text;

namespace Gateway.Delivery.Storage;

/// <summary>
/// Values that instances are found by, as every engine takes them into an index. They are made of what others sent, and may have any length; a row in an
/// index of PostgreSQL has at most a third of a page (https://www.postgresql.org/docs/current/btree.html). In place of a long one stands its SHA-256.
/// </summary>
internal static class FoundBy
{
    private const int Longest = 256;

    public static string Of(string value) => value.Length <= Longest ? value : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
