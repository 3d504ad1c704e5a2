using System.Text.Json;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>
/// Errors of the warehouse. What the status means is published (developer.shipbob.com/errors): 422 is a <c>reference_id</c> that is in use already. Bodies are
/// not, so that 422 is known by any JSON; where there is <c>{"errors":[{"code","field","message"}]}</c>, the code says more.
/// </summary>
internal sealed class WmsDialect() : RestDialect("The warehouse system")
{
    public static readonly WmsDialect Warehouse = new();

    public override RestFault? FaultOf(int status, JsonElement body)
    {
        var error = body.Items("errors").FirstOrDefault();
        return error.Text("code") is { } code ? new RestFault(KindOf(status, code), code, error.Text("message") ?? "")
            : status == 422 ? new RestFault(FaultKind.Known, "duplicate reference id", "")
            : null;
    }

    private static FaultKind KindOf(int status, string code) => (status, code) switch
    {
        (422, "duplicate_reference") => FaultKind.Known,
        (401 or 403, _) => FaultKind.Access,
        (404, _) => FaultKind.Missing,
        (429, _) or (503, "maintenance") => FaultKind.Busy,
        ( >= 500, _) => FaultKind.Own,
        // What is missing or of the wrong kind was for our mapping to see; the rest is the business.
        (400, _) or (_, "required" or "invalid") => FaultKind.Input,
        _ => FaultKind.Rules,
    };
}
