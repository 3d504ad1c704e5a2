using System.Text.Json.Nodes;
using Gateway.Cli;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

public sealed class BackendsCommandTests
{
    [Theory]
    [InlineData("""{ "name": "odoo", "gate": null, "circuits": [{ "destination": null, "state": "closed", "since": null, "openForSeconds": null }] }""", "odoo  circuit closed")]
    [InlineData("""{ "name": "odoo", "gate": { "running": 4, "waiting": { "acme": 2, "": 1 }, "closedForSeconds": 7 }, "circuits": [{ "destination": null, "state": "open", "since": "2026-11-29T08:12:00Z", "openForSeconds": 12 }] }""",
        "odoo  circuit open since 2026-11-29T08:12:00Z, 12 s more; 4 running, 3 waiting (acme 2, first 1); left alone for 7 s, as it asked")]
    [InlineData("""{ "name": "tms", "gate": { "running": 0, "waiting": {}, "closedForSeconds": null }, "circuits": [{ "destination": "a", "state": "halfOpen", "since": "2026-11-29T08:12:00Z", "openForSeconds": null }, { "destination": "b", "state": "closed", "since": null, "openForSeconds": null }] }""",
        "tms  circuit of a halfOpen since 2026-11-29T08:12:00Z; circuit of b closed; 0 running, 0 waiting")]
    [InlineData("""{ "name": "notices", "gate": null, "endpoints": [{ "partner": "acme", "gate": { "running": 16, "waiting": { "acme": 2 }, "closedForSeconds": null } }, { "partner": "globex", "gate": { "running": 0, "waiting": {}, "closedForSeconds": null } }], "circuits": [{ "destination": "acme", "state": "closed", "since": null, "openForSeconds": null }] }""",
        "notices  circuit of acme closed; endpoint of acme: 16 running, 2 waiting (acme 2)")]
    [InlineData("""{ "name": "old", "gate": null, "circuits": [] }""", "old")]
    public void A_backend_is_one_line(string backend, string line) => Assert.Equal(line, BackendsCommand.Line(JsonNode.Parse(backend)!));
}
