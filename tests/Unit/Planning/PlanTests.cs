using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Configuration;
using LibGit2Sharp;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c>, from two states of a workspace to what it prints.</summary>
public sealed partial class PlanTests : IDisposable
{
    private const string Entry = """
        scopes: { notes.write: Writes notes., notes.read: Reads notes. }
        issuers:
          company: { issuer: https://login.example.com/, audience: api }
        tiers: { gold: {} }
        policies:
          callers: { authenticate: { apiKey: {} } }
          quota: { rateLimit: { limit: 100, window: 1m } }
        backends:
          odoo: { adapter: odoo, url: http://odoo.internal, database: d, credential: { key: secret://env/ODOO_KEY } }
          tms: { adapter: http, url: http://tms.internal }
        governance: {}
        partners:
          acme:
            name: Acme
            tier: gold
            buyers: [ACME-DE]
            consumers:
              acme-shop: { keys: [{ secret: secret://env/SHOP_KEY }], scopes: [notes.write], subjects: [company/shop] }
            webhooks:
              orders: { url: https://acme.example/hooks, events: [order.accepted.v1], secrets: [secret://env/ONE, secret://env/TWO] }
        operators:
          olaf: { roles: [operator], groups: [company/desk], tokens: [{ secret: secret://env/OLAF }] }
        """;

    private const string Routes = """
        apis:
          notes:
            owner: us
            routes:
              notes.create:
                match: POST /notes
                policies: [callers, quota, contract: { request: note@1, response: note@1, query: query@1 }]
                target: { forward: tms }
              notes.read:
                match: GET /notes/{id}
                policies: [callers, contract: { responses: { "200": note@1, "404": query@1 } }]
                target: { forward: tms }
              orders.create:
                match: POST /orders
                policies: [callers, quota, authorize: { scopes: [notes.write] }, idempotency: { key: [text] }, contract: { request: note@1 }, transform: { request: odoo/note }]
                target: { call: odoo/order.create, creates: order, emits: order.accepted.v1 }
            notices:
              note.seen.v1: { from: carriers/tms.tracking.updated.v1, buyer: customer_reference, contract: note@1 }
        codes:
          units: { from: odoo, to: unece, values: { Units: C62 } }
        backends:
          carriers: { adapter: tms, url: http://carriers.internal, webhooks: {} }
          erp: { adapter: http, url: http://erp.internal, webhooks: { secrets: [secret://env/ERP], types: [com.example.counted, com.example.released] } }
        """;

    private const string Note = """{ "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "maxLength": 100 }, "tag": { "enum": ["a", "b"] } } }""";

