using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Pipeline;

/// <summary>What every route does with what it is sent, whatever its policies.</summary>
public sealed class RequestTests
{
    private const string Routes = """
        apis:
          cases:
            owner: us
            routes:
              forwarded:
                match: POST /forwarded
                public: For a test.
                target: { forward: echo }
                maxBody: 1KB
              carried-out:
                match: POST /shops/{shop}/orders
                policies: [callers]
                target: { call: odoo/order.create, creates: order }
                maxBody: 1KB
              elsewhere:
                match: GET /parcels/{id}
                public: For a test.
                target: { forward: echo, path: "/v2/{id}/status" }
              maybe-empty:
                match: POST /maybe
                public: For a test.
                policies: [contract: { request: one@1, bodyOptional: true }]
                target: { forward: echo }
        """;

    private const string Order =
        """{"client_order_ref":"PO-1","buyer":"ACME-DE","currency":"EUR","warehouse":"WH","lines":[{"default_code":"DESK0005","product_uom_qty":1,"unit_code":"C62","price_unit":"1"}]}""";

    [Theory]
    [InlineData("/forwarded", false)]
    [InlineData("/forwarded", true)]
    [InlineData("/shops/one/orders", false)]
    [InlineData("/shops/one/orders", true)]
    public async Task A_body_that_is_too_long_is_refused(string path, bool chunked)
    {
        await using var world = await StartAsync();

        var (status, headers, body) = await PostAsync(world, path, Encoding.UTF8.GetBytes($"\"{new string('x', 2000)}\""), chunked);

        Assert.Equal(413, status);
        Assert.Equal("application/problem+json", headers.ContentType?.MediaType);
        Assert.EndsWith("body-too-large", (string)JsonNode.Parse(body)!["type"]!, StringComparison.Ordinal);
        Assert.Contains("longer", (string)JsonNode.Parse(body)!["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_exactly_the_length_is_taken()
    {
        await using var world = await StartAsync();
        var order = Order + new string(' ', 1024 - Order.Length);

        Assert.Equal(413, (await PostAsync(world, "/shops/one/orders", Encoding.UTF8.GetBytes(order + " "))).Status);
        Assert.Equal(201, (await PostAsync(world, "/shops/one/orders", Encoding.UTF8.GetBytes(order))).Status);
    }

    [Fact]
    public async Task A_body_that_is_not_UTF_8_is_refused()
    {
        await using var world = await StartAsync();

        foreach (var body in (byte[][])[[(byte)'"', 0xFF, (byte)'"'], [.. "{\"client_order_ref\":\""u8, 0xE9, .. "\"}"u8], [.. "{\""u8, 0xC0, 0x80, .. "\":1}"u8]])
        {
            var (status, _, problem) = await PostAsync(world, "/shops/one/orders", body);
            Assert.Equal(400, status);
            Assert.EndsWith("malformed-body", (string)JsonNode.Parse(problem)!["type"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_location_of_what_was_created_is_under_the_path_that_was_called()
    {
        await using var world = await StartAsync();
        using var client = new HttpClient { BaseAddress = world.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/shops/north%20sea/orders") { Content = new StringContent(Order, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Api-Key", "key-of-acme-shop");

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Matches("^/shops/north%20sea/orders/ord_[0-9a-z]{26}$", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_forwarded_request_may_have_another_path_there()
    {
        await using var world = await StartAsync();

        var answer = await world.SendAsync(new CaseRequest { Path = "/parcels/P1?full=true" }, TestContext.Current.CancellationToken);

        Assert.Contains("\"path\":\"/v2/P1/status?full=true\"", answer.Body, StringComparison.Ordinal);
    }

    /// <summary>Without a body there is no media type either; with one, the contract holds.</summary>
    [Theory]
    [InlineData(null, 200)]
    [InlineData("1", 200)]
    [InlineData("\"one\"", 422)]
    [InlineData(" ", 400)]
    public async Task A_body_that_may_be_left_out_keeps_its_contract_when_it_is_there(string? body, int status)
    {
        await using var world = await StartAsync();
        using var client = new HttpClient { BaseAddress = world.Url };
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await client.PostAsync("/maybe", content, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    private static Task<KindWorld> StartAsync() => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = Routes },
        new CaseWorkspaceFile { Path = "transforms/canonical/one@1.schema.json", Content = """{ "const": 1 }""" },
    ]);

    private static async Task<(int Status, HttpContentHeaders Headers, string Body)> PostAsync(KindWorld world, string path, byte[] body, bool chunked = false)
    {
        using var client = new HttpClient { BaseAddress = world.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Api-Key", "key-of-acme-shop");
        if (chunked) request.Headers.TransferEncodingChunked = true;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, answer.Content.Headers, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
