using Gateway.Cli;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Linting;

/// <summary>The verb <c>lint</c>: a workspace that breaks no rule, and what is said when one thing in it is otherwise.</summary>
public sealed class LintTests : IDisposable
{
    private const string Entry = """
        scopes: { notes.write: Writes notes., notes.read: Reads notes. }
        policies:
          callers: { authenticate: { apiKey: {} } }
          quota: { rateLimit: { limit: 100, window: 1m } }
        backends:
          odoo: { adapter: odoo, url: http://odoo.internal, database: d, credential: { key: secret://env/ODOO_KEY, expires: 2027-01-31 }, timeout: 20s }
          tms: { adapter: http, url: http://tms.internal, timeout: 5s }
        governance:
          waivers: []
          webhooks: { allowHttp: true, ports: [443, 80] }
        partners:
          acme:
            name: Acme
            consumers:
              acme-shop: { keys: [{ secret: secret://env/SHOP_KEY }], scopes: [notes.write, notes.read] }
            webhooks:
              notes: { url: https://acme.example/hooks, events: ["*"], secrets: [secret://env/ACME_SECRET] }
        operators:
          olaf: { roles: [operator], tokens: [{ secret: secret://env/OLAF_TOKEN, expires: 2029-12-02 }] }
        """;

    private const string Routes = """
        apis:
          notes:
            owner: desk
            contact: desk@company.example
            lifecycle: published
            dataClass: internal
            flow: { criticality: low, latencyTolerance: 1h, volume: 10, recovery: retry }
            slo: { availability: 99, latency: 2s }
            routes:
              notes.create:
                match: POST /v1/notes
                policies: [callers, authorize: { scopes: [notes.write] }, quota, contract: { request: note@1, response: note@1 }, idempotency: { key: [text] }]
                target: { call: odoo/order.create, creates: order }
              notes.read:
                match: GET /v1/notes/{id}
                policies: [callers, authorize: { scopes: [notes.read] }, quota, contract: { response: note@1 }]
                target: { forward: tms }
        """;

