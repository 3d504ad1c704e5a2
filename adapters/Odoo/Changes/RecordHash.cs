using System.Security.Cryptography;
using System.Text.Json;

namespace Gateway.Adapters.Odoo.Changes;

/// <summary>SHA-256 over what a record says, hex: all its members at any depth but <c>write_date</c>, which changes where nothing else does.</summary>
internal static class RecordHash
{
    public static string Of(ReadOnlySpan<byte> record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = new Utf8JsonReader(record);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("write_date"u8))
            {
                reader.Skip();
                continue;
            }
            // What kind of token it is, and where it ends, so that no two records are the same row of bytes.
            hash.AppendData([(byte)reader.TokenType]);
            hash.AppendData(reader.ValueSpan);
            hash.AppendData([0]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
