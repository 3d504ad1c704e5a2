using System.Buffers;
using System.Text;

namespace Gateway.JsonSchema.Formats;

/// <summary>RFC 3986 (URI) and RFC 3987 (IRI), by their grammars.</summary>
internal static class UriFormats
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private const string SubDelims = "!$&'()*+,;=";

    private static readonly SearchValues<byte> UserInfo = Bytes(Unreserved + SubDelims + ":");
    private static readonly SearchValues<byte> RegName = Bytes(Unreserved + SubDelims);
    private static readonly SearchValues<byte> Path = Bytes(Unreserved + SubDelims + ":@/");
    private static readonly SearchValues<byte> QueryOrFragment = Bytes(Unreserved + SubDelims + ":@/?");

    public static bool IsUri(ReadOnlySpan<byte> text) => Check(text, international: false, absolute: true);

    public static bool IsUriReference(ReadOnlySpan<byte> text) => Check(text, international: false, absolute: false);

    public static bool IsIri(ReadOnlySpan<byte> text) => Check(text, international: true, absolute: true);

    public static bool IsIriReference(ReadOnlySpan<byte> text) => Check(text, international: true, absolute: false);

    private static bool Check(ReadOnlySpan<byte> text, bool international, bool absolute)
    {
        bool hasScheme = TryTakeScheme(ref text);
        if (absolute && !hasScheme)
            return false;
        int hash = text.IndexOf((byte)'#');
        if (hash >= 0 && !IsMadeOf(text[(hash + 1)..], QueryOrFragment, international, privateUse: false))
            return false;
        if (hash >= 0)
            text = text[..hash];
        int mark = text.IndexOf((byte)'?');
        if (mark >= 0 && !IsMadeOf(text[(mark + 1)..], QueryOrFragment, international, privateUse: true))
            return false;
        if (mark >= 0)
            text = text[..mark];
        if (text.StartsWith("//"u8))
        {
            text = text[2..];
            int slash = text.IndexOf((byte)'/');
            if (!IsAuthority(slash < 0 ? text : text[..slash], international))
                return false;
            text = slash < 0 ? default : text[slash..];
        }
        else if (!hasScheme && IsColonInFirstSegment(text))
            return false;
        return IsMadeOf(text, Path, international, privateUse: false);
    }

    private static bool TryTakeScheme(ref ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        if (colon <= 0 || !char.IsAsciiLetter((char)text[0]))
            return false;
        foreach (byte c in text[..colon])
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'+' or (byte)'-' or (byte)'.'))
                return false;
        }
        text = text[(colon + 1)..];
        return true;
    }

    private static bool IsColonInFirstSegment(ReadOnlySpan<byte> path)
    {
        int slash = path.IndexOf((byte)'/');
        return (slash < 0 ? path : path[..slash]).Contains((byte)':');
    }

    private static bool IsAuthority(ReadOnlySpan<byte> text, bool international)
    {
        int sign = text.IndexOf((byte)'@');
        if (sign >= 0)
        {
            if (!IsMadeOf(text[..sign], UserInfo, international, privateUse: false))
                return false;
            text = text[(sign + 1)..];
        }
        if (text.Length > 0 && text[0] == '[')
        {
            int close = text.IndexOf((byte)']');
            return close > 0 && IsIpLiteral(text[1..close]) && IsPort(text[(close + 1)..]);
        }
        int colon = text.LastIndexOf((byte)':');
        return IsMadeOf(colon < 0 ? text : text[..colon], RegName, international, privateUse: false) && (colon < 0 || IsPort(text[colon..]));
    }

    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.Length == 0 || (text[0] == ':' && !text[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));

    private static bool IsIpLiteral(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || (text[0] | 0x20) != 'v')
            return AddressFormats.IsIpv6(text);
        int dot = text.IndexOf((byte)'.');
        if (dot < 2 || dot == text.Length - 1 || text[(dot + 1)..].ContainsAnyExcept(UserInfo))
            return false;
        foreach (byte c in text[1..dot])
        {
            if (!char.IsAsciiHexDigit((char)c))
                return false;
        }
        return true;
    }

    private static bool IsMadeOf(ReadOnlySpan<byte> text, SearchValues<byte> allowed, bool international, bool privateUse)
    {
        while (true)
        {
            int at = text.IndexOfAnyExcept(allowed);
            if (at < 0)
                return true;
            text = text[at..];
            int length;
            if (text[0] == '%')
            {
                if (text.Length < 3 || !char.IsAsciiHexDigit((char)text[1]) || !char.IsAsciiHexDigit((char)text[2]))
                    return false;
                length = 3;
            }
            else if (!international || text[0] < 0x80 || Rune.DecodeFromUtf8(text, out Rune rune, out length) != OperationStatus.Done
                || !IsInternational(rune.Value, privateUse))
                return false;
            text = text[length..];
        }
    }

    // ucschar and iprivate of RFC 3987 section 2.2.
    private static bool IsInternational(int c, bool privateUse) => c switch
    {
        >= 0xA0 and <= 0xD7FF or >= 0xF900 and <= 0xFDCF or >= 0xFDF0 and <= 0xFFEF => true,
        >= 0xE000 and <= 0xF8FF or >= 0xF0000 and <= 0xFFFFD or >= 0x100000 and <= 0x10FFFD => privateUse,
        >= 0x10000 and < 0xF0000 => (c & 0xFFFF) <= 0xFFFD && c is < 0xE0000 or >= 0xE1000,
        _ => false,
    };

    private static SearchValues<byte> Bytes(string characters) => SearchValues.Create(Encoding.ASCII.GetBytes(characters));
}