    private const string Note = """{ "type": "object", "required": ["text"], "properties": { "text": { "type": "string" }, "tag": { "type": "string" }, "colour": { "type": "string" } } }""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-lint-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    public LintTests()
    {
        Write("policies.yaml", Entry);
        Write("routes/notes.yaml", Routes);
        Write("transforms/canonical/note@1.schema.json", Note);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_workspace_that_breaks_no_rule()
    {
        Assert.Equal((Commands.Fine, "30 rules, 0 findings, 0 waived; name --against to check changes\n"), await Lint());
    }

    [Theory]
    [InlineData("    contact: desk@company.example\n", "", "routes/notes.yaml(2,3): warning api-contact: the API 'notes' says no contact; add contact: e-mail address or https://…")]
    [InlineData("    lifecycle: published\n", "", "routes/notes.yaml(2,3): warning api-lifecycle: the API 'notes' says no lifecycle; add lifecycle: draft, published, deprecated or retired")]
    [InlineData("    dataClass: internal\n", "", "routes/notes.yaml(2,3): warning api-data-class: the API 'notes' says no dataClass; add dataClass: public, internal, confidential or personal")]
    [InlineData(", volume: 10, recovery: retry", "", "routes/notes.yaml(7,11): warning api-flow: the API 'notes' is not classified: its flow says no volume, recovery; ")]
    [InlineData(", latency: 2s", "", "routes/notes.yaml(2,3): warning api-slo: the API 'notes' promises no latency; ")]
    [InlineData(", timeout: 5s", "", "policies.yaml(7,3): warning backend-timeout: the backend 'tms' has the timeout of all that say none, 20 s; ")]
    [InlineData("lifecycle: published", "lifecycle: deprecated\n    deprecated: 2026-11-01", "routes/notes.yaml(2,3): error deprecated-sunset: the API 'notes' is deprecated, and nothing says until when it is there; ")]
    [InlineData("match: GET /v1/notes/{id}\n", "match: GET /v1/notes/{id}\n        deprecated: 2026-11-01\n", "routes/notes.yaml(14,7): error deprecated-sunset: the route 'notes.read' is deprecated, ")]
    [InlineData("url: https://acme", "url: http://acme", "policies.yaml(17,21): error webhook-https: the webhook 'notes' of acme goes over http, ")]
    [InlineData("callers: { authenticate: { apiKey: {} } }\n  quota: { rateLimit: { limit: 100, window: 1m } }\n", "callers: { authenticate: { mutualTls: { authorities: [partners] } } }\n  quota: { rateLimit: { limit: 100, window: 1m } }\nauthorities:\n  partners: { certificates: secret://file/ca.pem }\n", "policies.yaml(6,3): warning authority-revocation: a certificate of 'partners' that was stolen opens routes until it ends; ")]
    [InlineData("authorize: { scopes: [notes.read] }, quota, contract", "authorize: { scopes: [notes.read] }, contract", "routes/notes.yaml(14,7): error route-limits: the route 'notes.read' has no limit that is counted for each caller; ")]
    [InlineData("limit: 100, window: 1m }", "limit: 100, window: 1m, by: address }", "routes/notes.yaml(14,7): error route-limits: ")]
    [InlineData(", idempotency: { key: [text] }", "", "routes/notes.yaml(10,7): error unsafe-idempotent: the route 'notes.create' changes something, and does it twice when it is sent twice; ")]
    [InlineData("request: note@1, ", "", "routes/notes.yaml(10,7): error unsafe-contract: the route 'notes.create' takes bodies that no contract holds back; ")]
    [InlineData("request: note@1, ", "request: note@1, mode: report, ", "routes/notes.yaml(10,7): error unsafe-contract: ")]
    [InlineData("authorize: { scopes: [notes.read] }, quota, contract", "authorize: { scopes: [notes.read] }, quota, protect: { cors: { origins: [\"*\"] } }, contract", "routes/notes.yaml(14,7): warning cors-any-origin: the route 'notes.read' asks who calls, and lets the pages of every origin call; name the origins under cors:")]
    [InlineData(", contract: { response: note@1 }]", "]", "routes/notes.yaml(14,7): warning answer-contract: the route 'notes.read' gives its backend's answers as they are; ")]
    [InlineData("authorize: { scopes: [notes.read] }, ", "", "routes/notes.yaml(14,7): error route-authorizes: the route 'notes.read' lets in every consumer there is; ")]
    [InlineData("authorize: { scopes: [notes.read] }, ", "", "policies.yaml(1,39): warning scope-unused: no route wants the scope 'notes.read'; ")]
    [InlineData("authorize: { scopes: [notes.read] }, ", "", "policies.yaml(15,85): warning scope-granted-for-nothing: 'acme-shop' has the scope 'notes.read', which no route wants; ")]
    [InlineData("operators:\n  olaf: { roles: [operator], tokens: [{ secret: secret://env/OLAF_TOKEN, expires: 2029-12-02 }] }", "", "policies.yaml(1,1): warning operators-declared: nobody is declared who works on the admin port: ")]
    [InlineData(", expires: 2029-12-02 }", " }", "policies.yaml(19,39): warning operator-token-ends: a token of the operator 'olaf' never ends; ")]
    [InlineData("expires: 2029-12-02", "expires: 2026-12-01", "policies.yaml(19,83): warning operator-token-ends: a token of the operator 'olaf' ended on 2026-12-01; remove it")]
    [InlineData("roles: [operator]", "roles: [viewer, operator, approver]", "policies.yaml(19,18): warning operator-all-roles: the operator 'olaf' acts, and approves what others ask for; ")]
    [InlineData("secrets: [secret://env/ACME_SECRET] }", "secrets: [secret://env/ACME_SECRET], timeout: 100ms }", "policies.yaml(17,110): warning webhook-timeout-short: the webhook 'notes' of acme gives up after 0.1 s: ")]
    [InlineData("keys: [{ secret: secret://env/SHOP_KEY }]", "kind: device, location: WH, keys: [{ secret: secret://env/SHOP_KEY, expires: 2027-03-02 }]", "policies.yaml(15,97): warning device-key-short: a key of the device 'acme-shop' holds for more than 90 days; ")]
    [InlineData("apiKey: {} }", "apiKey: {}, hmac: { signed: [body] } }", "policies.yaml(3,48): warning hmac-covers-request: the HMAC of 'notes.create' is not over the timestamp, method, path, query: ")]
    [InlineData("SHOP_KEY }]", "SHOP_KEY }], signatureKeys: [{ id: shop-1, algorithm: hmac-sha256, secret: secret://env/SHOP }]", "policies.yaml(15,79): warning signature-key-expires: the key 'shop-1' of acme-shop signs for ever; ")]
    [InlineData("[callers, authorize: { scopes: [notes.read] }, quota, contract: { response: note@1 }]\n        target: { forward: tms }", "[authenticate: { webhook: { scheme: secretPath, consumer: acme-shop, secrets: [secret://env/HOOK], parameter: id } }, authorize: { scopes: [notes.read] }, quota, contract: { response: note@1 }]\n        target: { forward: tms, path: /notes }", "routes/notes.yaml(14,7): warning webhook-secret-path: the route 'notes.read' knows its caller by a secret in the path, ")]
    [InlineData("backends:\n", "issuers: { sso: { kind: introspection, issuer: https://sso.example/, audience: api, introspection: { client: us, secret: secret://env/SSO, cacheFor: 1h } } }\nbackends:\n", "warning token-revoked: a token of 'sso' that is revoked is good for 60 minutes more; ")]
    [InlineData("tms.internal, timeout: 5s }", "tms.internal, timeout: 5s } # password=hunter2hunter2", "policies.yaml(7,67): error secret-in-clear: this looks like a secret in clear; ")]
    [InlineData("http://tms.internal", "http://gateway:hunter2@tms.internal", "policies.yaml(7,30): error secret-in-clear: ")]
    [InlineData(", expires: 2027-01-31", "", "policies.yaml(6,78): warning credential-expires: the credential of the backend 'odoo' ends one day, and nobody says which; add expires: the day")]
    [InlineData("tms.internal, timeout: 5s }", "tms.internal, timeout: 5s, credential: { oauth2: { tokenUrl: https://login.example/token, clientId: g, clientSecret: secret://env/S } } }", "policies.yaml(7,76): warning credential-expires: the credential of the backend 'tms' ")]
    [InlineData("owner: desk\n", "owner: desk # whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "routes/notes.yaml(3,19): error secret-in-clear: ")]
    public async Task One_thing_is_otherwise(string was, string becomes, string said)
    {
        foreach (var (path, content) in ((string, string)[])[("policies.yaml", Entry), ("routes/notes.yaml", Routes)])
            Write(path, content.Replace(was, becomes, StringComparison.Ordinal));

        var (code, output) = await Lint();

        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.Equal(Commands.Findings, code);
    }

    [Fact]
    public async Task What_a_role_brings_is_granted_once_and_wanted_by_a_route()
    {
        Write("policies.yaml", Entry
            .Replace("policies:\n", "roles: { reader: { scopes: [notes.read, notes.drop] } }\npolicies:\n", StringComparison.Ordinal)
            .Replace("scopes: {", "scopes: { notes.drop: Drops notes.,", StringComparison.Ordinal)
            .Replace("SHOP_KEY }], scopes", "SHOP_KEY }], roles: [reader], scopes", StringComparison.Ordinal));

        var (_, output) = await Lint();

        Assert.Contains("policies.yaml(16,102): warning scope-granted-twice: 'acme-shop' has the scope 'notes.read' by itself, and by the role 'reader' as well; ", output, StringComparison.Ordinal);
        Assert.Contains("policies.yaml(2,41): warning scope-granted-for-nothing: the role 'reader' has the scope 'notes.drop', which no route wants; ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_route_with_a_reason_and_a_limit_by_address_breaks_no_rule()
    {
        Write("routes/notes.yaml", Routes
            .Replace("[callers, authorize: { scopes: [notes.read] }, quota, contract", "[rateLimit: { limit: 9, window: 1m, by: address }, contract", StringComparison.Ordinal)
            .Replace("match: GET", "public: Anybody may read notes.\n        match: GET", StringComparison.Ordinal));
        Write("policies.yaml", Entry.Replace(", notes.read: Reads notes.", "", StringComparison.Ordinal).Replace(", notes.read]", "]", StringComparison.Ordinal));

        Assert.Equal(Commands.Fine, (await Lint()).Code);
    }

    [Fact]
    public async Task A_contract_that_is_a_backends_in_disguise()
    {
        Write("transforms/tms/memo@1.schema.json", """{ "type": "object", "properties": { "text": {}, "tag": {}, "colour": {}, "id": {} } }""");

        var (code, output) = await Lint();

        Assert.Contains("transforms/canonical/note@1.schema.json(1,1): warning contract-canonical: 3 of the 3 members of note@1 are those of tms/memo@1: ", output, StringComparison.Ordinal);
        Assert.Equal(Commands.Findings, code);
    }

    [Fact]
    public async Task A_waiver_holds_until_its_day_for_what_it_names_and_is_told_when_it_waives_nothing()
    {
        const string Waiver = "{ rule: api-slo, for: [notes], reason: Promised with the next contract., until: 2026-12-02 }";
        Write("routes/notes.yaml", Routes.Replace(", latency: 2s", "", StringComparison.Ordinal));
        Write("policies.yaml", Entry.Replace("waivers: []", $"waivers: [{Waiver}]", StringComparison.Ordinal));
        Assert.Equal((Commands.Fine, "30 rules, 0 findings, 1 waived; name --against to check changes\n"), await Lint());

        _clock.Advance(TimeSpan.FromDays(1));
        var (code, output) = await Lint();
        Assert.Equal(Commands.Findings, code);
        Assert.Contains("warning api-slo: the API 'notes'", output, StringComparison.Ordinal);
        Assert.Contains("warning waiver-expired: the waiver of api-slo ended on 2026-12-02; ", output, StringComparison.Ordinal);

        Write("policies.yaml", Entry.Replace("waivers: []", $"waivers: [{Waiver.Replace("[notes]", "[orders]", StringComparison.Ordinal)}]", StringComparison.Ordinal));
        (_, output) = await Lint();
        Assert.Contains("warning api-slo: the API 'notes'", output, StringComparison.Ordinal);
        Assert.Contains("policies.yaml(9,13): warning waiver-unused: the waiver of api-slo waives nothing any more; remove it", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_breaks_a_contracts_callers_is_a_new_version()
    {
        var before = Copy();
        Write("transforms/canonical/note@1.schema.json", Note.Replace("[\"text\"]", "[\"text\", \"tag\"]", StringComparison.Ordinal));

        var (code, output) = await Lint(before);
        Assert.Equal(Commands.Findings, code);
        Assert.Contains("transforms/canonical/note@1.schema.json(1,1): error breaking-version: note@1 changes so that callers break: ", output, StringComparison.Ordinal);
        Assert.Contains("; leave it, and make note@2\n", output, StringComparison.Ordinal);

        Write("transforms/canonical/note@1.schema.json", Note);
        Write("transforms/canonical/note@2.schema.json", Note.Replace("[\"text\"]", "[\"text\", \"tag\"]", StringComparison.Ordinal));
        Write("routes/notes.yaml", Routes.Replace("request: note@1", "request: note@2", StringComparison.Ordinal));
        Assert.Equal((Commands.Fine, "32 rules, 0 findings, 0 waived\n"), await Lint(before));
    }

    [Fact]
    public async Task A_route_ends_after_its_sunset_and_not_before()
    {
        var ends = Routes.Replace("match: GET /v1/notes/{id}\n", "match: GET /v1/notes/{id}\n        deprecated: 2026-11-01\n        sunset: 2026-12-03\n", StringComparison.Ordinal);
        Write("routes/notes.yaml", ends);
        var before = Copy();
        Write("policies.yaml", Entry.Replace(", notes.read: Reads notes.", "", StringComparison.Ordinal).Replace(", notes.read]", "]", StringComparison.Ordinal));
        Write("routes/notes.yaml", Routes[..Routes.IndexOf("      notes.read:", StringComparison.Ordinal)]);
        Assert.Contains("routes/notes.yaml(2,3): error gone-unannounced: the route 'notes.read' is gone, and its callers were not told; ", (await Lint(before)).Output, StringComparison.Ordinal);

        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(Commands.Fine, (await Lint(before)).Code);
    }

    [Fact]
    public async Task A_workspace_that_does_not_run_is_not_judged()
    {
        Write("routes/notes.yaml", Routes.Replace("quota,", "quta,", StringComparison.Ordinal));

        var (code, said) = await Lint();

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("GW2003", said, StringComparison.Ordinal);
        Assert.EndsWith("is not valid, so its governance can't be judged", said.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_rule_has_its_part_in_the_page()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "lint.md"), TestContext.Current.CancellationToken);

        Assert.Equal(
            Gateway.Linting.LintRules.All.Select(r => $"### `{r.Id}`\n\n{r.Summary}").Concat(Gateway.Linting.LintRules.OfWaivers.Select(id => $"### `{id}`")).Where(head => !page.Contains(head, StringComparison.Ordinal)),
            []);
        Assert.Equal(Gateway.Linting.LintRules.All.Count + Gateway.Linting.LintRules.OfWaivers.Count, page.Split("\n### `").Length - 1);
    }

    private void Write(string path, string content)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    /// <summary>The workspace as it is now, in a folder of its own inside.</summary>
    private string Copy()
    {
        var to = Path.Combine(_folder.FullName, "before");
        foreach (var path in WorkspaceFiles.Read(_folder.FullName).Paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, path))!);
            File.Copy(Path.Combine(_folder.FullName, path), Path.Combine(to, path));
        }
        return to;
    }

    private async Task<(int Code, string Output)> Lint(string? against = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var code = await LintCommand.RunAsync(_folder.FullName, against, new LoadOptions { ResolveSecrets = false }, output, ReportFormat.Text, _clock);
        return (code, output.ToString());
    }
}
