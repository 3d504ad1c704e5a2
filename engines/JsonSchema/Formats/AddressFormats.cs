namespace Gateway.JsonSchema.Formats;

/// <summary>Network addresses: RFC 2673 section 3.2 (ipv4) and RFC 4291 section 2.2 (ipv6).</summary>
internal static class AddressFormats
{
    public static bool IsIpv4(ReadOnlySpan<byte> text)
    {
        for (int part = 0; part < 4; part++)
        {
            int end = part == 3 ? text.Length : text.IndexOf((byte)'.');
            if (end < 0 || !IsOctet(text[..end]))
                return false;
            text = part == 3 ? default : text[(end + 1)..];
        }
        return true;
    }

    public static bool IsIpv6(ReadOnlySpan<byte> text)
    {
        int gap = text.IndexOf("::"u8);
        if (gap < 0)
            return CountGroups(text, mayEndInIpv4: true) == 8;
        int before = gap == 0 ? 0 : CountGroups(text[..gap], mayEndInIpv4: false);
        ReadOnlySpan<byte> rest = text[(gap + 2)..];
        int after = rest.Length == 0 ? 0 : CountGroups(rest, mayEndInIpv4: true);
        // "::" stands for at least one group.
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    // The number of 16-bit groups, or -1 when something is no group.
    private static int CountGroups(ReadOnlySpan<byte> text, bool mayEndInIpv4)
    {
        int count = 0;
        while (true)
        {
            int end = text.IndexOf((byte)':');
            ReadOnlySpan<byte> group = end < 0 ? text : text[..end];
            if (end < 0 && mayEndInIpv4 && group.Contains((byte)'.'))
                return IsIpv4(group) ? count + 2 : -1;
            if (group.Length is 0 or > 4)
                return -1;
            foreach (byte c in group)
            {
                if (!char.IsAsciiHexDigit((char)c))
                    return -1;
            }
            count++;
            if (end < 0)
                return count;
            text = text[(end + 1)..];
        }
    }

    private static bool IsOctet(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > 3 || text.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (text.Length > 1 && text[0] == '0'))
            return false;
        int value = 0;
        foreach (byte digit in text)
            value = (value * 10) + digit - '0';
        return value <= 255;
    }
}
