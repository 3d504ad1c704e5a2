using System.Net.Sockets;
using System.Net;
using System.Text;
using Gateway.Simulators;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>The story of the main job, in full, over real sockets on both sides.</summary>
public sealed class StoryTests
{
    [Fact]
    public async Task An_order_is_taken_over_into_Odoo_and_answered_in_canonical_form()
    {
        await using var world = await World.StartAsync();

        var created = await world.Caller.OrderAsync(Order.Json("PO-1", more: "\"note\":\"call before delivery\","), "k-1");

        Assert.Equal(201, created.Status);
        Assert.Equal("application/json", created.Header("Content-Type"));
        Assert.Equal($"/v1/orders/{created.Text("id")}", created.Header("Location"));
        Assert.StartsWith("S", created.Text("salesOrderId"));
        Assert.Equal("accepted", created.Text("orderStatusCode"));
        Assert.Equal("37.50", (string?)created.Json["legalMonetaryTotal"]!["taxExclusiveAmount"]);
        Assert.Equal("call before delivery", created.Text("note"));
        Assert.Matches("^\"partner-quota\";r=[0-9]+;t=[0-9]+, \"orders-a-month\";r=[0-9]+;t=[0-9]+$", created.Header("RateLimit"));
        Assert.StartsWith("\"partner-quota\";q=2000;w=60, \"orders-a-month\";q=100000;w=", created.Header("RateLimit-Policy"), StringComparison.Ordinal);
        Assert.NotEmpty(created.Header("X-Correlation-Id"));
        var order = Assert.Single(world.Simulators.Odoo.Orders, o => o.ClientOrderRef == "PO-1");
        Assert.Equal(12.50m, Assert.Single(order.Lines).PriceUnit);
    }

    [Fact]
    public async Task The_same_request_is_answered_from_memory_and_never_carried_out_twice()
    {
        await using var world = await World.StartAsync();
        var created = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");
        var loads = world.Simulators.Odoo.CallsOf("sale.order", "load");

        var again = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");
        var otherSpelling = await world.Caller.OrderAsync(Order.Json("PO-1", quantity: "3.0"), "\"k-1\"");

        Assert.Equal(201, again.Status);
        Assert.Equal(created.Body, again.Body);
        Assert.Equal(created.Header("Location"), again.Header("Location"));
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal(created.Body, otherSpelling.Body);
        Assert.Equal(loads, world.Simulators.Odoo.CallsOf("sale.order", "load"));
        Assert.Equal(1, world.OrdersInOdoo("PO-1"));
    }

    [Fact]
    public async Task A_key_with_other_content_is_refused()
    {
        await using var world = await World.StartAsync();
        await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");

        var reused = await world.Caller.OrderAsync(Order.Json("PO-2"), "k-1");

        Assert.Equal((422, "idempotency-key-reused"), (reused.Status, reused.Problem));
        Assert.Equal(0, world.OrdersInOdoo("PO-2"));
    }

    [Fact]
    public async Task A_known_reference_is_the_existing_order_or_a_conflict_that_names_it()
    {
        await using var world = await World.StartAsync();
        var created = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");

        var same = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-2");
        var other = await world.Caller.OrderAsync(Order.Json("PO-1", quantity: "9"), "k-3");
        var sameAgain = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-2");

        Assert.Equal(200, same.Status);
        Assert.Equal(created.Text("id"), same.Text("id"));
        Assert.Equal(created.Text("salesOrderId"), same.Text("salesOrderId"));
        Assert.Equal((409, "reference-conflict"), (other.Status, other.Problem));
        Assert.Equal(created.Text("id"), other.Text("existing"));
        Assert.Equal((200, "true"), (sameAgain.Status, sameAgain.Header("Idempotency-Replayed")));
        var order = Assert.Single(world.Simulators.Odoo.Orders, o => o.ClientOrderRef == "PO-1");
        Assert.Equal(3, Assert.Single(order.Lines).Quantity);
    }

