using System.Text;
using Gateway.Cli;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Tests.Unit.Cli;
using Xunit;

namespace Gateway.Tests.Unit.Cases;

/// <summary>The verb <c>test</c> on routes: what their cases prove, and how a wrong one is told.</summary>
public sealed class RouteCasesTests : IDisposable
{
    private const string Passed = "1 case passed, 0 failed";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-routes-");

    public RouteCasesTests()
    {
        Write("policies.yaml", """
            issuers:
              company: { issuer: https://login.example.com/, audience: api }
              staff: { kind: entra, issuer: https://login.microsoftonline.com/3f2a0c9e-7c1d-4b9f-9a6e-0d1f5b7c2e11/v2.0, audience: api }
              groups: { kind: entra, issuer: https://login.microsoftonline.com/organizations/v2.0, audience: api, tenants: [8d4b6f10-2e3a-4c5d-8f90-a1b2c3d4e5f6] }
              opaque: { kind: introspection, issuer: https://sso.example.com/, audience: api, introspection: { client: us, secret: secret://env/SSO } }
            policies:
              callers: { authenticate: { apiKey: {}, bearer: { issuers: [company, staff, groups, opaque] } } }
            backends:
              tms: { adapter: http, url: http://tms.internal, credential: { key: secret://env/TMS_KEY } }
              odoo: { adapter: odoo, url: http://odoo.internal, database: production, api: json2, credential: { key: secret://env/ODOO_KEY } }
            partners:
              acme:
                name: Acme
                consumers:
                  acme-shop: { keys: [{ secret: secret://env/ACME_SHOP_KEY }], subjects: [company/shop] }
                  acme-edi: { keys: [{ sha256: 0000000000000000000000000000000000000000000000000000000000000000 }] }
                  acme-erp: { subjects: [company/erp] }
                  acme-staff: { subjects: [staff/erp] }
                  acme-group: { subjects: [groups/8d4b6f10-2e3a-4c5d-8f90-a1b2c3d4e5f6/erp] }
                  acme-sso: { subjects: [opaque/erp] }
            """);
        Write("routes/parcels.yaml", """
            apis:
              parcels:
                owner: logistics
                routes:
                  parcels.read:
                    match: GET /v1/parcels/{id}
                    policies: [callers, rateLimit: { limit: 2, window: 1m, by: consumer }]
                    target: { forward: tms }
                  parcels.book:
                    match: POST /v1/parcels
                    policies: [callers]
                    target: { forward: tms }
                  items.read:
                    match: GET /v1/items/{sku}
                    policies: [callers]
                    target: { call: odoo/item.read }
            """);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_cases_of_this_workspace_hold_and_leave_out_no_route_and_no_policy()
    {
        var (code, said) = await RunAsync(Repository.Root, new("routes/") { Coverage = true });

        Assert.True(code == Commands.Fine, said);
        Assert.Matches(@"coverage: routes (\d+) of \1, policies (\d+) of \2,", said);
    }

    [Theory]
    [InlineData("request: GET /v1/parcels/1\n    calls: { tms: [{ request: GET /v1/parcels/1, answer: { body: { at: Hamburg } } }] }\n    answer: { status: 200, body: { at: Hamburg } }")]
    [InlineData("request: GET /v1/parcels/1\n    calls: { tms: [{ request: GET /v1/parcels/1, headers: { Authorization: 'Bearer value of secret://env/TMS_KEY' }, without: [X-Api-Key, X-Forwarded-Port], answer: { status: 404, text: no } }] }\n    answer: { status: 404 }")]
    [InlineData("request: POST /v1/parcels\n    body: { to: Kiel, weight: 1.50 }\n    calls: { tms: [{ request: POST /v1/parcels, body: { weight: 1.5, to: Kiel } }] }\n    answer: { status: 200 }\n    events: []")]
    [InlineData("request: POST /v1/parcels\n    body: { to: Kiel, weight: 1.50 }\n    calls: { tms: [{ request: POST /v1/parcels, part: { to: \"${town}\" }, answer: { body: { town: \"${town}\" } } }] }\n    answer: { body: { town: Kiel } }")]
    [InlineData("consumer: acme-edi\n    request: GET /v1/parcels/1\n    backends: { tms: [{}] }\n    answer: { status: 200 }")]
    [InlineData("consumer: acme-erp\n    request: GET /v1/parcels/1\n    backends: { tms: [{}] }\n    answer: { status: 200 }")]
    [InlineData("consumer: acme-staff\n    request: GET /v1/parcels/1\n    backends: { tms: [{}] }\n    answer: { status: 200 }")]
    [InlineData("consumer: acme-staff\n    credentials: forgedToken\n    request: GET /v1/parcels/1\n    calls: {}\n    answer: { status: 401 }")]
    [InlineData("consumer: acme-staff\n    credentials: strangersToken\n    request: GET /v1/parcels/1\n    calls: {}\n    answer: { status: 401 }")]
    [InlineData("consumer: acme-group\n    request: GET /v1/parcels/1\n    backends: { tms: [{}] }\n    answer: { status: 200 }")]
    [InlineData("consumer: acme-group\n    credentials: foreignToken\n    request: GET /v1/parcels/1\n    calls: {}\n    answer: { status: 401 }")]
    [InlineData("consumer: acme-sso\n    request: GET /v1/parcels/1\n    backends: { tms: [{}] }\n    answer: { status: 200 }")]
    [InlineData("consumer: acme-sso\n    credentials: forgedToken\n    request: GET /v1/parcels/1\n    calls: {}\n    answer: { status: 401 }")]
    [InlineData("consumer: acme-sso\n    credentials: expiredToken\n    request: GET /v1/parcels/1\n    calls: {}\n    answer: { status: 401 }")]
    [InlineData("credentials: none\n    request: GET /v1/parcels/1\n    calls: {}\n    answer: { status: 401, problem: unauthenticated, headers: { WWW-Authenticate: '${ways}' } }")]
    [InlineData("credentials: strangersToken\n    request: GET /v1/parcels/1\n    calls: {}\n    answer: { status: 401 }")]
    [InlineData("request: GET /v1/parcels/1\n    calls: { tms: [{ fails: refused }] }\n    answer: { status: 503, problem: backend-unavailable }")]
    [InlineData("request: GET /v1/parcels/1\n    calls: { tms: [{ request: GET /v1/parcels/1, fails: timeout }] }\n    answer: { status: 504, problem: deadline-exceeded, part: { detail: The backend did not answer in time. Whether it did what was asked is not known. } }")]
    [InlineData("request: POST /v1/parcels\n    body: { to: Kiel }\n    calls: { tms: [{ fails: timeout }] }\n    answer: { status: 504, problem: deadline-exceeded, part: { detail: The backend did not answer in time. Whether it did what was asked is not known. } }")]
    [InlineData("request: GET /v1/parcels/1\n    calls: { tms: [{ answer: { status: 409, body: { type: /errors/parcel-locked } } }] }\n    answer: { status: 409, problem: parcel-locked }")]
    [InlineData("request: GET /v1/items/DESK\n    calls: { odoo: [{ request: POST /json/2/product.product/search_read, headers: { X-Odoo-Database: production, Authorization: 'Bearer value of secret://env/ODOO_KEY' }, fails: timeout }] }\n    answer: { status: 504, problem: deadline-exceeded, part: { detail: The order system did not answer in time. } }")]
    [InlineData("request: GET /v1/nothing\n    answer: { status: 404, problem: not-found }")]
    public async Task A_case_that_holds(string body)
    {
        var (code, said) = await CaseAsync(body);

        Assert.True(said.EndsWith(Passed + Environment.NewLine, StringComparison.Ordinal) && code == Commands.Fine, said);
    }

    [Fact]
    public async Task A_backend_that_wants_tokens_gets_a_made_up_one()
    {
        Write("routes/stock.yaml", """
            backends:
              wms: { adapter: http, url: http://wms.internal, credential: { oauth2: { tokenUrl: https://login.example/token, clientId: g, clientSecret: secret://env/S } } }
            apis:
              stock: { owner: logistics, routes: { stock.read: { match: "GET /v1/stock/{id}", policies: [callers], target: { forward: wms } } } }
            """);

        var (code, said) = await CaseAsync("request: GET /v1/stock/1\n    calls: { wms: [{ request: GET /v1/stock/1, headers: { Authorization: 'Bearer token for wms' } }] }\n    answer: { status: 200 }");

        Assert.True(code == Commands.Fine, said);
    }

    [Theory]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tms: [{ answer: { body: { at: Kiel } } }] }\n    answer: { status: 201 }", "the status 201 is expected, not 200\n  the answer: 200 {\"at\":\"Kiel\"}\n")]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tms: [{ answer: { body: { at: Kiel, n: 1 } } }] }\n    answer: { body: { at: Kiel } }", "#/n: 1 is not expected\n")]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tms: [{ answer: { body: { at: Kiel } } }] }\n    answer: { part: { at: Hamburg } }", "#/at: \"Hamburg\" is expected, not \"Kiel\"\n")]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tms: [{ answer: { headers: { ETag: a } } }] }\n    answer: { headers: { ETag: b } }", "the header ETag: 'b' is expected, not 'a'\n")]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tms: [{ answer: { headers: { ETag: a } } }] }\n    answer: { without: [ETag] }", "the header ETag is not expected: 'a'\n")]
    [InlineData("request: GET /v1/parcels/1\n    credentials: none\n    answer: { problem: contract-broken }", "the problem contract-broken is expected, not unauthenticated\n")]
    [InlineData("request: GET /v1/parcels/1\n    calls: { tms: [{ request: GET /v1/parcels/2 }] }", "tms is asked what the case does not expect:\n  - request: GET /v1/parcels/1\n    answer: { body: {} }\ntms was not asked: GET /v1/parcels/2\n")]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tms: [{}] }\n    calls: {}", "tms is asked what the case does not expect:\n")]
    [InlineData("request: GET /v1/nothing\n    calls: { tms: [{ request: GET /v1/nothing }] }", "tms was not asked: GET /v1/nothing\n")]
    [InlineData("request: POST /v1/parcels\n    body: { to: Kiel }\n    calls: { tms: [{ request: POST /v1/parcels, body: { to: Hamburg } }] }", "tms POST /v1/parcels: #/to: \"Hamburg\" is expected, not \"Kiel\"\n  - request: POST /v1/parcels\n    body: {\"to\":\"Kiel\"}\n    answer: { body: {} }\n")]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tms: [{}] }\n    events: [{ type: parcel.seen.v1 }]", "1 event is expected, not 0\n")]
    [InlineData("consumer: acme-erp\n    credentials: key\n    request: GET /v1/parcels/1\n    answer: { status: 200 }", "the consumer 'acme-erp' has no keys\n")]
    [InlineData("request: GET /v1/parcels/${parcel}\n    answer: { status: 200 }", "nothing is known of ${parcel}\n")]
    public async Task A_case_that_does_not_hold_says_why(string body, string why)
    {
        var (code, said) = await CaseAsync(body);

        Assert.Equal(Commands.Findings, code);
        Assert.StartsWith($"routes/parcels.tests.yaml(2,5): failed: it: {why}", said.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("request: /v1/parcels/1\n    answer: { status: 200 }", 4, 14, "GW4013: '/v1/parcels/1' is not a method and a path; write it like GET /v1/orders/${order}")]
    [InlineData("answer: { status: 200 }", 2, 5, "GW4013: a case is a request, or steps:; write request: GET /v1/…, or steps: […]")]
    [InlineData("answer: { status: 200 }\n    steps: [{ request: GET /v1/parcels/1 }]", 2, 5, "GW4013: answer: belongs to a step; of a case with steps: only at:, consumer: and backends: hold for all; move it to the step that it is meant for")]
    [InlineData("request: GET /v1/parcels/1", 2, 5, "GW4013: 'it' expects nothing, so it holds whatever happens; say what must come of it: answer:, calls: or events:")]
    [InlineData("steps: [{ request: GET /v1/parcels/1 }, { after: 1m }]", 2, 5, "GW4013: 'it' expects nothing, so it holds whatever happens; say what must come of it: answer:, calls: or events:")]
    [InlineData("request: GET /v1/parcels/1\n    answer: { status: 2000 }", 5, 23, "GW1014: 'status' must be between 100 and 599; write a value that does")]
    [InlineData("consumer: acme-shp\n    request: GET /v1/parcels/1\n    answer: { status: 401 }", 3, 15, "GW4010: there is no consumer 'acme-shp'; did you mean 'acme-shop'?")]
    [InlineData("steps: [{ request: GET /v1/parcels/1, consumer: nobody, answer: { status: 401 } }]", 3, 53, "GW4010: there is no consumer 'nobody'; known: acme-edi, acme-erp, acme-group, acme-shop, acme-sso, acme-staff")]
    [InlineData("request: GET /v1/parcels/1\n    calls: { tsm: [] }", 5, 14, "GW4011: there is no backend 'tsm'; did you mean 'tms'?")]
    [InlineData("request: GET /v1/parcels/1\n    backends: { tsm: [{}] }\n    calls: {}", 5, 17, "GW4011: there is no backend 'tsm'; did you mean 'tms'?")]
    [InlineData("request: GET /v1/parcels/1\n    answer: { problem: unauthenticatd }", 5, 24, "GW4012: there is no problem 'unauthenticatd'; did you mean 'unauthenticated'?")]
    [InlineData("steps: [~]", 4, 13, "GW1011: an entry of a list says nothing; write it, or take it out")]
    public async Task A_case_that_proves_nothing_is_told_and_not_run(string body, int line, int column, string finding)
    {
        var (code, said) = await CaseAsync(body);

        Assert.Equal(Commands.Findings, code);
        Assert.Equal([$"routes/parcels.tests.yaml({line},{column}): error {finding}", "0 cases passed, 0 failed; not valid: 1 error"], said.TrimEnd().Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("routes/parcel", Commands.Fine, "")]
    [InlineData("routes/parcles", Commands.CouldNotRun, "no mapping, and no routes/FILE or flows/FILE with cases, has a name that holds 'routes/parcles'; did you mean 'routes/parcels'?")]
    [InlineData("nonsense", Commands.CouldNotRun, "no mapping, and no routes/FILE or flows/FILE with cases, has a name that holds 'nonsense'; known: routes/parcels")]
    public async Task A_name_that_no_case_has_is_no_success(string only, int expected, string said)
    {
        Write("routes/parcels.tests.yaml", "cases: [{ name: it, credentials: none, request: GET /v1/parcels/1, answer: { status: 401 } }]");

        var (code, _, error) = await Verbs.RunAsync("test", _folder.FullName, "--only", only);

        Assert.Equal((expected, said), (code, error.Trim()));
    }

    [Fact]
    public async Task What_the_gateway_logged_of_a_failed_step_is_told_with_it()
    {
        var (_, said) = await CaseAsync("request: GET /v1/parcels/1\n    calls: { tms: [{ fails: refused }] }\n    answer: { status: 200 }");

        Assert.Contains("  the gateway says: 503 backend-unavailable on parcels.read for acme-shop: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_passes_as_a_step_says()
    {
        var (code, said) = await CaseAsync("""
            backends: { tms: [{}] }
                steps:
                  - { request: GET /v1/parcels/1, times: 2, answer: { status: 200 } }
                  - { request: GET /v1/parcels/1, answer: { status: 429, headers: { Retry-After: "30" } } }
                  - { after: 29s, request: GET /v1/parcels/1, answer: { status: 429, headers: { Retry-After: "1" } } }
                  - { after: 1s, request: GET /v1/parcels/1, answer: { status: 200 } }
                  - { at: 2027-06-01T00:00:00Z, request: GET /v1/parcels/1, times: 2, answer: { status: 200 } }
                  - { at: 2027-06-01T00:01:00Z, credentials: token, request: GET /v1/parcels/1, answer: { status: 200 } }
                  - { after: 6m, credentials: sameToken, request: GET /v1/parcels/1, answer: { status: 401 } }
            """);

        Assert.True(code == Commands.Fine, said);
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_takes_its_own_time()
    {
        var (code, said) = await CaseAsync("""
            backends: { tms: [{}] }
                steps:
                  - { request: GET /v1/parcels/1, calls: { tms: [{ fails: timeout }] }, answer: { status: 504 } }
                  - { step: twenty seconds later, request: GET /v1/parcels/1, answer: { status: 200 } }
                  - { request: GET /v1/parcels/1, answer: { status: 429, headers: { Retry-After: "10" } } }
            """);

        Assert.True(code == Commands.Fine, said);
    }

    [Fact]
    public async Task A_name_is_learned_from_a_call_and_known_in_the_next()
    {
        var (code, said) = await CaseAsync("""
            backends: { tms: [{ request: "GET /v1/parcels/${any}", answer: { body: { id: "${any}" } } }] }
                steps:
                  - { request: POST /v1/parcels, body: { to: Kiel }, calls: { tms: [{ request: POST /v1/parcels, part: { to: "${town}" } }] } }
                  - { request: "GET /v1/parcels/${town}", answer: { body: { id: Kiel } } }
            """);

        Assert.True(code == Commands.Fine, said);
    }

    [Fact]
    public async Task A_step_that_fails_is_named_and_the_later_ones_are_not_run()
    {
        var (_, said) = await CaseAsync("""
            backends: { tms: [{}] }
                steps:
                  - { request: GET /v1/parcels/1, answer: { status: 200 } }
                  - { step: the second, request: GET /v1/parcels/1, times: 3, answer: { status: 200 } }
                  - { at: 1999-01-01T00:00:00Z, request: GET /v1/parcels/1 }
            """);

        Assert.Contains("failed: it: step 2 (the second): request 2 of 3: the status 200 is expected, not 429", said, StringComparison.Ordinal);
        Assert.DoesNotContain("step 3", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_hundred_cases_know_nothing_of_each_other()
    {
        var cases = new StringBuilder("backends: { tms: [{}] }\ncases:\n");
        for (var i = 0; i < 500; i++)
            cases.Append(System.Globalization.CultureInfo.InvariantCulture, $"  - {{ name: case {i}, consumer: acme-shop, steps: [{{ request: GET /v1/parcels/{i}, times: 2, answer: {{ status: 200 }} }}, {{ request: GET /v1/parcels/{i}, answer: {{ status: 429 }} }}] }}\n");
        Write("routes/parcels.tests.yaml", cases.ToString());

        var (code, said) = await RunAsync(_folder.FullName, new());

        Assert.True(code == Commands.Fine, said);
        Assert.EndsWith("500 cases passed, 0 failed" + Environment.NewLine, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_wait_for_their_turn_at_a_backend_take_the_time_of_the_case()
    {
        var policies = File.ReadAllText(Path.Combine(_folder.FullName, "policies.yaml"));
        Write("policies.yaml", policies.Replace("url: http://tms.internal,", "url: http://tms.internal, limits: { perSecond: 1, burst: 1 },", StringComparison.Ordinal));
        Write("routes/parcels.tests.yaml", """
            cases:
              - name: it
                at: 2026-07-01T09:00:00Z
                consumer: acme-shop
                backends: { tms: [{}] }
                steps:
                  - { request: POST /v1/parcels, body: {}, times: 5, answer: { status: 200 } }
                  - { step: four seconds have passed, at: 2026-07-01T09:00:03Z, request: POST /v1/parcels, body: {}, answer: { status: 200 } }
            """);

        var (code, said) = await RunAsync(_folder.FullName, new()).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("step 2 (four seconds have passed): at: 2026-07-01T09:00:03.0000000+00:00 is past; it is 2026-07-01T09:00:04", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_to_stop_it_ends_at_once_without_a_verdict()
    {
        Write("routes/parcels.tests.yaml", "cases: [{ name: it, request: GET /v1/parcels/1, answer: { status: 401 } }]");
        using var output = new StringWriter();

        var code = await TestCommand.RunAsync(_folder.FullName, new(), new LoadOptions { ResolveSecrets = false }, output, stop: new CancellationToken(canceled: true));

        Assert.Equal((Commands.CouldNotRun, ""), (code, output.ToString()));
    }

    [Fact]
    public async Task What_no_case_reaches_is_told_and_may_be_demanded()
    {
        Write("routes/parcels.tests.yaml", "cases: [{ name: it, credentials: none, request: GET /v1/parcels/1, answer: { status: 401 } }]");

        var (told, said) = await RunAsync(_folder.FullName, new() { Coverage = true });
        var (demanded, short_) = await RunAsync(_folder.FullName, new() { MinCoverage = 34 });
        var (enough, _) = await RunAsync(_folder.FullName, new() { MinCoverage = 25 });

        Assert.Equal((Commands.Fine, Commands.Findings, Commands.Fine), (told, demanded, enough));
        Assert.Contains("routes/parcels.yaml(9,7): note: no case reaches the route parcels.book", said, StringComparison.Ordinal);
        Assert.Contains("note: no case reaches parcels.read: rateLimit (Limit)", said, StringComparison.Ordinal);
        Assert.DoesNotContain("note: no case reaches parcels.read: callers (Authenticate)", said, StringComparison.Ordinal);
        Assert.Contains("coverage: routes 1 of 3, policies 1 of 4, lines of mappings 0 of 0; 34 % are demanded", short_, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_that_have_no_cases_at_all_are_not_covered()
    {
        var (code, said) = await RunAsync(_folder.FullName, new() { MinCoverage = 1 });

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("coverage: routes 0 of 3, policies 0 of 4, lines of mappings 0 of 0; 1 % are demanded", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_mappings_count_where_something_is_evaluated()
    {
        Write("transforms/canonical/any@1.schema.json", "{}");
        Write("transforms/t/m.jsonata", """
            (
              $unused := 1;
              kind = "a"
                ? { "a": a ?? "none" }
                : {
                    /* nothing is evaluated on this line */
                    "b": b.c.{ "d": d }
                  }
            )
            """);
        Write("transforms/t/m.tests.yaml", "contracts: { input: any@1, output: any@1 }\ncases: [{ name: it, input: { kind: b }, output: {} }]");

        var (_, said) = await RunAsync(_folder.FullName, new() { Coverage = true });

        Assert.Contains("transforms/t/m.jsonata(4,1): note: no case reaches this line", said, StringComparison.Ordinal);
        Assert.Equal(1, said.Split("note: no case reaches this line").Length - 1);
    }

    [Theory]
    [InlineData("Json", "\"file\": \"routes/parcels.tests.yaml\",\n      \"line\": 2,")]
    [InlineData("Sarif", "\"uri\": \"routes/parcels.tests.yaml\"")]
    [InlineData("Junit", "<testcase classname=\"routes/parcels\" name=\"it\" file=\"routes/parcels.tests.yaml\" line=\"2\">")]
    [InlineData("Github", "::error file=routes/parcels.tests.yaml,line=2,col=5,title=routes/parcels::it: the status 418 is expected, not 401%0A")]
    public async Task Every_format_says_where_a_failed_case_stands(string format, string expected)
    {
        Write("routes/parcels.tests.yaml", "cases:\n  - name: it\n    request: GET /v1/parcels/1\n    answer: { status: 418 }\n");
        using var output = new StringWriter();

        var code = await TestCommand.RunAsync(_folder.FullName, new(), new LoadOptions { ResolveSecrets = false }, output, Enum.Parse<ReportFormat>(format), stop: TestContext.Current.CancellationToken);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains(expected, output.ToString().ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_does_not_compile_runs_no_case_of_a_route()
    {
        Write("routes/parcels.tests.yaml", "cases: [{ name: it, request: GET /v1/parcels/1, answer: { status: 401 } }]");
        Write("routes/more.yaml", "apis: { more: { owner: o, routes: { more.read: { match: GET /v1/more, target: { forward: tmss } } } } }");

        var (code, said) = await RunAsync(_folder.FullName, new());

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("GW2026", said, StringComparison.Ordinal);
        Assert.Contains("0 cases passed, 0 failed", said, StringComparison.Ordinal);
    }

    private Task<(int Code, string Said)> CaseAsync(string body)
    {
        var consumer = body.Contains("consumer:", StringComparison.Ordinal) ? "" : "    consumer: acme-shop\n";
        Write("routes/parcels.tests.yaml", $"cases:\n  - name: it\n{consumer}    {body}\n");
        return RunAsync(_folder.FullName, new());
    }

    private static async Task<(int Code, string Said)> RunAsync(string workspace, TestCommand.TestOptions options)
    {
        using var output = new StringWriter();
        return (await TestCommand.RunAsync(workspace, options, new LoadOptions { ResolveSecrets = false }, output, stop: TestContext.Current.CancellationToken), output.ToString());
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
