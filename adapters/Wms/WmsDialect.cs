using System.Text.Json;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>Errors of the warehouse: <c>{"errors":[{"code","field","message","order_id"}]}</c>; the code says what is wrong, the status what kind of thing.</summary>
internal sealed class WmsDialect() : RestDialect("The warehouse system")
{
    public static readonly WmsDialect Warehouse = new();

    public override RestFault? FaultOf(int status, JsonElement body)
    {
        if (body.Items("errors").FirstOrDefault() is not { ValueKind: JsonValueKind.Object } error || error.Text("code") is not { } code) return null;
        return new RestFault(KindOf(status, code), code, error.Text("message") ?? "");
    }

    private static FaultKind KindOf(int status, string code) => (status, code) switch
    {
        (409, "duplicate_reference") => FaultKind.Known,
        (401 or 403, _) => FaultKind.Access,
        (404, _) => FaultKind.Missing,
        (429, _) or (503, "maintenance") => FaultKind.Busy,
        ( >= 500, _) => FaultKind.Own,
        // What is missing or of the wrong kind was for our mapping to see; the rest is the business.
        (400, _) or (_, "required" or "invalid") => FaultKind.Input,
        _ => FaultKind.Rules,
    };
}