    [Fact]
    public async Task Sixty_four_equal_requests_at_once_make_one_order()
    {
        await using var world = await World.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => world.Caller.OrderAsync(Order.Json("PO-1"), i % 2 == 0 ? "k-1" : $"k-{i}")));

        Assert.Equal(1, world.OrdersInOdoo("PO-1"));
        Assert.Equal(1, world.Simulators.Odoo.CallsOf("sale.order", "load"));
        Assert.All(answers, a => Assert.Contains(a.Status, new[] { 200, 201, 409 }));
        Assert.Single(answers.Where(a => a.Status < 300).Select(a => a.Text("id")).Distinct());
    }

    [Theory]
    [InlineData(400, "idempotency-key-missing", null, "application/json", null)]
    [InlineData(400, "malformed-body", "{\"customerReference\":", "application/json", "k")]
    [InlineData(400, "malformed-body", "{\"a\":1,\"a\":2}", "application/json", "k")]
    [InlineData(400, "malformed-body", "", "application/json", "k")]
    [InlineData(415, "unsupported-media-type", "a=1", "application/x-www-form-urlencoded", "k")]
    [InlineData(422, "contract-broken", "{}", "application/json", "k")]
    public async Task What_is_wrong_is_refused(int status, string problem, string? body, string contentType, string? key)
    {
        await using var world = await World.StartAsync();

        var answer = await world.Caller.OrderAsync(body ?? Order.Json("PO-1"), key, contentType);

        Assert.Equal((status, problem), (answer.Status, answer.Problem));
        Assert.Equal(status, (int)answer.Json["status"]!);
        Assert.Empty(world.Simulators.Odoo.Orders);
    }

    [Fact]
    public async Task Each_broken_rule_is_listed_at_its_pointer()
    {
        await using var world = await World.StartAsync();

        var answer = await world.Caller.OrderAsync(Order.Json("PO-1", quantity: "-1", more: "\"colour\":\"red\","), "k-1");

        Assert.Equal((422, "contract-broken"), (answer.Status, answer.Problem));
        var pointers = answer.Json["errors"]!.AsArray().Select(e => (string?)e!["pointer"]).ToList();
        Assert.Contains("#/orderLines/0/quantity", pointers);
        Assert.Contains("#/colour", pointers);
    }

    [Fact]
    public async Task Callers_are_known_or_refused_and_see_only_their_own()
    {
        await using var world = await World.StartAsync();
        using var nobody = new Caller(world.Gateway.Url, key: null);
        using var stranger = new Caller(world.Gateway.Url, key: "not-a-key");
        using var globex = new Caller(world.Gateway.Url, TestWorkspace.EdiKey);
        var order = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");

        var without = await nobody.OrderAsync(Order.Json("PO-2"), "k-2");
        var wrong = await stranger.OrderAsync(Order.Json("PO-2"), "k-2");
        var own = await world.Caller.GetAsync(order.Header("Location"));
        var foreign = await globex.GetAsync(order.Header("Location"));
        var sameReference = await globex.OrderAsync(Order.Json("PO-1", buyer: "GLOBEX-DE"), "k-1");
        var foreignBuyer = await globex.OrderAsync(Order.Json("PO-2"), "k-2");

        Assert.Equal((401, "unauthenticated"), (without.Status, without.Problem));
        Assert.Contains("ApiKey", without.Header("WWW-Authenticate"));
        Assert.Equal(401, wrong.Status);
        Assert.Equal(200, own.Status);
        Assert.Equal(order.Body, own.Body);
        Assert.Equal((404, "not-found"), (foreign.Status, foreign.Problem));
        Assert.Equal(201, sameReference.Status);
        Assert.Equal((403, "forbidden"), (foreignBuyer.Status, foreignBuyer.Problem));
        Assert.NotEqual(order.Text("id"), sameReference.Text("id"));
        Assert.Equal(2, world.OrdersInOdoo("PO-1"));
    }

    [Fact]
    public async Task Size_path_and_method_are_judged_by_HTTP()
    {
        await using var world = await World.StartAsync();

        var large = await world.Caller.OrderAsync(Order.Json("PO-1", more: $"\"note\":\"{new string('x', 300_000)}\","), "k-1");
        var path = await world.Caller.GetAsync("/v1/nothing");
        var method = await world.Caller.SendAsync("DELETE", "/v1/orders");

        Assert.Equal((413, "body-too-large"), (large.Status, large.Problem));
        Assert.Equal((404, "not-found"), (path.Status, path.Problem));
        Assert.Equal((405, "method-not-allowed"), (method.Status, method.Problem));
        Assert.Equal("POST", method.Header("Allow"));
    }

    [Fact]
    public async Task A_body_without_length_is_cut_off_at_the_limit()
    {
        await using var world = await World.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, world.Gateway.Url.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/orders HTTP/1.1\r\nHost: x\r\nX-Api-Key: {TestWorkspace.ShopKey}\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"), TestContext.Current.CancellationToken);
        var chunk = Encoding.ASCII.GetBytes($"{8192:x}\r\n{new string(' ', 8192)}\r\n");
        var buffer = new byte[4096];
        var answer = stream.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask();
        for (var i = 0; i < 200 && !answer.IsCompleted; i++)
        {
            try
            {
                await stream.WriteAsync(chunk, TestContext.Current.CancellationToken);
            }
            catch (IOException)
            {
                break;
            }
        }

        Assert.StartsWith("HTTP/1.1 413", Encoding.ASCII.GetString(buffer, 0, await answer));
    }

    [Fact]
    public async Task Over_the_limit_says_when_to_come_again()
    {
        await using var world = await World.StartAsync();

        var answers = new List<Answered>();
        for (var i = 0; i < 40; i++) answers.Add(await world.Caller.GetAsync("/v1/items/DESK0005"));

        var limited = answers.First(a => a.Status == 429);
        Assert.Equal("quota-exceeded", limited.Problem);
        Assert.InRange(int.Parse(limited.Header("Retry-After")), 1, 10);
        Assert.Equal("items.read", (string?)limited.Json["violated-policies"]![0]);
        Assert.Equal(200, answers[0].Status);
    }

    [Fact]
    public async Task A_flood_from_one_address_is_stopped_before_anybody_asks_who_it_is()
    {
        await using var world = await World.StartAsync(governance: ", addressLimit: { perSecond: 5 }");
        using var nobody = new Caller(world.Gateway.Url, key: null);

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => nobody.GetAsync("/v1/items/DESK0005")));

        Assert.Contains(answers, a => a.Status == 401);
        Assert.Contains(answers, a => a is { Status: 429, Problem: "quota-exceeded" } && (string?)a.Json["violated-policies"]![0] == "address");
    }

    [Fact]
    public async Task A_token_of_Entra_ID_that_nobody_can_check_now_is_a_503_and_a_foreign_one_a_401()
    {
        const string authority = "https://127.0.0.1:9/11111111-2222-3333-4444-555555555555/v2.0";
        await using var world = await World.StartAsync($$"""
            issuers:
              company: { kind: entra, issuer: "{{authority}}", audience: "api://gateway" }
            """);
        using var bearer = new Caller(world.Gateway.Url, key: null);
        static string Part(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var token = $$"""{"iss":"{{authority}}","aud":"api://gateway","azp":"acme-shop","tid":"11111111-2222-3333-4444-555555555555","ver":"2.0","exp":1999999999}""";

        var answer = await bearer.SendAsync("GET", "/v1/items/DESK0005", headers: ("Authorization", $"Bearer {Part("""{"alg":"RS256","kid":"x"}""")}.{Part(token)}.AAAA"));
        var garbage = await bearer.SendAsync("GET", "/v1/items/DESK0005", headers: ("Authorization", "Bearer abc"));

        Assert.Equal((503, "issuer-unavailable"), (answer.Status, answer.Problem));
        Assert.Equal((401, "unauthenticated"), (garbage.Status, garbage.Problem));
    }

    [Fact]
    public async Task Odoo_down_is_a_503_and_the_same_call_succeeds_once_it_is_back()
    {
        await using var world = await World.StartAsync();
        world.Simulators.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));

        var down = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");
        world.Simulators.Odoo.Chaos.Heal();
        var back = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");

        Assert.Equal((503, "backend-unavailable"), (down.Status, down.Problem));
        Assert.NotEmpty(down.Header("Retry-After"));
        Assert.Equal(201, back.Status);
        Assert.Equal(1, world.OrdersInOdoo("PO-1"));
    }

    [Fact]
    public async Task Items_stock_and_parcels_can_be_read()
    {
        await using var world = await World.StartAsync();

        var item = await world.Caller.GetAsync("/v1/items/DESK0005");
        var stock = await world.Caller.GetAsync("/v1/inventory?item=DESK0005&location=WH");
        var parcel = await world.Caller.SendAsync("GET", "/v1/tracking/TRK-1001", headers: ("Cookie", "session=1"));
        var unknown = await world.Caller.GetAsync("/v1/items/NOPE");

        Assert.Equal((200, "DESK0005"), (item.Status, item.Text("sellersItemIdentification")));
        Assert.Equal(200, stock.Status);
        Assert.Contains("DESK0005", stock.Body);
        Assert.Equal((200, "TRK-1001"), (parcel.Status, parcel.Text("trackingId")));
        Assert.NotEmpty(parcel.Header("RateLimit"));
        Assert.Equal((404, "not-found"), (unknown.Status, unknown.Problem));
    }

    [Fact]
    public async Task The_accepted_order_is_in_the_log_and_arrives_signed_after_failures_too()
    {
        await using var world = await World.StartAsync();
        world.Simulators.Partner.Refuse(500, count: 2);

        var created = await world.Caller.OrderAsync(Order.Json("PO-1"), "k-1");

        await Until.True(() => world.Simulators.Partner.Received.Any(r => r.Status < 300), "the webhook");
        var received = world.Simulators.Partner.Received;
        Assert.Equal(3, received.Count);
        Assert.Single(received.Select(r => r.Id).Distinct());
        Assert.True(received[^1].IsValid);
        var cloudEvent = System.Text.Json.Nodes.JsonNode.Parse(received[^1].Body)!;
        Assert.Equal(("1.0", "order.accepted.v1"), ((string?)cloudEvent["specversion"], (string?)cloudEvent["type"]));
        Assert.Equal(created.Text("id"), (string?)cloudEvent["subject"]);
        Assert.Equal(created.Text("salesOrderId"), (string?)cloudEvent["data"]!["salesOrderId"]);
        Assert.Equal("PO-1", (string?)cloudEvent["data"]!["customerReference"]);
        Assert.Equal(created.Header("X-Correlation-Id"), (string?)cloudEvent["correlationid"]);
    }

    [Fact]
    public async Task One_trace_goes_from_the_caller_to_Odoo_and_to_the_webhook()
    {
        await using var world = await World.StartAsync();
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";

        await world.Caller.SendAsync("POST", "/v1/orders", Order.Json("PO-1"), "k-1", headers: ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));

        await Until.True(() => world.Simulators.Partner.Received.Count > 0, "the webhook");
        Assert.Contains(trace, world.Simulators.Odoo.LastTraceParent);
        Assert.Contains(trace, world.Simulators.Partner.LastTraceParent);
        Assert.Contains(trace, (string?)System.Text.Json.Nodes.JsonNode.Parse(world.Simulators.Partner.Received[0].Body)!["traceparent"]);
    }

    [Fact]
    public async Task What_was_done_is_found_by_its_correlation_id_on_the_admin_port()
    {
        await using var world = await World.StartAsync();
        using var admin = Caller.OfOperator(world.Gateway.AdminUrl);
        await world.Caller.SendAsync("POST", "/v1/orders", Order.Json("PO-1"), "k-1", headers: ("X-Correlation-Id", "my-order-1"));
        await world.Caller.SendAsync("GET", "/v1/items/DESK0005", headers: ("X-Correlation-Id", "my-item-1"));

        var write = await Until.Found(async () => await admin.GetAsync("/audit?correlationId=my-order-1") is { Body: not "[]" } found ? found : null, "the write's record");
        var read = await Until.Found(async () => await admin.GetAsync("/audit?correlationId=my-item-1") is { Body: not "[]" } found ? found : null, "the read's record");

        Assert.Equal(("acme-shop", "orders.create", 201), ((string?)write.Json[0]!["consumer"], (string?)write.Json[0]!["route"], (int)write.Json[0]!["status"]!));
        Assert.Single(write.Json.AsArray());
        Assert.Equal(("items.read", 200), ((string?)read.Json[0]!["route"], (int)read.Json[0]!["status"]!));
        Assert.Equal(404, (await new Caller(world.Gateway.Url, null).GetAsync("/audit?correlationId=my-order-1")).Status);
    }

    [Fact]
    public async Task The_admin_port_searches_exports_and_verifies_the_audit()
    {
        await using var world = await World.StartAsync();
        using var admin = Caller.OfOperator(world.Gateway.AdminUrl);
        await world.Caller.SendAsync("POST", "/v1/orders", Order.Json("PO-1"), "k-1");
        var item = await world.Caller.SendAsync("GET", "/v1/items/DESK0005");
        await Until.Found(async () => await admin.GetAsync("/audit?route=items.read") is { Body: not "[]" } found ? found : null, "the read's record");

        var orders = (await admin.GetAsync("/audit?partner=acme&consumer=acme-shop&route=orders.create")).Json.AsArray();
        var export = await admin.GetAsync("/audit/export?route=items.read");
        var heads = (await admin.GetAsync("/audit/head")).Json.AsArray();
        var report = (await admin.GetAsync("/audit/verify")).Json;

        Assert.Equal("127.0.0.1", (string?)Assert.Single(orders)!["address"]);
        Assert.Equal("[]", (await admin.GetAsync("/audit?partner=globex")).Body);
        var line = System.Text.Json.Nodes.JsonNode.Parse(Assert.Single(export.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!;
        Assert.Equal(("items.read", item.Status, "127.0.0.1"), ((string?)line["route"], (int)line["status"]!, (string?)line["address"]));
        Assert.All(heads, head => Assert.True((bool)head!["authentic"]!));
        Assert.Empty(report["findings"]!.AsArray());
        Assert.Equal(heads.Count, report["segments"]!.AsArray().Count);
        Assert.All(new[] { "/audit", "/audit?route=orders.create&from=yesterday", "/audit?partner=acme&from=2020-01-01", "/audit/export?to=soon" }, path => Assert.Equal(400, admin.GetAsync(path).Result.Status));
    }

    [Fact]
    public async Task Nothing_of_the_inside_leaks()
    {
        await using var world = await World.StartAsync();
        var answers = new List<Answered>();
        foreach (var mode in new[] { ChaosMode.Down, ChaosMode.Error, ChaosMode.ErrorAfterWork, ChaosMode.DropBefore, ChaosMode.DropAfterWork })
        {
            world.Simulators.Odoo.Chaos.Set(new ChaosRule(mode));
            world.Simulators.Tms.Chaos.Set(new ChaosRule(mode));
            answers.Add(await world.Caller.OrderAsync(Order.Json($"PO-{mode}"), $"k-{mode}"));
            answers.Add(await world.Caller.GetAsync("/v1/items/DESK0005"));
            answers.Add(await world.Caller.GetAsync("/v1/tracking/TRK-1001"));
        }

        Assert.All(answers, a => Assert.NotEmpty(a.Problem));
        foreach (var secret in new[] { "127.0.0.1", $":{world.Simulators.Odoo.Url.Port}", "demo-odoo-key", "Traceback", "   at ", "Exception", "psycopg", TestWorkspace.ShopKey, world.Workspace.Root })
            Assert.All(answers, a => Assert.DoesNotContain(secret, a.Body + string.Join("", a.Headers.Values)));
    }
}
