using System.Globalization;
using System.Text;

namespace Gateway.Adapters.Odoo.Orders;

/// <summary>
/// External ids of an order's lines: <c>sol_</c>, the order's own without its <c>so_</c>, and the buyer's id of the line. Of that, letters and digits
/// stay; each other byte of its UTF-8 is <c>-XX</c>, so that the id can be read back.
/// </summary>
internal static class LineNames
{
    private const string Prefix = "sol_";

    /// <summary><c>so_3fa9</c> and line <c>1</c> are <c>sol_3fa9_1</c>; line <c>1.2</c> is <c>sol_3fa9_1-2E2</c>.</summary>
    public static string Of(string orderName, string line)
    {
        var name = new StringBuilder(Prefix).Append(orderName.StartsWith("so_", StringComparison.Ordinal) ? orderName.AsSpan(3) : orderName).Append('_');
        foreach (var one in Encoding.UTF8.GetBytes(line))
            if (char.IsAsciiLetterOrDigit((char)one))
                name.Append((char)one);
            else
                name.Append('-').Append(one.ToString("X2", CultureInfo.InvariantCulture));
        return name.ToString();
    }

    /// <summary>The buyer's id of the line that a name speaks of; null when it is none of this gateway's.</summary>
    public static string? LineOf(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var written = name.AsSpan(name.LastIndexOf('_') + 1);
        var bytes = new List<byte>(written.Length);
        for (var i = 0; i < written.Length; i++)
            if (char.IsAsciiLetterOrDigit(written[i]))
            {
                bytes.Add((byte)written[i]);
            }
            else if (written[i] == '-' && i + 2 < written.Length && byte.TryParse(written.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var other))
            {
                bytes.Add(other);
                i += 2;
            }
            else
            {
                return null;
            }
        return bytes.Count > 0 ? Encoding.UTF8.GetString([.. bytes]) : null;
    }
}
