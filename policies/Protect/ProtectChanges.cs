namespace Gateway.Policies.Protect;

/// <summary>
/// What a change of <c>protect</c> does. What more of a request passes is weakening, what fewer of them do is breaking. The size of a body is compared
/// with the route, which has a bound of its own.
/// </summary>
internal sealed class ProtectChanges(ProtectOptions before, ProtectOptions after, Compared world)
{
    public IEnumerable<PolicyEffect> Find() =>
    [
        .. Bounds(),
        .. Switch(before.Xml, after.Xml, "XML is taken", "XML is not taken any more"),
        .. Switch(before.Path.EncodedSlashes, after.Path.EncodedSlashes, "%2F may stand in paths", "%2F may not stand in paths any more"),
        .. Switch(before.Path.Semicolons, after.Path.Semicolons, "; may stand in paths", "; may not stand in paths any more"),
        .. Listed([.. before.Encodings.Select(ProtectTexts.Word)], [.. after.Encodings.Select(ProtectTexts.Word)], "bodies coded as"),
        .. MediaTypes(),
        .. Addresses(),
        .. Cors(before.Cors, after.Cors),
        .. Caching(),
    ];

    private IEnumerable<PolicyEffect> Bounds() => [.. OfServer(), .. OfRoute()];

    /// <summary>Where the route says nothing, the server's bounds hold: what counts is what holds before and after. Changes of the server alone are told once, and not here.</summary>
    private IEnumerable<PolicyEffect> OfServer()
    {
        var (then, now) = (world.Before, world.After);
        foreach (var (what, was, most, thenAll, nowAll) in (IEnumerable<(string, long?, long?, long, long)>)
            [
                ("characters of path and query", before.Url, after.Url, then.Url, now.Url), ("headers", before.Headers, after.Headers, then.Headers, now.Headers),
                ("characters of headers", before.HeadersSize, after.HeadersSize, then.HeadersSize, now.HeadersSize),
            ])
        {
            if (was != most && (was ?? thenAll) != (most ?? nowAll))
                yield return Of((most ?? nowAll) > (was ?? thenAll), $"the bound of {what} is {Text(most, nowAll)}, was {Text(was, thenAll)}");
        }
        var (slowest, slowestNow) = (before.BodyRate ?? then.BodyRate, after.BodyRate ?? now.BodyRate);
        if (before.BodyRate != after.BodyRate && slowest != slowestNow)
            yield return Of(slowestNow < slowest, $"bodies must come with {Text(after.BodyRate, now.BodyRate)} bytes a second, was {Text(before.BodyRate, then.BodyRate)}");
    }

    /// <summary>Null is no bound.</summary>
    private IEnumerable<PolicyEffect> OfRoute()
    {
        var (then, now) = (before.Json ?? new(), after.Json ?? new());
        foreach (var (what, was, most) in (IEnumerable<(string, long?, long?)>)
            [
                ("characters of a query", before.Query, after.Query), ("JSON's depth", then.Depth, now.Depth), ("members of an object", then.Members, now.Members),
                ("elements of an array", then.Elements, now.Elements), ("bytes of a string", then.String, now.String), ("characters of a number", then.Number, now.Number),
                ("what one byte unpacks to", RatioOf(before), RatioOf(after)),
            ])
        {
            if (was != most) yield return Of(most is null || most > was, $"the bound of {what} is {Text(most)}, was {Text(was)}");
        }
    }

    private static long? RatioOf(ProtectOptions options) => options.Encodings.Count == 0 ? null : options.Ratio;

    private static string Text(long? bound) => bound?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "what holds for all";

    private static string Text(long? bound, long all) => bound is null ? $"{Text(all)} (as for all)" : Text(bound);

    private static IEnumerable<PolicyEffect> Switch(bool then, bool now, string on, string off) => then == now ? [] : [Of(now, now ? on : off)];

    /// <summary>Without a list all are taken, so one that comes takes something away.</summary>
    private IEnumerable<PolicyEffect> MediaTypes()
    {
        if (before.MediaTypes.Count > 0 && after.MediaTypes.Count == 0) return [Of(true, $"bodies may be of any media type, were {string.Join(" or ", before.MediaTypes)}")];
        if (before.MediaTypes.Count == 0 && after.MediaTypes.Count > 0) return [Of(false, $"bodies must be {string.Join(" or ", after.MediaTypes)} now")];
        return Listed(before.MediaTypes, after.MediaTypes, "bodies of");
    }

    private IEnumerable<PolicyEffect> Addresses()
    {
        var (then, now) = (before.Addresses ?? new(), after.Addresses ?? new());
        if (then.Allow.Count > 0 && now.Allow.Count == 0) yield return Of(true, $"everybody may connect, was {string.Join(" or ", then.Allow)} alone");
        else if (then.Allow.Count == 0 && now.Allow.Count > 0) yield return Of(false, $"only {string.Join(" or ", now.Allow)} may connect now");
        else foreach (var effect in Listed(then.Allow, now.Allow, "connections from")) yield return effect;
        foreach (var gone in then.Deny.Except(now.Deny)) yield return Of(true, $"{gone} is not denied any more");
        foreach (var more in now.Deny.Except(then.Deny)) yield return Of(false, $"{more} is denied now");
        if (before.Addresses is not null && after.Addresses is not null && then.Else != now.Else)
            yield return Of(now.Else == 403, $"addresses that may not connect get {now.Else}, was {then.Else}");
    }

    private static IEnumerable<PolicyEffect> Cors(CorsOptions? then, CorsOptions? now)
    {
        foreach (var effect in Listed(then?.Origins ?? [], now?.Origins ?? [], "pages of the origin")) yield return effect;
        foreach (var effect in Listed(then?.Expose ?? [], now?.Expose ?? [], "pages reading the header")) yield return effect;
        foreach (var effect in Listed(then?.Headers ?? [], now?.Headers ?? [], "pages sending the header")) yield return effect;
        if (now?.Credentials is true && then?.Credentials is not true) yield return Of(true, "pages may send their visitors' cookies along");
        if (then?.Credentials is true && now is { Credentials: false }) yield return Of(false, "pages may not send their visitors' cookies along any more");
    }

    private IEnumerable<PolicyEffect> Caching()
    {
        if (before.CacheControl != after.CacheControl)
            yield return new PolicyEffect(after.CacheControl is null ? EffectClass.Attention : EffectClass.SecurityWeakening, $"successes say Cache-Control: {after.CacheControl ?? "what holds for all"}, was {before.CacheControl ?? "what holds for all"}");
    }

    private static IEnumerable<PolicyEffect> Listed(IReadOnlyList<string> then, IReadOnlyList<string> now, string what) =>
        [.. now.Except(then).Select(more => Of(true, $"{what} {more} are let in")), .. then.Except(now).Select(gone => Of(false, $"{what} {gone} are let in no more"))];

    private static PolicyEffect Of(bool weakens, string text) => new(weakens ? EffectClass.SecurityWeakening : EffectClass.Breaking, text);
}
