using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Gateway.Tests.Unit.Configuration.Flows;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>The verb <c>catalogue</c>.</summary>
public sealed class CatalogueTests
{
    private const string Basis = """
        issuers: { company: { issuer: "https://login.example.com/", audience: api } }
        tiers: { gold: { description: "With | a contract." } }
        scopes: { old.read: "Read old | things.", spare: Nothing wants it. }
        policies:
          keys: { authenticate: { apiKey: {} } }
          tokens: { authenticate: { bearer: { issuers: [company] } } }
        backends: { tms: { adapter: http, url: "http://tms.internal" } }
        partners:
          acme:
            name: Acme
            tier: gold
            consumers:
              acme-shop: { keys: [{ secret: secret://env/A }], subjects: [company/shop], scopes: [spare, old.read] }
              acme-edi: { subjects: [company/edi] }
            webhooks:
              all: { url: "https://acme.example/hooks", events: ["*"], secrets: [secret://env/W] }
              some: { url: "https://acme.example/some", events: [price.changed.v1], secrets: [secret://env/W] }
          globex:
            name: Globex
            consumers:
              globex-edi: { keys: [{ secret: secret://env/B }, { secret: secret://env/C }], scopes: [old.read] }

        """;

    private const string Old = """
        apis:
          old:
            owner: us
            contact: us@example.com
            description: "Of old | times."
            lifecycle: deprecated
            deprecated: 2026-06-30
            sunset: 2027-01-31T12:30:00+01:00
            successor: new
            routes:
              old.read: { match: "GET /old/{id}", policies: [keys, authorize: { scopes: [old.read] }, rateLimit: { limit: 5, window: 1s }], target: { forward: tms, path: "/v0/{id}" } }
              old.all: { match: GET /old, public: "A list | for all.", lifecycle: published, target: { forward: tms } }
              old.token: { match: PUT /old, policies: [tokens, authorize: { scopes: [spare] }], lifecycle: retired, target: { forward: tms } }

        """;

    private const string New = """
        apis:
          new:
            owner: them
            lifecycle: draft
            audience: [globex-edi, acme-edi]
            version: { header: Api-Version, value: "2" }
            flow: { criticality: critical, latencyTolerance: 1500ms, volume: 12, recovery: manual }
            slo: { availability: 99.95, latency: 2s }
            dataClass: personal
            routes:
              new.read: { match: "GET /new/{id}", policies: [keys], target: { forward: tms } }

        """;

