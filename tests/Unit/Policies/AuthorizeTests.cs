using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>Roles, claims, hours and conditions on the road of whole requests, with tokens, keys and time as cases of routes have them.</summary>
public sealed class AuthorizeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-authorize-");

    public AuthorizeTests()
    {
        Write("policies.yaml", """
            issuers: { company: { issuer: https://login.example.com/, audience: api } }
            scopes: { parcels.read: Reads parcels., parcels.write: Books parcels. }
            roles:
              clerk: { scopes: [parcels.read] }
              guest: { scopes: [] }
              boss: { scopes: [parcels.read, parcels.write] }
            companies: { north: { name: North, id: 3, timeZone: America/New_York } }
            tiers: { gold: { warehouses: [WH2] } }
            policies:
              callers: { authenticate: { apiKey: {}, bearer: { issuers: [company] } } }
            backends:
              tms: { adapter: http, url: http://tms.internal, credential: { key: secret://env/TMS_KEY } }
            partners:
              acme:
                name: Acme
                tier: gold
                companies: [north]
                warehouse: WH
                buyers: [ACME-DE, ACME-FR]
                consumers:
                  acme-shop: { keys: [{ secret: secret://env/ACME_SHOP_KEY }], subjects: [company/shop], roles: [boss] }
                  acme-desk: { kind: user, subjects: [company/desk], roles: [clerk], scopes: [parcels.write] }
                  acme-scan: { kind: device, location: WH, keys: [{ secret: secret://env/ACME_SCAN_KEY, expires: 2027-01-31 }], scopes: [parcels.read] }
              lonely:
                name: Lonely
                consumers:
                  lonely-shop: { keys: [{ secret: secret://env/LONELY_KEY }], roles: [boss] }
            """);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task A_role_opens_what_its_scopes_open() => HoldAsync("authorize: { scopes: [parcels.write] }", """
        - { step: a role brings it, consumer: acme-shop, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: a grant does, consumer: acme-desk, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: neither does, consumer: acme-scan, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: insufficient-scope } }
        - { step: a token names the role, consumer: acme-shop, credentials: token, claims: { scope: boss }, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: or another role, consumer: acme-shop, credentials: token, claims: { scope: clerk }, request: GET /v1/parcels/1, calls: {}, answer: { status: 403 } }
        - { step: a role that was not granted widens nothing, consumer: acme-desk, credentials: token, claims: { scope: boss }, request: GET /v1/parcels/1, calls: {}, answer: { status: 403 } }
        """);

    [Fact]
    public Task One_of_the_roles_is_needed() => HoldAsync("authorize: { roles: [boss, guest] }", """
        - { step: it has one, consumer: acme-shop, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: it has another, consumer: acme-desk, credentials: token, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: forbidden, body: { type: /problems/forbidden, title: This is not allowed, status: 403, detail: This caller may not do this. } } }
        - { step: its token leaves it out, consumer: acme-shop, credentials: token, claims: { scope: parcels.read parcels.write }, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: forbidden } }
        """);

    [Fact]
    public Task Claims_are_those_of_the_token() => HoldAsync("authorize: { claims: { dept: [sales, audit] } }", """
        - { step: the right one, consumer: acme-desk, credentials: token, claims: { dept: audit }, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: remembered, consumer: acme-desk, credentials: sameToken, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: a wrong one, consumer: acme-desk, credentials: token, claims: { dept: finance }, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: forbidden } }
        - { step: remembered too, consumer: acme-desk, credentials: sameToken, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: forbidden } }
        - { step: none, consumer: acme-desk, credentials: token, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: forbidden } }
        - { step: no token, consumer: acme-shop, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: forbidden } }
        """);

    [Fact]
    public Task Hours_go_by_the_clocks_of_the_partners_company() => HoldAsync("authorize: { hours: [{ days: [mon], from: \"08:00\", to: \"18:00\" }] }", """
        - { step: too early there, at: 2027-01-04T12:59:00Z, consumer: acme-shop, request: GET /v1/parcels/1, calls: {}, answer: { status: 403, problem: forbidden } }
        - { step: not too early elsewhere, consumer: lonely-shop, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: a minute later, after: 1m, consumer: acme-shop, request: GET /v1/parcels/1, answer: { status: 200 } }
        """);

    [Theory]
    [InlineData("$consumer.name = 'acme-scan' and $consumer.kind = 'device' and $consumer.location = 'WH'")]
    [InlineData("$params.id = $consumer.location")]
    [InlineData("$params.id in $partner.warehouses and $partner.warehouses[1] = 'WH2' and $partner.warehouse = 'WH'")]
    [InlineData("$partner.name = 'acme' and $partner.displayName = 'Acme' and $partner.tier = 'gold'")]
    [InlineData("$partner.company = 3 and $partner.companies.name = 'north' and $partner.companies.id = 3")]
    [InlineData("'ACME-FR' in $partner.buyers")]
    [InlineData("'parcels.read' in $consumer.scopes")]
    [InlineData("$count($consumer.roles) = 0")]
    [InlineData("$route = 'parcels.read'")]
    [InlineData("$not($exists($claims))")]
    [InlineData("$now() = '2027-01-04T09:00:00.000Z'")]
    [InlineData("$params.q = 'x'")]
    public async Task A_condition_sees_caller_partner_route_parameters_and_time(string condition)
    {
        await HoldAsync($"authorize: {{ when: [{{ if: \"{condition}\", reason: it-holds }}] }}", """
            - { consumer: acme-scan, at: 2027-01-04T09:00:00Z, request: "GET /v1/parcels/WH?q=x&id=other", answer: { status: 200 } }
            """);
        await HoldAsync($"authorize: {{ when: [{{ if: \"$not({condition})\", reason: it-does-not }}] }}", """
            - { consumer: acme-scan, at: 2027-01-04T09:00:00Z, request: "GET /v1/parcels/WH?q=x&id=other", calls: {}, answer: { status: 403, problem: forbidden } }
            """);
    }

    [Fact]
    public Task A_condition_sees_the_claims_of_a_token() => HoldAsync("authorize: { when: [{ if: $params.id = $claims.parcel, else: 404, reason: of-another }] }", """
        - { consumer: acme-desk, credentials: token, claims: { parcel: "7" }, request: GET /v1/parcels/7, answer: { status: 200 } }
        - { consumer: acme-desk, credentials: sameToken, request: GET /v1/parcels/8, calls: {}, answer: { status: 404, problem: not-found } }
        - { consumer: acme-shop, request: GET /v1/parcels/7, calls: {}, answer: { status: 404, problem: not-found } }
        """);

    [Theory]
    [InlineData("$params.id")]
    [InlineData("$params.missing.member = 1 ? true : $params")]
    [InlineData("$partner.buyers")]
    [InlineData("$params.id < 1")]
    [InlineData("$number($params.id) = 1")]
    [InlineData("($loop := function($n) { $loop($n + 1) }; $loop(1) = $params.id)")]
    public async Task What_gives_no_boolean_lets_nobody_in_and_alerts_somebody(string condition)
    {
        var said = await PlayAsync($"authorize: {{ when: [{{ if: \"{condition}\", else: 404, reason: it-is-broken }}] }}", """
            - { consumer: acme-shop, request: GET /v1/parcels/x, calls: {}, answer: { status: 500, problem: internal, part: { detail: "The gateway could not tell whether this is allowed. Its operators know; quote the X-Correlation-Id." } } }
            - { consumer: acme-shop, request: GET /v1/parcels/x, calls: {}, answer: { status: 418 } }
            """);

        Assert.Contains("step 2", said, StringComparison.Ordinal);
        Assert.Contains("the gateway says: 500 internal on parcels.read for acme-shop: condition-broken: it-is-broken: ", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$params.missing")]
    [InlineData("$params.missing > 1")]
    [InlineData("$contains($params.missing, 'x')")]
    [InlineData("$not($params.missing)")]
    [InlineData("$params.id = 'y'")]
    public Task What_is_not_there_does_not_hold(string condition) => HoldAsync($"authorize: {{ when: [{{ if: \"{condition}\", reason: it-does-not }}] }}", """
        - { consumer: acme-shop, request: GET /v1/parcels/x, calls: {}, answer: { status: 403, problem: forbidden } }
        """);

    [Fact]
    public Task A_condition_on_the_body_comes_behind_its_contract_and_before_the_backend() => HoldAsync(
        "contract: { request: book@1 }, authorize: { when: [{ if: buyer in $partner.buyers, reason: buyer-of-another, detail: Not your buyer. }] }", """
        - { step: the contract first, consumer: acme-shop, request: POST /v1/parcels/1, body: { buyer: 7 }, calls: {}, answer: { status: 422, problem: contract-broken } }
        - { step: another's buyer, consumer: acme-shop, request: POST /v1/parcels/1, body: { buyer: GLOBEX-DE }, calls: {}, answer: { status: 403, problem: forbidden, part: { detail: Not your buyer. } } }
        - { step: its own, consumer: acme-shop, request: POST /v1/parcels/1, body: { buyer: ACME-FR }, answer: { status: 200 } }
        - { step: no body at all, consumer: acme-shop, request: POST /v1/parcels/1, calls: {}, answer: { status: 415 } }
        """, "POST");

    [Fact]
    public Task A_body_that_could_not_be_read_and_is_let_pass_meets_no_condition() => HoldAsync(
        "contract: { request: book@1, mode: report }, authorize: { when: [{ if: buyer != \"GLOBEX-DE\", reason: buyer-of-another }] }", """
        - { step: it can be read, consumer: acme-shop, request: POST /v1/parcels/1, body: { buyer: 7 }, answer: { status: 200 } }
        - { step: it can't, consumer: acme-shop, request: POST /v1/parcels/1, text: "{", headers: { Content-Type: application/json }, calls: {}, answer: { status: 403, problem: forbidden } }
        - { step: it is something else, consumer: acme-shop, request: POST /v1/parcels/1, text: a=1, headers: { Content-Type: text/plain }, calls: {}, answer: { status: 403, problem: forbidden } }
        """, "POST");

    [Fact]
    public Task A_key_of_a_device_opens_nothing_once_it_has_ended() => HoldAsync("authorize: { scopes: [parcels.read] }", """
        - { step: the last moment, at: 2027-01-30T23:59:59Z, consumer: acme-scan, request: GET /v1/parcels/1, answer: { status: 200 } }
        - { step: a second later, after: 1s, consumer: acme-scan, request: GET /v1/parcels/1, calls: {}, answer: { status: 401, problem: unauthenticated, part: { detail: The API key is not valid. } } }
        - { step: others go on, consumer: acme-shop, request: GET /v1/parcels/1, answer: { status: 200 } }
        """);

    private async Task HoldAsync(string policies, string steps, string method = "GET")
    {
        var said = await PlayAsync(policies, steps, method);

        Assert.True(said.EndsWith("1 case passed, 0 failed" + Environment.NewLine, StringComparison.Ordinal), said);
    }

    /// <summary>Plays the steps against a route with these policies, behind it a carrier that answers 200 to everything.</summary>
    private async Task<string> PlayAsync(string policies, string steps, string method = "GET")
    {
        Write("transforms/canonical/book@1.schema.json", """{ "type": "object", "properties": { "buyer": { "type": "string" } } }""");
        Write("routes/parcels.yaml", $$"""
            apis:
              parcels:
                owner: logistics
                routes:
                  parcels.read:
                    match: {{method}} /v1/parcels/{id}
                    policies: [callers, {{policies}}]
                    target: { forward: tms }
            """);
        Write("routes/parcels.tests.yaml", $"cases:\n  - name: it\n    backends: {{ tms: [{{ answer: {{ body: {{ ok: true }} }} }}] }}\n    steps:\n{string.Concat(steps.TrimEnd().Split('\n').Select(line => "      " + line + "\n"))}");
        using var output = new StringWriter();
        await TestCommand.RunAsync(_folder.FullName, new(), new LoadOptions { ResolveSecrets = false }, output, stop: TestContext.Current.CancellationToken);
        return output.ToString();
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
