using System.Globalization;
using System.Text.Json;

namespace Gateway.Adapters.Odoo.Wire;

/// <summary>A version of Odoo.</summary>
/// <param name="Major">14 to 19; that of the release before it for one between two (<c>saas~17.2</c>).</param>
/// <param name="Text">As Odoo writes it: <c>16.0</c>.</param>
internal sealed record OdooVersion(int Major, string Text)
{
    /// <summary>The first that has JSON-2.</summary>
    public bool HasJson2 => Major >= 19;

    /// <summary>What <c>GET /web/version</c> and <c>common.version</c> say, under <paramref name="info"/> and <paramref name="text"/>; null where it is neither.</summary>
    public static OdooVersion? Read(JsonElement answer, string info, string text)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty(info, out var parts) || parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() == 0)
            return null;
        // A release says 18, what odoo.com runs between two of them says "saas~18".
        var major = parts[0].ValueKind == JsonValueKind.String ? parts[0].GetString()!.Replace("saas~", "", StringComparison.Ordinal) : parts[0].GetRawText();
        return int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new OdooVersion(number, answer.Text(text) ?? major)
            : null;
    }
}
