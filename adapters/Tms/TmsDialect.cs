using System.Text.Json;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Tms;

/// <summary>
/// Errors of the carrier platform: <c>{"request_id","errors":[{"error_source","error_type","error_code","message","carrier_id","field_name"}]}</c>. The source says
/// whose fault it is (the platform's own, a carrier's, or that of a source of orders), the type what kind of thing
/// (docs.shipstation.com/apis/shipengine/docs/reference/errors-codes).
/// </summary>
internal sealed class TmsDialect() : RestDialect("The carrier system")
{
    public static readonly TmsDialect Carrier = new();

    public override RestFault? FaultOf(int status, JsonElement body)
    {
        if (body.Items("errors").FirstOrDefault() is not { ValueKind: JsonValueKind.Object } error || error.Text("error_code") is not { } code) return null;
        var (source, type) = (error.Text("error_source") ?? "", error.Text("error_type") ?? "");
        return new RestFault(IsKnown(code, error.Text("field_name")) ? FaultKind.Known : KindOf(status, source, type, code), $"{source} {type} {code}", error.Text("message") ?? "");
    }

    /// <summary>
    /// Another object has the identifier. The documents say that an external_shipment_id in use is an error, and not which one, so whatever is wrong with one
    /// counts: a look follows, and tells.
    /// </summary>
    private static bool IsKnown(string code, string? field) =>
        code is "identifier_conflict" or "duplicate_tender" || (code == "invalid_field_value" && field?.EndsWith("external_shipment_id", StringComparison.Ordinal) == true);

    private static FaultKind KindOf(int status, string source, string type, string code) => (source, type, code) switch
    {
        _ when status == 429 => FaultKind.Busy,
        (_, _, "maintenance") when status == 503 => FaultKind.Busy,
        (_, "security" or "account_status", _) => FaultKind.Access,
        _ when status is 401 or 403 => FaultKind.Access,
        // The platform asked the carrier, who broke: the platform is well, and other carriers are.
        ("carrier", "system" or "integrations", _) => FaultKind.Behind,
        ("carrier", _, _) when status >= 500 => FaultKind.Behind,
        _ when status >= 500 => FaultKind.Own,
        _ when status == 404 => FaultKind.Missing,
        (_, "validation", _) => FaultKind.Input,
        _ => FaultKind.Rules,
    };
}
