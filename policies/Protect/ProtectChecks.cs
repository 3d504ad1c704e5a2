using System.Text.RegularExpressions;
using Gateway.Policies.Authorize;

namespace Gateway.Policies.Protect;

/// <summary>What of a <c>protect</c> would do nothing, contradict itself, or protect nobody.</summary>
internal sealed partial class ProtectChecks(ProtectOptions options, PolicyScope scope)
{
    public void Check()
    {
        if (!ProtectTexts.Of(options).Any())
            scope.Error("GW5100", scope.PlaceOf(options, ""), "the protect policy changes nothing", "write what the route takes: body, url, headers, json, mediaTypes, addresses, cors");
        Server();
        Body();
        if (options.Addresses is { } addresses) Addresses(addresses);
        if (options.Cors is { } cors) Cors(cors);
    }

    /// <summary>What the server refuses never gets to the route.</summary>
    private void Server()
    {
        foreach (var (member, name, wanted, most) in (ReadOnlySpan<(string, string, long?, long)>)
            [
                (nameof(options.Url), "url", options.Url, scope.Server.Url), (nameof(options.Query), "url", options.Query, scope.Server.Url),
                (nameof(options.Headers), "headers", options.Headers, scope.Server.Headers), (nameof(options.HeadersSize), "headersSize", options.HeadersSize, scope.Server.HeadersSize),
            ])
        {
            if (wanted > most)
                scope.Error("GW5106", scope.PlaceOf(options, member), $"the route would take {wanted}, and the server takes {most} of anybody", $"write less, or raise governance.server.{name}");
        }
    }

    private void Body()
    {
        foreach (var type in options.MediaTypes.Where(t => !MediaType().IsMatch(t)))
            scope.Error("GW5107", scope.PlaceOf(options, nameof(options.MediaTypes)), $"'{type}' is not a media type", "write it like application/json, without parameters");
        if (options.Xml && scope.Target is not PlanTarget.Forward)
            scope.Error("GW5104", scope.PlaceOf(options, nameof(options.Xml)), "an operation takes no XML", "remove xml:, or forward the route");
        if (!options.Xml && options.MediaTypes.FirstOrDefault(IsXml) is { } xml)
            scope.Error("GW5104", scope.PlaceOf(options, nameof(options.MediaTypes)), $"the route would take {xml}, and XML is off", "add xml: true, so that document types are refused");
    }

    private void Addresses(AddressOptions addresses)
    {
        var place = scope.PlaceOf(options, nameof(options.Addresses));
        if (addresses.Allow.Count + addresses.Deny.Count == 0)
            scope.Error("GW5103", place, "no network is allowed or denied", "write allow: [NETWORK], or deny: [NETWORK]");
        foreach (var (member, text) in addresses.Allow.Select(a => (nameof(addresses.Allow), a)).Concat(addresses.Deny.Select(d => (nameof(addresses.Deny), d))))
        {
            if (NetworkDemand.Parse(text) is null)
                scope.Error("GW5103", scope.PlaceOf(addresses, member), $"'{text}' is neither a network nor an address", "write the first address and the length of the prefix, as 203.0.113.0/24, or one address");
        }
    }

    private void Cors(CorsOptions cors)
    {
        var place = scope.PlaceOf(cors, nameof(cors.Origins));
        if (cors.Origins.Count == 0) scope.Error("GW5102", place, "no origin is named", "write origins: [https://shop.example], or remove cors:");
        foreach (var origin in cors.Origins.Where(o => o != "*" && !IsOrigin(o)))
            scope.Error("GW5102", place, $"'{origin}' is not an origin", "write scheme and host as browsers do, in small letters and without a path: https://shop.example");
        if (cors.Origins.Contains("*") && cors.Origins.Count > 1) scope.Error("GW5102", place, "* is all origins, and others are named beside it", "write * alone, or the others");
        if (cors.Origins.Contains("*") && cors.Credentials)
            scope.Error("GW5102", scope.PlaceOf(cors, nameof(cors.Credentials)), "pages of all origins could act with the credentials of whoever looks at them", "name the origins, or remove credentials:");
        foreach (var (member, name) in cors.Headers.Select(h => (nameof(cors.Headers), h)).Concat(cors.Expose.Select(h => (nameof(cors.Expose), h))))
        {
            if (!Token().IsMatch(name)) scope.Error("GW5108", scope.PlaceOf(cors, member), $"'{name}' is not the name of a header", "write names one by one: [X-Shop]; there is no *");
        }
    }

    /// <summary>As browsers write it (RFC 6454 section 6.2): no path, no default port, small letters. <c>null</c> is anybody.</summary>
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
        && $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}" == text;

    /// <summary>The types of XML itself, and those that are built of it (RFC 7303 section 4.2).</summary>
    private static bool IsXml(string type) => type.Contains("xml", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex MediaType();

    /// <summary>A token of RFC 9110 section 5.6.2, but for the asterisk: which headers it stands for depends on credentials.</summary>
    [GeneratedRegex("^[A-Za-z0-9!#$%&'+.^_`|~-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}
