using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Gateway.Policies.Cache;

/// <summary>What headers say about keeping an answer, and about wanting a kept one (RFC 9111).</summary>
internal static class Freshness
{
    /// <summary>RFC 5861 section 4.</summary>
    private const string StaleIfError = "stale-if-error";

    /// <summary>How long a backend's answer may be given again (sections 3, 4.2 and 5.2.2); null where it may not be kept.</summary>
    public static Lifetime? Of(IHeaderDictionary answer, CacheOptions options)
    {
        var said = Parse(answer);
        // Private is whose account it was asked with: the gateway's, which stands for all partners.
        if (said.NoStore || said.Private || said.NoCache || answer.Vary.Contains("*")) return null;
        var fresh = said.SharedMaxAge ?? said.MaxAge ?? Expires(answer) ?? options.For;
        var age = TimeSpan.FromSeconds(long.TryParse(answer.Age, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, int.MaxValue) : 0);
        if (fresh > options.For) fresh = options.For;
        if (fresh <= age) return null;
        return new Lifetime(fresh, said.MustRevalidate || said.ProxyRevalidate ? TimeSpan.Zero : Least(options.StaleIfError, Extension(said)), age);
    }

    /// <summary>Whether a caller takes an answer of an age (section 5.2.1): <c>no-cache</c>, <c>max-age</c>, <c>min-fresh</c>, and <c>max-stale</c>, which gets no more than fresh ones.</summary>
    public static bool Takes(CacheControlHeaderValue wish, KeptAnswer kept, DateTimeOffset now) =>
        !wish.NoCache && !(kept.Age(now) > wish.MaxAge) && kept.FreshFor(now) > (wish.MinFresh ?? TimeSpan.Zero);

    /// <summary>What a caller says; <c>Pragma: no-cache</c> counts where it says nothing else (section 5.4).</summary>
    public static CacheControlHeaderValue WishOf(IHeaderDictionary request)
    {
        if (request.CacheControl.Count > 0) return Parse(request);
        return request.Pragma.Contains("no-cache") ? new CacheControlHeaderValue { NoCache = true } : Nothing;
    }

    private static readonly CacheControlHeaderValue Nothing = new();

    /// <summary>What nobody can read is taken for what asks for the most care.</summary>
    private static CacheControlHeaderValue Parse(IHeaderDictionary headers)
    {
        if (headers.CacheControl.Count == 0) return Nothing;
        return CacheControlHeaderValue.TryParse(headers.CacheControl.ToString(), out var said) ? said : new CacheControlHeaderValue { NoStore = true, NoCache = true };
    }

    /// <summary>Of one that is malformed, zero: it has ended (section 5.3).</summary>
    private static TimeSpan? Expires(IHeaderDictionary answer)
    {
        if (answer.Expires.Count == 0) return null;
        return HeaderUtilities.TryParseDate(answer.Expires.ToString(), out var end) && HeaderUtilities.TryParseDate(answer.Date.ToString(), out var made) ? end - made : TimeSpan.Zero;
    }

    private static TimeSpan? Extension(CacheControlHeaderValue said) =>
        said.Extensions.FirstOrDefault(e => e.Name.Equals(StaleIfError, StringComparison.OrdinalIgnoreCase)) is { } found
            ? TimeSpan.FromSeconds(int.TryParse(HeaderUtilities.RemoveQuotes(found.Value).AsSpan(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0)
            : null;

    private static TimeSpan Least(TimeSpan one, TimeSpan? other) => other < one ? other.Value : one;
}