    [Fact]
    public async Task The_shipped_workspace_is_told_whole()
    {
        var json = JsonNode.Parse(await CatalogueAsync(Repository.Root, CatalogueCommand.CatalogueFormat.Json))!;

        Assert.Equal(["buyers", "catalogue", "events", "invoices", "labels", "orders", "returns", "shipments", "tracking", "usage", "warehouse", "webhooks"], json["apis"]!.AsArray().Select(a => (string?)a!["name"]));
        var create = json["apis"]![5]!["routes"]!.AsArray().Single(r => (string?)r!["name"] == "orders.create")!;
        Assert.Equal("""{"request":"order@1","2XX":"order-response@1"}""", create["contracts"]!.ToJsonString());
        Assert.Equal("""{"request":"odoo/order.to","response":"odoo/order.from"}""", create["mappings"]!.ToJsonString());
        Assert.Equal("odoo/order.create", (string?)create["target"]);
        Assert.Equal("""["acme-shop","globex-edi"]""", create["access"]!["consumers"]!.ToJsonString());
        Assert.Equal(["odoo", "tms", "wms"], json["backends"]!.AsArray().Select(b => (string?)b!["name"]));
        Assert.Equal("""{"name":"tms","adapter":"tms","credential":"a key in API-Key"}""", json["backends"]![1]!.ToJsonString());
        Assert.Equal("""{"backend":"odoo","name":"order.create","effect":"changes","makes":"order","needs":["client_order_ref","buyer","currency","lines"],"routes":["orders.create"]}""", json["operations"]!.AsArray().Single(o => (string?)o!["name"] == "order.create")!.ToJsonString());
        Assert.Equal(
            ["credit-note.issued.v1", "gateway.alert.v1", "invoice.issued.v1", "order.accepted.v1", "order.cancelled.v1", "order.changed.v1", "order.confirmed.v1", "order.received.v1", "order.rejected.v1", "parcel.moved.v1", "return.announced.v1", "return.received.v1", "shipment.booked.v1", "stock.mismatch.v1",
                "tms.tracking.updated.v1", "wms.order.shipped.v1", "wms.return.completed.v1", "wms.stock.adjusted.v1"],
            json["events"]!.AsArray().Select(e => (string?)e!["type"]));
        Assert.Equal("""{"type":"order.accepted.v1","routes":["orders.create"],"subscribers":["acme/orders"],"owner":"order-desk","description":"An order was taken over into Odoo.","contract":"events/order-placed@1","retention":2592000,"replay":"allowed","duplicateWindow":604800}""", json["events"]![3]!.ToJsonString());
        Assert.Equal("""{"type":"parcel.moved.v1","routes":["tracking, of tms/tms.tracking.updated.v1"],"subscribers":["acme/orders"],"owner":"logistics","description":"A carrier has seen a parcel, or something happened to it.","contract":"tracking@1","retention":2592000,"replay":"allowed","duplicateWindow":604800}""", json["events"]![9]!.ToJsonString());
        Assert.Equal("""{"type":"stock.mismatch.v1","routes":["the flow stock-sync"],"subscribers":[],"owner":"logistics","description":"The warehouse and the books don't agree about an item. Ours alone: no partner hears of it.","contract":"events/stock-mismatch@1","retention":7776000,"replay":"allowed","duplicateWindow":604800}""", json["events"]![13]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("""{"type":"tms.tracking.updated.v1","routes":["the backend tms"],"subscribers":["tracking, as parcel.moved.v1"],"owner":"logistics","description":"The carrier knows more of a parcel.","contract":"tms/tracking@1","retention":2592000,"replay":"allowed","duplicateWindow":2592000}""", json["events"]![14]!.ToJsonString());
        Assert.Equal("""["the flow order-to-ship"]""", json["events"]![15]!["subscribers"]!.ToJsonString());
        Assert.Equal("""{"name":"audit-office","roles":["administrator"],"credentials":["members of company/gateway-administrators"]}""", json["operators"]![0]!.ToJsonString());
        Assert.Equal("""{"criticality":"critical","latencyTolerance":60,"volume":20000,"recovery":"retry"}""", json["apis"]![5]!["flow"]!.ToJsonString());
    }

    [Theory]
    [InlineData("old.read", """{"anybody":false,"consumers":["acme-shop","globex-edi"],"scopes":["old.read"]}""", """{"lifecycle":"deprecated","deprecated":"2026-06-30T00:00:00+00:00","sunset":"2027-01-31T12:30:00+01:00","successor":"/new"}""")]
    [InlineData("old.all", """{"anybody":true,"consumers":[],"reason":"A list | for all."}""", """{"lifecycle":"published","deprecated":"2026-06-30T00:00:00+00:00","sunset":"2027-01-31T12:30:00+01:00","successor":"/new"}""")]
    [InlineData("old.token", """{"anybody":false,"consumers":["acme-shop"],"scopes":["spare"]}""", """{"lifecycle":"retired","deprecated":"2026-06-30T00:00:00+00:00","sunset":"2027-01-31T12:30:00+01:00","successor":"/new"}""")]
    [InlineData("new.read", """{"anybody":false,"consumers":["globex-edi"]}""", """{"lifecycle":"draft"}""")]
    public async Task Who_may_call_and_how_long(string route, string access, string life)
    {
        using var folder = Workspace("a", "b");
        var json = JsonNode.Parse(await CatalogueAsync(folder.Root, CatalogueCommand.CatalogueFormat.Json))!;
        var told = json["apis"]!.AsArray().SelectMany(a => a!["routes"]!.AsArray()).Single(r => (string?)r!["name"] == route)!;

        Assert.Equal(access, told["access"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal(life, told["life"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public async Task In_Markdown_for_people()
    {
        using var folder = Workspace("a", "b");
        var told = await CatalogueAsync(folder.Root, CatalogueCommand.CatalogueFormat.Markdown);

        string[] lines =
        [
            "| new | them |  | draft | personal | critical | 1.5 s | 12 | manual | 99.95 %, 2 s | 1 |",
            "| old | us | us@example.com | deprecated, deprecated 2026-06-30, ends 2027-01-31 11:30 UTC |  |  |  |  |  |  | 3 |",
            "Version: `Api-Version: 2`.",
            "Drafts are seen by: acme-edi, globex-edi.",
            "Successor: new.",
            "| old.read | `GET /old/{id}` | deprecated, deprecated 2026-06-30, ends 2027-01-31 11:30 UTC | acme-shop, globex-edi | old.read |  | 5 requests in 1 s for each consumer, else 429 |  |  | forward to tms as /v0/{id} |  | routes/a.yaml(11) |",
            "| acme-edi | acme | gold | company/edi |  | old.all |",
            "| globex-edi | globex |  | 2 API keys | old.read | new.read, old.all, old.read |",
            "| spare | Nothing wants it. | old.token | acme-shop |",
            "| gold | With \\| a contract. | acme |",
            "| tms |  | forwards |  |  |  | new.read, old.all, old.read, old.token |",
            "| price.changed.v1 |  |  |  |  |  |  | acme/all, acme/some |",
        ];
        foreach (var line in lines) Assert.Contains(line + "\n", told, StringComparison.Ordinal);
        Assert.Contains("anybody: A list \\| for all.", told, StringComparison.Ordinal);
        var widths = told.Split('\n').Where(l => l.StartsWith("| old.", StringComparison.Ordinal)).Select(l => l.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|'));
        // Three routes and a scope.
        Assert.Equal([13, 13, 13, 5], widths);
    }

    [Fact]
    public async Task Flows_are_told_with_what_they_hear_tell_and_call()
    {
        using var folder = new FlowFolder();
        var json = JsonNode.Parse(await CatalogueAsync(folder.Root, CatalogueCommand.CatalogueFormat.Json))!;

        var flow = Assert.Single(json["flows"]!.AsArray())!;
        Assert.Equal(("ship", "us", "order.accepted.v1", 432000, "flows/ship.yaml(2)"), ((string?)flow["name"], (string?)flow["owner"], (string?)flow["begins"], (int)flow["promise"]!, (string?)flow["place"]));
        Assert.Equal("""["order.cancelled.v1","wms.order.shipped.v1"]""", flow["hears"]!.ToJsonString());
        Assert.Equal("""["order.kept.v1","order.shipped.v1"]""", flow["tells"]!.ToJsonString());
        Assert.Equal("""["odoo/credit.check","wms/warehouse-order.cancel","wms/warehouse-order.create"]""", flow["calls"]!.ToJsonString());
        Assert.Equal("""["the flow ship"]""", json["events"]!.AsArray().Single(e => (string?)e!["type"] == "order.shipped.v1")!["routes"]!.ToJsonString());
        Assert.Contains(
            "| ship | From an accepted order to what left the warehouse. | us | order.accepted.v1 | order.cancelled.v1, wms.order.shipped.v1 | order.kept.v1, order.shipped.v1 | odoo/credit.check, wms/warehouse-order.cancel, wms/warehouse-order.create | 5d | flows/ship.yaml(2) |\n",
            await CatalogueAsync(folder.Root, CatalogueCommand.CatalogueFormat.Markdown), StringComparison.Ordinal);
    }

    /// <summary>What is the same workspace in other files has the same inventory, but for the places and the revision.</summary>
    [Fact]
    public async Task The_order_of_files_changes_nothing()
    {
        using var one = Workspace("a", "b");
        using var other = Workspace("z", "c");
        foreach (var format in Enum.GetValues<CatalogueCommand.CatalogueFormat>())
        {
            var first = await CatalogueAsync(one.Root, format);
            var second = await CatalogueAsync(other.Root, format);

            Assert.Equal(first, await CatalogueAsync(one.Root, format));
            Assert.Equal(Bare(first, "a", "b"), Bare(second, "z", "c"));
        }

        static string Bare(string told, string old, string @new) => System.Text.RegularExpressions.Regex.Replace(told, "[0-9a-f]{16}", "****")
            .Replace($"routes/{old}.yaml", "OLD", StringComparison.Ordinal).Replace($"routes/{@new}.yaml", "NEW", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_is_not_valid_has_no_inventory()
    {
        using var folder = Workspace("a", "b");
        folder.Write("routes/wrong.yaml", "apis: { wrong: { owner: us } }");
        await using var output = new StringWriter();

        Assert.Equal(Commands.Findings, await CatalogueCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, output, CatalogueCommand.CatalogueFormat.Markdown));
        Assert.DoesNotContain("#", output.ToString(), StringComparison.Ordinal);
    }

    private static TempFolder Workspace(string old, string @new)
    {
        var folder = new TempFolder();
        folder.Write("policies.yaml", Basis);
        folder.Write($"routes/{old}.yaml", Old);
        folder.Write($"routes/{@new}.yaml", New);
        return folder;
    }

    private static async Task<string> CatalogueAsync(string root, CatalogueCommand.CatalogueFormat format)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(Commands.Fine, await CatalogueCommand.RunAsync(root, new LoadOptions { ResolveSecrets = false }, output, format));
        return output.ToString();
    }
}
