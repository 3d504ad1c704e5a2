using System.Buffers;
using System.Text;

namespace Gateway.JsonSchema.Formats;

/// <summary>Mailboxes: RFC 5321 section 4.1.2, and RFC 6531 section 3.3 for the international form.</summary>
internal static class EmailFormats
{
    private const int LongestLocalPart = 64;
    private const int LongestDomain = 255;

    private static readonly SearchValues<byte> AtomText =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"u8);

    public static bool IsEmail(ReadOnlySpan<byte> text) => Check(text, international: false);

    public static bool IsIdnEmail(ReadOnlySpan<byte> text) => Check(text, international: true);

    private static bool Check(ReadOnlySpan<byte> text, bool international)
    {
        // The last sign separates: a domain never holds one, a quoted local part may.
        int sign = text.LastIndexOf((byte)'@');
        if (sign is < 1 or > LongestLocalPart)
            return false;
        ReadOnlySpan<byte> local = text[..sign];
        if (!(local[0] == '"' ? IsQuoted(local, international) : IsDotString(local, international)))
            return false;
        ReadOnlySpan<byte> domain = text[(sign + 1)..];
        if (domain is [(byte)'[', .., (byte)']'])
            return IsAddressLiteral(domain[1..^1]);
        if (domain.Length is 0 or > LongestDomain)
            return false;
        return international && domain.ContainsAnyExceptInRange((byte)0, (byte)0x7F)
            ? HostnameFormats.IsMailDomain(domain)
            : HostnameFormats.IsLdhName(domain);
    }

    private static bool IsQuoted(ReadOnlySpan<byte> text, bool international)
    {
        if (text.Length < 2 || text[^1] != '"')
            return false;
        ReadOnlySpan<byte> content = text[1..^1];
        for (int i = 0; i < content.Length; i++)
        {
            byte c = content[i];
            if (c >= 0x80)
            {
                if (!international)
                    return false;
                continue;
            }
            if (c == '\\' && ++i == content.Length)
                return false;
            if (c == '"' || content[i] is < 0x20 or 0x7F)
                return false;
        }
        return true;
    }

    private static bool IsDotString(ReadOnlySpan<byte> text, bool international)
    {
        foreach (Range part in text.Split((byte)'.'))
        {
            ReadOnlySpan<byte> atom = text[part];
            if (atom.Length == 0)
                return false;
            foreach (byte c in atom)
            {
                if (c >= 0x80 ? !international : !AtomText.Contains(c))
                    return false;
            }
        }
        return true;
    }

    private static bool IsAddressLiteral(ReadOnlySpan<byte> text) =>
        Ascii.EqualsIgnoreCase(text[..Math.Min(5, text.Length)], "IPv6:"u8) ? AddressFormats.IsIpv6(text[5..]) : AddressFormats.IsIpv4(text);
}