    private const string Query = """{ "type": "object", "properties": { "limit": { "type": "integer" } } }""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-plan-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        // Git writes its objects read-only.
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories)) file.Attributes = FileAttributes.Normal;
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_did_not_change_has_no_effect()
    {
        var (code, lines) = await PlanAsync(_ => { });

        Assert.Equal(Gateway.Cli.Commands.Fine, code);
        Assert.Matches("^revision ([0-9a-f]{16}) -> \\1: 0 security-weakening, 0 breaking, 0 attention, 0 safe$", Assert.Single(lines));
    }

    [Fact]
    public async Task A_narrower_contract_breaks_those_who_send_it_and_not_those_who_get_it()
    {
        var (code, lines) = await PlanAsync(w => Replace(w, "transforms/canonical/note@1.schema.json", "100", "50"));

        Assert.Equal(Gateway.Cli.Commands.Findings, code);
        Assert.Equal(
            [
                "breaking notes.create, orders.create: contract note@1, body: #/text maxLength: at most 100 characters were allowed, now at most 50 characters (affects acme-shop)",
                "safe notes.create: contract note@1, answer 2XX: #/text maxLength: at most 100 characters were allowed, now at most 50 characters",
                "safe notes.read: contract note@1, answer 200: #/text maxLength: at most 100 characters were allowed, now at most 50 characters",
            ],
            lines[..^1]);
    }

    [Fact]
    public async Task A_wider_one_breaks_those_who_get_it()
    {
        var (_, lines) = await PlanAsync(w => Replace(w, "transforms/canonical/note@1.schema.json", "\"b\"", "\"b\", \"c\""));

        Assert.Equal(["breaking notes.create", "breaking notes.read", "safe notes.create, orders.create"], lines[..^1].Select(l => l.Split(':')[0]));
    }

    [Fact]
    public async Task What_only_reports_refuses_nobody_until_it_is_enforced()
    {
        var (_, lines) = await PlanAsync(w =>
        {
            Replace(w, "routes/notes.yaml", "query: query@1 }", "query: query@1, mode: report }");
            Replace(w, "transforms/canonical/note@1.schema.json", "100", "50");
        });
        var (_, back) = await RunAsync(Path.Combine(_folder.FullName, "before"), Path.Combine(_folder.FullName, "after"), EffectClass.Breaking);

        Assert.Contains(lines, l => l.StartsWith("attention notes.create: contract note@1, body: #/text maxLength", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.StartsWith("breaking notes.create", StringComparison.Ordinal));
        Assert.Contains("breaking notes.create: contracts are enforced now: what was only reported is refused (affects acme-shop)", back);
    }

    [Fact]
    public async Task Another_version_is_compared_with_the_one_before()
    {
        var (_, lines) = await PlanAsync(w =>
        {
            Write(w, "transforms/canonical/query@2.schema.json", Query.Replace("integer", "string", StringComparison.Ordinal));
            Replace(w, "routes/notes.yaml", "query: query@1", "query: query@2");
        });

        Assert.Contains("breaking notes.create: contract query@1 becomes query@2, query: #/limit type", lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policies: [callers, quota, contract", "public: For a trial.\n        policies: [quota, contract", "security-weakening notes.create: authentication is dropped: anybody may call")]
    [InlineData("policies: [callers, quota, contract", "policies: [callers, contract", "security-weakening notes.create: the limit of 100 in 60 s is dropped (affects acme)")]
    [InlineData("match: POST /notes", "match: PUT /notes", "breaking notes.create: POST /notes moves to PUT /notes (affects acme-shop)")]
    [InlineData("notes.read:", "notes.get:", "attention notes.get: GET /notes/{id} was called notes.read: limits and keys that were counted under that name begin anew (affects acme-shop)")]
    [InlineData("notes.create:\n        match: POST /notes\n        policies: [callers, quota", "notes.make:\n        match: POST /notes\n        public: For a trial.\n        policies: [quota", "security-weakening notes.make: authentication is dropped: anybody may call", "attention notes.make: POST /notes was called notes.create: limits and keys that were counted under that name begin anew (affects acme-shop)")]
    [InlineData("      notes.read:", "      notes.open: { match: GET /open, public: For a trial., target: { forward: tms } }\n      notes.read:", "security-weakening notes.open: GET /open is new: anybody may call it")]
    [InlineData("      notes.read:", "      notes.all: { match: GET /all, policies: [callers], target: { forward: tms } }\n      notes.read:", "attention notes.all: GET /all is new: every consumer with the right credentials may call it")]
    [InlineData("query: query@1", "headers: query@1", "security-weakening notes.create: query: has no contract any more, was query@1", "breaking notes.create: header: has the contract query@1 now (affects acme-shop)")]
    [InlineData("query: query@1 }", "query: query@1, mode: report }", "security-weakening notes.create: contracts only report now: what breaks them passes")]
    [InlineData("query: query@1 }", "query: query@1, mediaTypes: [text/json] }", "safe notes.create: the media type text/json is taken too")]
    [InlineData("\"404\": query@1", "", "breaking notes.read: answer 404: has no contract any more, was query@1 (affects acme-shop)")]
    [InlineData("target: { forward: tms }", "target: { forward: tms }\n        maxBody: 1KB", "breaking notes.create: the largest body shrinks from 1048576 to 1024 bytes (affects acme-shop)")]
    [InlineData("target: { forward: tms }", "target: { forward: tms }\n        maxBody: 2MB", "security-weakening notes.create: the largest body grows from 1048576 to 2097152 bytes")]
    [InlineData("[callers, quota, contract: {", "[callers, quota, protect: { body: 50MB }, contract: {", "security-weakening notes.create: the largest body grows from 1048576 to 52428800 bytes")]
    [InlineData("[callers, quota, contract: {", "[callers, quota, protect: { body: 1KB }, contract: {", "breaking notes.create: the largest body shrinks from 1048576 to 1024 bytes (affects acme-shop)")]
    [InlineData("[callers, quota, contract: {", "[callers, quota, protect: { bodyRate: 1 }, contract: {", "security-weakening notes.create: bodies must come with 1 bytes a second, was 240 (as for all)")]
    [InlineData("{ forward: tms }", "{ forward: tms, removePrefix: /notes, headers: { set: { X-Channel: partner }, remove: [X-Debug] } }", "attention notes.create: the target was tms and is tms, without /notes, sets X-Channel: partner, removes X-Debug (affects acme-shop)")]
    public async Task Other_changes_of_routes_are_told(string before, string after, params string[] effects)
    {
        var (_, lines) = await PlanAsync(w => Replace(w, "routes/notes.yaml", before, after, once: true));

        Assert.Equal(effects, lines[..^1]);
    }

    [Theory]
    [InlineData("quota: { rateLimit: { limit: 100", "quota: { rateLimit: { limit: 60", "breaking notes.create, orders.create: limit 100 -> 60 in 60 s (affects acme)")]
    [InlineData("window: 1m }", "window: 1m, tiers: { gold: 500 } }", "safe notes.create, orders.create: limit for tier gold 100 -> 500 in 60 s (affects acme)")]
    [InlineData("window: 1m }", "window: 1s }", "safe notes.create, orders.create: limit 100 in 60 s -> 100 in 1 s (affects acme)")]
    [InlineData("limit: 100, window: 1m }", "limit: 200, window: 1h }", "breaking notes.create, orders.create: limit 100 in 60 s -> 200 in 3600 s (affects acme)")]
    [InlineData("window: 1m }", "window: 1m, by: partner }", "attention notes.create, orders.create: the limit is counted by partner, was by consumer (affects acme-shop)")]
    [InlineData("window: 1m }", "window: 1m, algorithm: slidingWindow }", "attention notes.create, orders.create: the limit counts as slidingWindow, was tokenBucket (affects acme-shop)")]
    [InlineData("window: 1m }", "window: 1m, onStoreFailure: allow }", "security-weakening notes.create, orders.create: while nodes can't count together, the limit does allow, was local")]
    [InlineData("window: 1m }", "window: 1m, reserve: { low: 50 } }", "attention notes.create, orders.create: of the limit is kept for higher priorities: 0 % from normal, 50 % from low, was nothing (affects acme-shop)")]
    [InlineData("{ limit: 100, window: 1m }", "{ limits: { burst: { limit: 5, window: 1s } } }", "security-weakening notes.create, orders.create: the limit of 100 in 60 s is dropped (affects acme)", "breaking notes.create, orders.create: there is a limit 'burst' of 5 in 1 s now (affects acme)")]
    [InlineData("authorize: { scopes: [notes.write] }, ", "", "security-weakening orders.create: the scope notes.write is no longer required")]
    [InlineData("scopes: [notes.write] }, idem", "scopes: [notes.read] }, idem", "security-weakening orders.create: the scope notes.write is no longer required", "breaking orders.create: the scope notes.read is required now (affects acme-shop)")]
    [InlineData("idempotency: { key: [text] }, ", "", "breaking orders.create: idempotency is dropped: a request that is sent again is carried out again (affects acme-shop)")]
    [InlineData("{ key: [text] }", "{ key: [text], header: optional }", "safe orders.create: an Idempotency-Key is no longer required")]
    [InlineData("{ key: [text] }", "{ key: [text], strict: true }", "breaking orders.create: an Idempotency-Key without quotes is refused now (affects acme-shop)")]
    [InlineData("{ key: [text] }", "{ key: [text], headers: [X-Channel] }", "breaking orders.create: headers that are content were none and are X-Channel: what was sent before is other content when it is sent again (affects acme-shop)")]
    [InlineData("{ key: [text] }", "{ key: [tag] }", "breaking orders.create: the business key was text and is tag: what was one object before may be another now (affects acme-shop)")]
    [InlineData("{ key: [text] }", "{ key: [text], keepFor: 1h }", "attention orders.create: answers are given again for 1 h, was 24 h (affects acme-shop)")]
    [InlineData(", emits: order.accepted.v1", "", "breaking orders.create: the event order.accepted.v1 is no longer published (affects acme)")]
    [InlineData("creates: order", "creates: note", "attention orders.create: the target was odoo/order.create, which creates order and is odoo/order.create, which creates note (affects acme-shop)")]
    [InlineData("{ 'text': $shout", "{ 'word': $shout", "attention transforms/odoo/note.jsonata: the mapping says something else (affects orders.create)")]
    [InlineData("{ 'text': $shout", "/* Loud. */ {\n  'text':\t$shout")]
    [InlineData("$shout := function($t) {", "/* Loud. */\n$shout := function( $t )\n{")]
    [InlineData("{ 'text': $shout(text) }", "{ 'text': $shout(text & ' ') }", "attention transforms/odoo/note.jsonata: the mapping says something else (affects orders.create)")]
    [InlineData("$uppercase", "$lowercase", "attention transforms/odoo/functions.jsonata: the mapping says something else (affects orders.create)")]
    [InlineData(", transform: { request: odoo/note }", "", "attention orders.create: the request was mapped by odoo/note and is not mapped (affects acme-shop)")]
    [InlineData("Units: C62", "Units: EA", "attention units: the code table says something else")]
    [InlineData("tms.internal", "tms.example", "security-weakening tms: it is at http://tms.example/, was http://tms.internal/ (affects notes.create, notes.read)")]
    [InlineData("http://tms.internal }", "http://tms.internal, timeout: 2s }", "attention tms: it is waited for 2 s, was 20 s (affects notes.create, notes.read)")]
    [InlineData("database: d,", "database: d, changeTimeout: 30s,", "attention odoo: what changes something there is waited for 30 s, was 60 s (affects orders.create)")]
    [InlineData("database: d,", "database: d, timeout: 40s,", "attention odoo: it is waited for 40 s, was 20 s (affects orders.create)", "attention odoo: what changes something there is waited for 40 s, was 60 s (affects orders.create)")]
    [InlineData("http://tms.internal }", "http://tms.internal, credential: { key: secret://env/K, header: API-Key } }", "attention tms: the gateway shows it a key in API-Key, was nothing (affects notes.create, notes.read)")]
    [InlineData("secret://env/ODOO_KEY", "secret://env/NEXT", "attention odoo: what the gateway shows it stands in secret://env/NEXT, was in secret://env/ODOO_KEY (affects orders.create)")]
    [InlineData("http://tms.internal }", "http://tms.internal, passHeaders: [Cookie] }", "security-weakening tms: callers' Cookie reach it (affects notes.create, notes.read)")]
    [InlineData("http://tms.internal }", "http://tms.internal, authorities: secret://file/run/ca.pem, caller: none }", "attention tms: the authorities in secret://file/run/ca.pem vouch for it (affects notes.create, notes.read)", "attention tms: it is told who called in the form None, was XForwarded (affects notes.create, notes.read)")]
    [InlineData("http://tms.internal }", "http://tms.internal, destinations: { b: { url: http://tms-b.internal, weight: 2 } }, affinity: consumer }", "security-weakening tms: requests go to http://tms-b.internal/ as well (b) (affects notes.create, notes.read)", "attention tms: its destinations are chosen by Consumer, else RoundRobin, were by RoundRobin (affects notes.create, notes.read)")]
    [InlineData("http://tms.internal }", "http://tms.internal, canary: { url: http://next.internal, partners: [acme], percent: 5 } }", "security-weakening tms: its canary gets 5 % of the requests of acme at http://next.internal/, got nothing (affects notes.create, notes.read)")]
    [InlineData("http://tms.internal }", "http://tms.internal, resilience: { attempt: 2s, retries: 1 } }", "attention tms: it is called again and left alone otherwise: 2 s an attempt, 1 retries from 0.15 s on, open for 15 s when 0.5 of 8 calls fail in 30 s, was as by default (affects notes.create, notes.read)")]
    [InlineData("governance: {}", "governance: { addressLimit: { perSecond: 10 } }", "breaking governance: one address may send 10 requests a second, was 50000")]
    [InlineData("governance: {}", "governance: { addressLimit: { networks: [{ network: 10.0.0.0/8, perSecond: unlimited, name: Ours }, { network: 192.0.2.0/24, perSecond: \"5\", name: Theirs }] } }", "security-weakening governance: an address of 10.0.0.0/8 may send as much as it likes, was 50000 requests a second", "breaking governance: an address of 192.0.2.0/24 may send 5 requests a second, was 50000 requests a second")]
    [InlineData("http://tms.internal }", "http://tms.internal, limits: { perSecond: 0.5, concurrent: 2 } }", "breaking tms: each node sends it 0.5 calls a second, 1 at once, 2 at the same time, was 100 at the same time; more wait, and then get 503 (affects notes.create, notes.read)", "attention tms: where it asks to be left alone, nobody is sent there, and callers get 503 (affects notes.create, notes.read)")]
    [InlineData("http://tms.internal }", "http://tms.internal, limits: { concurrent: 200 } }", "attention tms: where it asks to be left alone, nobody is sent there, and callers get 503 (affects notes.create, notes.read)", "attention tms: each node sends it 200 at the same time, was 100 at the same time; more wait, and then get 503 (affects notes.create, notes.read)")]
    [InlineData("governance: {}", "governance: { proxies: { networks: [10.0.0.0/8] } }", "security-weakening governance: who connects from 10.0.0.0/8 is believed who called")]
    [InlineData("governance: {}", "governance: { audit: { retention: { personal: 7d, public: 91d } } }", "attention governance: audit records of the class public are kept 91 days, were 90", "attention governance: audit records of the class personal are kept 7 days, were 30; older ones are dropped within an hour")]
    [InlineData("governance: {}", "governance: { server: { url: 16KB, headers: 50, bodyRate: 1 } }", "security-weakening governance: the server takes at most 16384 characters of path and query, was 8192", "security-weakening governance: bodies must come with 1 bytes a second, was 240", "breaking governance: the server takes at most 50 headers, was 100")]
    [InlineData("governance: {}", "governance: { server: { headersSize: 64KB, headersTimeout: 5s, idle: 10s, bodyRate: 500 } }", "security-weakening governance: the server takes at most 65536 bytes of headers, was 32768", "breaking governance: the server takes at most 5 seconds for headers, was 15", "breaking governance: the server takes at most 10 idle seconds of a connection, was 130", "breaking governance: bodies must come with 500 bytes a second, was 240")]
    [InlineData("governance: {}", "governance: { webhooks: { allowHttp: true, allowNetworks: [10.20.0.0/16], ports: [443, 9000-9099] } }", "security-weakening governance: webhooks may go over http, readable on their way", "security-weakening governance: webhooks may go to 10.20.0.0/16, which is not public", "security-weakening governance: webhooks may go to port 9000-9099")]
    [InlineData("secrets: [secret://env/ONE, secret://env/TWO] }", "secrets: [secret://env/ONE, secret://env/TWO], mode: binary }", "breaking acme/orders: the body is the data alone, and the attributes are headers")]
    [InlineData("secrets: [secret://env/ONE, secret://env/TWO] }", "secrets: [secret://env/ONE, secret://env/TWO], order: fifo, concurrency: 2, rate: { limit: 5, window: 10s }, budget: 12h }", "attention acme/orders: new events come in order: one that fails keeps those of its key back", "attention acme/orders: it gets 2 at the same time, was 4", "attention acme/orders: it gets at most 5 in 10s", "attention acme/orders: it is disabled after 12h without a success, was 5d")]
    [InlineData("tier: gold", "warehouse: WH", "security-weakening acme: it sees the stock of WH", "attention acme: its warehouse is WH, was none", "attention acme: its tier is none, was gold")]
    [InlineData("owner: us", "owner: us\n    dataClass: personal", "attention notes: its data are personal, were of no class")]
    [InlineData("governance: {}", "governance: { waivers: [{ rule: api-slo, for: [notes], reason: Promised with the next contract., until: 2099-12-02 }] }", "attention governance: the rule api-slo is waived for notes until 2099-12-02: Promised with the next contract.")]
    [InlineData("tier: gold", "tier: gold\n    timeZone: Asia/Tokyo", "attention acme: its time zone is Asia/Tokyo, was UTC")]
    [InlineData("[ACME-DE]", "[ACME-FR]", "security-weakening acme: it may order for ACME-FR", "breaking acme: it may no longer order for ACME-DE")]
    [InlineData("scopes: [notes.write], subjects", "scopes: [notes.read], subjects", "security-weakening acme-shop: the scope notes.read is granted", "breaking acme-shop: the scope notes.write is taken away (affects orders.create)")]
    [InlineData("secret://env/SHOP_KEY", "secret://env/NEW_KEY", "security-weakening acme-shop: the key secret://env/NEW_KEY opens it too", "breaking acme-shop: the key secret://env/SHOP_KEY is taken away")]
    [InlineData("scopes: [notes.write], subjects", "signatureKeys: [{ id: a, algorithm: hmac-sha256, secret: secret://env/S, expires: 2027-01-01 }], scopes: [notes.write], subjects", "security-weakening acme-shop: the signature key a (hmac-sha256, secret://env/S, until 2027-01-01) opens it too")]
    [InlineData("[company/shop]", "[]", "breaking acme-shop: the subject company/shop is taken away")]
    [InlineData("acme-shop:", "acme-web:", "breaking acme-shop: the consumer of acme is gone: its calls are refused", "attention acme-web: a new consumer of acme, with notes.write")]
    [InlineData("audience: api", "audience: other", "security-weakening company: tokens for other are taken", "security-weakening company: operators' tokens for other are taken, those for api no longer", "breaking company: tokens for api are refused (affects acme-shop)")]
    [InlineData("audience: api", "audience: api, algorithms: [RS256, PS256, ES256, RS512]", "security-weakening company: tokens signed with RS512 are taken too")]
    [InlineData("audience: api", "audience: api, introspection: { client: us, secret: secret://env/US }", "security-weakening company: tokens that are no JWT are taken, where it knows them")]
    [InlineData("audience: api", "audience: api, kind: introspection, introspection: { client: us, secret: secret://env/US }", "attention company: its tokens are looked at as introspection, were as oidc")]
    [InlineData("governance: {}", "governance: { failedAttempts: { perAddress: 6000 } }", "security-weakening governance: 6000 of an address and 120 for a consumer in 60 s attempts to get in may fail, was 600 of an address and 120 for a consumer in 60 s")]
    [InlineData("governance: {}", "governance: { failedAttempts: { window: 2m } }", "safe governance: 600 of an address and 120 for a consumer in 120 s attempts to get in may fail, was 600 of an address and 120 for a consumer in 60 s")]
    [InlineData("acme.example/hooks", "acme.example/other", "attention acme/orders: its events go to https://acme.example/other, went to https://acme.example/hooks")]
    [InlineData("[order.accepted.v1], secrets", "[\"*\"], secrets", "breaking acme/orders: order.accepted.v1 is no longer delivered", "safe acme/orders: * is delivered too")]
    [InlineData("buyer: customer_reference", "buyer: shipper", "security-weakening note.seen.v1: whose it is says shipper, said customer_reference")]
    [InlineData("tms.tracking.updated.v1", "tms.tender.answered.v1", "attention note.seen.v1: it is told of carriers/tms.tender.answered.v1, was of carriers/tms.tracking.updated.v1")]
    [InlineData("[com.example.counted, com.example.released]", "[com.example.released, com.example.held]", "breaking erp: its webhooks of com.example.counted are refused", "attention erp: its webhooks of com.example.held are taken")]
    [InlineData("customer_reference, contract: note@1", "customer_reference, mapping: odoo/note, contract: query@1", "attention note.seen.v1: it is mapped by odoo/note, was by nothing", "attention note.seen.v1: its data are query@1, were note@1")]
    [InlineData("note.seen.v1", "note.told.v1", "breaking note.seen.v1: the event is told to nobody any more", "safe note.told.v1: a new event, of carriers/tms.tracking.updated.v1")]
    [InlineData("[secret://env/ONE, secret://env/TWO]", "[secret://env/ONE]", "breaking acme/orders: secret://env/TWO no longer signs")]
    [InlineData("owner: us", "owner: us\n    lifecycle: retired", "breaking notes.create, notes.read, orders.create: it is retired: 410 (affects acme-shop)")]
    [InlineData("owner: us", "owner: us\n    deprecated: 2026-11-01\n    sunset: 2027-01-31", "attention notes.create, notes.read, orders.create: it ends on 2027-01-31 (affects acme-shop)")]
    [InlineData("owner: us", "owner: us\n    version: { header: Api-Version, value: \"2\" }", "breaking notes.create, notes.read, orders.create: it was for requests of any version and is for Api-Version: 2 (affects acme-shop)")]
    [InlineData("owner: us", "owner: us\n    version: { header: Api-Version, value: \"2\", default: true }", "safe notes.create, notes.read, orders.create: it was for requests of any version and is for Api-Version: 2 and requests without it")]
    [InlineData("  olaf:", "  olga: { roles: [viewer], subjects: [company/olga] }\n  olaf:", "security-weakening olga: it is viewer on the admin port")]
    [InlineData("operators:\n  olaf: { roles: [operator], groups: [company/desk], tokens: [{ secret: secret://env/OLAF }] }", "", "attention olaf: the operator is gone: its tokens are refused on the admin port")]
    [InlineData("roles: [operator]", "roles: [viewer, approver]", "security-weakening olaf: it is viewer on the admin port too", "security-weakening olaf: it is approver on the admin port too", "attention olaf: it is no longer operator on the admin port")]
    [InlineData("[company/desk]", "[company/canteen]", "security-weakening olaf: the group company/canteen is this operator too", "attention olaf: the group company/desk is this operator no longer")]
    [InlineData("secret://env/OLAF", "secret://env/OTHER", "security-weakening olaf: the token secret://env/OTHER is this operator too", "attention olaf: the token secret://env/OLAF is this operator no longer")]
    [InlineData("governance: {}", "governance: { metrics: open }", "security-weakening metrics: they are read by everybody who reaches the admin port, were read by operators and the gateway's own machine")]
    [InlineData("governance: {}", "governance: { metrics: operators }", "attention metrics: they are read by operators, were read by operators and the gateway's own machine")]
    [InlineData("audience: api }", "audience: api, operatorAudience: admin }", "security-weakening company: operators' tokens for admin are taken, those for api no longer")]
    public async Task Changes_are_told_by_what_they_do_and_to_whom(string before, string after, params string[] effects)
    {
        var (_, lines) = await PlanAsync(w =>
        {
            foreach (var path in (string[])["policies.yaml", "routes/notes.yaml", "transforms/odoo/note.jsonata", "transforms/odoo/functions.jsonata"])
            {
                if (File.ReadAllText(Path.Combine(w, path)).Contains(before, StringComparison.Ordinal)) Replace(w, path, before, after, once: true);
            }
        });

        Assert.Equal(effects, lines[..^1]);
    }

    [Theory]
    [InlineData("2027-01-31", "2027-01-01", "breaking notes.create, notes.read, orders.create: it ends on 2027-01-01, was 2027-01-31 (affects acme-shop)")]
    [InlineData("2027-01-31", "2027-02-28", "safe notes.create, notes.read, orders.create: it ends on 2027-02-28, was 2027-01-31")]
    [InlineData("2027-01-31", null, "safe notes.create, notes.read, orders.create: it no longer ends on 2027-01-31")]
    public async Task A_sunset_that_comes_nearer_breaks_and_one_that_moves_away_does_not(string then, string? now, string effect)
    {
        var (before, after) = (Path.Combine(_folder.FullName, "before"), Path.Combine(_folder.FullName, "after"));
        foreach (var (workspace, sunset) in new[] { (before, then), (after, now) })
        {
            WriteAll(workspace);
            Replace(workspace, "routes/notes.yaml", "owner: us", $"owner: us\n    deprecated: 2026-11-01{(sunset is null ? "" : $"\n    sunset: {sunset}")}");
        }

        var (_, lines) = await RunAsync(after, before, EffectClass.Breaking);

        Assert.Equal([effect], lines[..^1]);
    }

    [Fact]
    public async Task A_comment_for_a_pull_request_is_a_table_in_which_names_are_only_text()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var (before, after) = (Path.Combine(_folder.FullName, "before"), Path.Combine(_folder.FullName, "after"));
        WriteAll(before);
        WriteAll(after);
        Replace(after, "policies.yaml", "url: https://acme.example/hooks", "url: 'https://acme.example/![x](https://evil.example)|<b>'");

        await PlanCommand.RunAsync(after, before, EffectClass.Breaking, new LoadOptions { ResolveSecrets = false }, output, Gateway.Cli.Reports.ReportFormat.Markdown);

        var lines = output.ToString().Split('\n');
        Assert.Matches("^\\*\\*plan\\*\\*: revision [0-9a-f]{16} -> [0-9a-f]{16}: 0 security-weakening, 0 breaking, 1 attention, 0 safe$", lines[0].Replace("\\>", ">", StringComparison.Ordinal));
        Assert.StartsWith("| attention | acme/orders: its events go to https://acme.example/\\!\\[x\\](https://evil.example)", lines[4], StringComparison.Ordinal);
        Assert.EndsWith(" | `policies.yaml:20` |", lines[4], StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", lines[4], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EffectClass.Safe, Gateway.Cli.Commands.Findings)]
    [InlineData(EffectClass.Attention, Gateway.Cli.Commands.Findings)]
    [InlineData(EffectClass.Breaking, Gateway.Cli.Commands.Findings)]
    [InlineData(EffectClass.SecurityWeakening, Gateway.Cli.Commands.Fine)]
    public async Task The_least_class_that_fails_can_be_chosen(EffectClass failOn, int code) =>
        Assert.Equal(code, (await PlanAsync(w => Replace(w, "routes/notes.yaml", "target: { forward: tms }", "target: { forward: tms }\n        maxBody: 1KB", once: true), failOn)).Code);

    [Fact]
    public async Task The_state_before_may_be_a_revision_of_Git()
    {
        var workspace = Path.Combine(_folder.FullName, "repository", "workspace");
        WriteAll(workspace);
        Write(workspace, "docs/other.yaml", "not: [part of it");
        LibGit2Sharp.Repository.Init(Path.Combine(_folder.FullName, "repository"));
        using (var repository = new LibGit2Sharp.Repository(Path.Combine(_folder.FullName, "repository")))
        {
            LibGit2Sharp.Commands.Stage(repository, "*");
            var author = new Signature("us", "us@example.com", DateTimeOffset.UnixEpoch);
            repository.Commit("first", author, author);
        }
        Replace(workspace, "routes/notes.yaml", "POST /notes", "PUT /notes");

        var (code, lines) = await RunAsync(workspace, "HEAD", EffectClass.Breaking);

        Assert.Equal(Gateway.Cli.Commands.Findings, code);
        Assert.Equal(["breaking notes.create: POST /notes moves to PUT /notes (affects acme-shop)"], lines[..^1]);
        Assert.Equal(Gateway.Cli.Commands.CouldNotRun, (await RunAsync(workspace, "no-such-branch", EffectClass.Breaking)).Code);
        Assert.Equal(Gateway.Cli.Commands.CouldNotRun, (await RunAsync(workspace, "HEAD~1", EffectClass.Breaking)).Code);
    }

    [Fact]
    public async Task Nothing_is_said_about_a_workspace_that_is_not_valid()
    {
        var (code, lines) = await PlanAsync(w => Replace(w, "routes/notes.yaml", "query: query@1", "query: qeury@1"));

        Assert.Equal(Gateway.Cli.Commands.CouldNotRun, code);
        Assert.Contains("GW3001", lines[0], StringComparison.Ordinal);
    }

    private async Task<(int Code, string[] Lines)> PlanAsync(Action<string> change, EffectClass failOn = EffectClass.Breaking)
    {
        var (before, after) = (Path.Combine(_folder.FullName, "before"), Path.Combine(_folder.FullName, "after"));
        WriteAll(before);
        WriteAll(after);
        change(after);
        return await RunAsync(after, before, failOn);
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(string workspace, string against, EffectClass failOn)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var code = await PlanCommand.RunAsync(workspace, against, failOn, new LoadOptions { ResolveSecrets = false }, output);
        return (code, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Columns().Replace(line, " "))]);
    }

    private static void WriteAll(string workspace)
    {
        Write(workspace, "policies.yaml", Entry);
        Write(workspace, "routes/notes.yaml", Routes);
        Write(workspace, "transforms/canonical/note@1.schema.json", Note);
        Write(workspace, "transforms/odoo/note.jsonata", "{ 'text': $shout(text) }");
        Write(workspace, "transforms/odoo/functions.jsonata", "$shout := function($t) { $uppercase($t) };");
        Write(workspace, "transforms/canonical/query@1.schema.json", Query);
    }

    private static void Replace(string workspace, string path, string before, string after, bool once = false)
    {
        var text = File.ReadAllText(Path.Combine(workspace, path));
        var at = text.IndexOf(before, StringComparison.Ordinal);
        Assert.True(at >= 0, before);
        Write(workspace, path, once ? text[..at] + after + text[(at + before.Length)..] : text.Replace(before, after, StringComparison.Ordinal));
    }

    private static void Write(string workspace, string path, string content)
    {
        var file = Path.Combine(workspace, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    [GeneratedRegex(" {2,}")]
    private static partial Regex Columns();
}
