namespace Gateway.JsonSchema.Formats;

/// <summary>A format: its check, and what a client reads when it fails.</summary>
internal sealed record FormatEntry(FormatCheck Check, string Message);

/// <summary>The formats of the drafts (validation, section 7.3) and those of trade.</summary>
internal static class FormatCatalogue
{
    private static readonly Dictionary<string, FormatEntry> Entries = new()
    {
        ["date-time"] = new(DateTimeFormats.IsDateTime, "must be a date and time with offset, such as 2025-03-31T14:30:00Z"),
        ["date"] = new(DateTimeFormats.IsDate, "must be a date such as 2025-03-31"),
        ["time"] = new(DateTimeFormats.IsTime, "must be a time with offset, such as 14:30:00Z"),
        ["duration"] = new(DateTimeFormats.IsDuration, "must be a duration such as P3DT4H"),
        ["email"] = new(EmailFormats.IsEmail, "must be an e-mail address"),
        ["idn-email"] = new(EmailFormats.IsIdnEmail, "must be an e-mail address"),
        ["hostname"] = new(HostnameFormats.IsHostname, "must be a host name"),
        ["idn-hostname"] = new(HostnameFormats.IsIdnHostname, "must be a host name"),
        ["ipv4"] = new(AddressFormats.IsIpv4, "must be an IPv4 address such as 192.0.2.1"),
        ["ipv6"] = new(AddressFormats.IsIpv6, "must be an IPv6 address such as 2001:db8::1"),
        ["uri"] = new(UriFormats.IsUri, "must be an absolute URI"),
        ["uri-reference"] = new(UriFormats.IsUriReference, "must be a URI or a relative reference"),
        ["iri"] = new(UriFormats.IsIri, "must be an absolute IRI"),
        ["iri-reference"] = new(UriFormats.IsIriReference, "must be an IRI or a relative reference"),
        ["uri-template"] = new(UriTemplateFormat.IsUriTemplate, "must be a URI template"),
        ["json-pointer"] = new(PointerFormats.IsJsonPointer, "must be a JSON Pointer"),
        ["relative-json-pointer"] = new(PointerFormats.IsRelativeJsonPointer, "must be a relative JSON Pointer"),
        ["regex"] = new(PointerFormats.IsRegex, "must be a regular expression (ECMA-262)"),
        ["uuid"] = new(PointerFormats.IsUuid, "must be a UUID such as 123e4567-e89b-12d3-a456-426614174000"),
        ["gtin"] = new(TradeFormats.IsGtin, "must be a GTIN of 8, 12, 13 or 14 digits with a correct check digit"),
        ["gln"] = new(TradeFormats.IsGln, "must be a GLN of 13 digits with a correct check digit"),
        ["sscc"] = new(TradeFormats.IsSscc, "must be an SSCC of 18 digits with a correct check digit"),
        ["iso-4217"] = new(TradeCodes.IsCurrency, "must be a currency code (ISO 4217) such as EUR"),
        ["iso-3166"] = new(TradeCodes.IsCountry, "must be a country code (ISO 3166-1 alpha-2) such as DE"),
        ["uncl-rec20"] = new(TradeCodes.IsUnit, "must be a unit code (UN/ECE Recommendation 20) such as KGM"),
    };

    public static IEnumerable<string> Names => Entries.Keys;

    /// <summary>Null for a format nobody here knows: it never fails.</summary>
    public static FormatEntry? Find(string name) => Entries.GetValueOrDefault(name);
}
