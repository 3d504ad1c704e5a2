namespace Gateway.Policies.Protect;

/// <summary>What a <c>protect</c> asks, in words.</summary>
internal static class ProtectTexts
{
    /// <summary>How what is judged in the body itself begins.</summary>
    public const string Json = "JSON ";

    public static IEnumerable<string> Of(ProtectOptions options) =>
    [
        .. Sizes(options),
        .. Bodies(options),
        .. options.Json is { } json ? Bounds(json) : [],
        .. Callers(options),
    ];

    public static string Word(BodyCoding coding) => coding.ToString().ToLowerInvariant();

    private static IEnumerable<string> Sizes(ProtectOptions options)
    {
        if (options.Body is { } body) yield return $"a body of at most {body} bytes, else 413";
        if (options.BodyRate is { } rate) yield return $"a body of at least {rate} bytes a second, else 408";
        if (options.Url is { } url) yield return $"a path and query of at most {url} characters, else 414";
        if (options.Query is { } query) yield return $"a query of at most {query} characters, else 414";
        if (options.Headers is { } headers) yield return $"at most {headers} headers, else 431";
        if (options.HeadersSize is { } size) yield return $"headers of at most {size} characters together, else 431";
    }

    private static IEnumerable<string> Bodies(ProtectOptions options)
    {
        if (options.MediaTypes.Count > 0) yield return $"bodies of {string.Join(" or ", options.MediaTypes)}, else 415";
        if (options.Encodings.Count > 0) yield return $"{string.Join(", ", options.Encodings.Select(Word))} taken off bodies, of which one byte becomes at most {options.Ratio}";
        if (options.Xml) yield return "XML without a document type";
        if (options.Path.EncodedSlashes) yield return "%2F in paths";
        if (options.Path.Semicolons) yield return "; in paths";
    }

    private static IEnumerable<string> Bounds(JsonBoundsOptions json)
    {
        if (json.Depth is { } depth) yield return $"{Json}nested at most {depth} deep, else 400";
        if (json.Members is { } members) yield return $"{Json}objects of at most {members} members, else 400";
        if (json.Elements is { } elements) yield return $"{Json}arrays of at most {elements} elements, else 400";
        if (json.String is { } text) yield return $"{Json}strings of at most {text} bytes, else 400";
        if (json.Number is { } number) yield return $"{Json}numbers of at most {number} characters, else 400";
    }

    private static IEnumerable<string> Callers(ProtectOptions options)
    {
        if (options.Addresses is { } addresses)
            yield return $"from {(addresses.Allow.Count == 0 ? "anywhere" : string.Join(" or ", addresses.Allow))}{(addresses.Deny.Count == 0 ? "" : $" but {string.Join(" or ", addresses.Deny)}")}, else {addresses.Else}";
        if (options.Cors is { } cors)
            yield return $"pages of {(cors.Origins.Contains("*") ? "any origin" : string.Join(" or ", cors.Origins))} may call{(cors.Credentials ? ", with cookies" : "")}";
        if (options.CacheControl is { } cache) yield return $"Cache-Control: {cache} on successes";
    }
}
