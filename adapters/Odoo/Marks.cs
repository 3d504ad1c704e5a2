using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo;

/// <summary>
/// The gateway's external id on records that wizards make: a wizard takes none, and <c>ir.model.data</c> is the administrator's. So it is written
/// right after into the text that says where the record comes from, <c>Return of WH/OUT/00068 (return_3fa9…)</c>. A record of the gateway's own user
/// without a mark was made by a call that was cut off before it came to that.
/// </summary>
internal static partial class Marks
{
    public static string With(string? origin, string externalId) => string.IsNullOrEmpty(origin) ? $"({externalId})" : $"{origin} ({externalId})";

    public static bool Has(string? origin, string externalId) => origin?.Contains($"({externalId})", StringComparison.Ordinal) == true;

    public static bool IsFree(string? origin) => origin is null || !Mark().IsMatch(origin);

    /// <summary>The external id that stands there; null without one.</summary>
    public static string? In(string? origin) => origin is not null && Mark().Match(origin) is { Success: true } mark ? mark.Value[1..^1] : null;

    /// <summary>What people and wizards wrote there.</summary>
    public static string? Without(string? origin) => origin is null ? null : Mark().Replace(origin, "").Trim();

    /// <summary>A leaf of a domain.</summary>
    public static object[] Leaf(string field, string externalId) => [field, "like", $"({externalId})"];

    /// <summary>
    /// The record of a call, among those that it could have made: the marked one; else, where work that was cut off is taken up again, one of our own
    /// user without a mark. Null where there is neither.
    /// </summary>
    /// <param name="field">Where the mark stands.</param>
    /// <param name="resumes">The call goes on with what an earlier one began; a new call never takes what another may be about to mark.</param>
    /// <param name="settledBefore">
    /// What was made after this may be about to get its mark by a call whose answer was lost: it would write over the one that is written now, and two would
    /// have one record. NotSent where there is such a one; what this call's own first attempt made grows old, and is taken then.
    /// </param>
    public static async ValueTask<Lookup<Found?>> OfAsync(OdooSession odoo, IEnumerable<Found> candidates, string field, string externalId, bool resumes, DateTimeOffset settledBefore)
    {
        var all = candidates.ToArray();
        if (all.FirstOrDefault(record => Has(record.Text(field), externalId)) is { } marked)
            return marked;
        if (!resumes || !Array.Exists(all, record => IsFree(record.Text(field))))
            return new Lookup<Found?>(null, null);
        var user = await odoo.UserAsync();
        if (user.Failure is { } failure)
            return failure;
        Found[] free = [.. all.Where(record => IsFree(record.Text(field)) && record.Row.Id("create_uid") == user.Value)];
        return Array.Exists(free, record => MadeAt(record) >= settledBefore)
            ? OdooReply.NotSent("another call may be about to mark what it made")
            : new Lookup<Found?>(free.FirstOrDefault(), null);
    }

    /// <summary>By Odoo's clock, to the second.</summary>
    private static DateTimeOffset? MadeAt(Found record) =>
        DateTimeOffset.TryParse(record.Text("create_date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made) ? made : null;

    [GeneratedRegex(@"\([a-z-]+_[0-9a-z]+\)")]
    private static partial Regex Mark();
}
