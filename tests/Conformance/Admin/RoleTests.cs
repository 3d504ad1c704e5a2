using Gateway.Admin;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Gateway.Tests.Conformance.Admin;

/// <summary>Who may ask what of the admin port: a row for each endpoint, a status for each kind of caller.</summary>
public sealed class RoleTests
{
    /// <summary>An endpoint, and what a stranger, a viewer, an operator, an approver and an administrator get.</summary>
    private static readonly (string Method, string Pattern, string Path, int[] Statuses)[] Table =
    [
        ("GET", "/livez", "/livez", [200, 200, 200, 200, 200]),
        ("GET", "/readyz", "/readyz", [200, 200, 200, 200, 200]),
        ("GET", "/metrics", "/metrics", [200, 200, 200, 200, 200]),
        ("GET", "/plan", "/plan", [401, 200, 200, 200, 200]),
        ("GET", "/audit", "/audit?correlationId=none", [401, 200, 200, 200, 200]),
        ("GET", "/audit/head", "/audit/head", [401, 200, 200, 200, 200]),
        ("GET", "/audit/verify", "/audit/verify", [401, 200, 200, 200, 200]),
        ("GET", "/audit/export", "/audit/export", [401, 200, 200, 200, 200]),
        ("POST", "/audit/erase", "/audit/erase", [401, 403, 403, 403, 400]),
        ("GET", "/backends", "/backends", [401, 200, 200, 200, 200]),
        ("GET", "/usage", "/usage?partner=acme", [401, 200, 200, 200, 200]),
        ("GET", "/events", "/events", [401, 200, 200, 200, 200]),
        ("GET", "/events/{position}", "/events/999999", [401, 403, 404, 403, 403]),
        ("GET", "/deadletters", "/deadletters", [401, 200, 200, 200, 200]),
        ("GET", "/deadletters/groups", "/deadletters/groups", [401, 200, 200, 200, 200]),
        ("GET", "/deadletters/{id}", "/deadletters/msg_none", [401, 404, 404, 404, 404]),
        ("GET", "/deadletters/{id}/payload", "/deadletters/msg_none/payload", [401, 403, 404, 403, 403]),
        ("POST", "/deadletters/retry", "/deadletters/retry", [401, 403, 400, 403, 403]),
        ("POST", "/deadletters/skip", "/deadletters/skip", [401, 403, 400, 403, 403]),
        ("POST", "/deadletters/{id}/retry", "/deadletters/msg_none/retry", [401, 403, 404, 403, 403]),
        ("POST", "/deadletters/{id}/skip", "/deadletters/msg_none/skip", [401, 403, 404, 403, 403]),
        ("POST", "/deadletters/{id}/edit", "/deadletters/msg_none/edit", [401, 403, 400, 403, 403]),
        ("GET", "/deliveries", "/deliveries", [401, 200, 200, 200, 200]),
        ("GET", "/deliveries/{id}", "/deliveries/msg_none", [401, 403, 404, 403, 403]),
        ("POST", "/deliveries/{id}/retry", "/deliveries/msg_none/retry", [401, 403, 404, 403, 403]),
        ("POST", "/deliveries/{id}/skip", "/deliveries/msg_none/skip", [401, 403, 404, 403, 403]),
        ("GET", "/webhooks", "/webhooks", [401, 200, 200, 200, 200]),
        ("POST", "/webhooks/{partner}/{name}/enable", "/webhooks/none/none/enable", [401, 403, 404, 403, 403]),
        ("POST", "/webhooks/{partner}/{name}/disable", "/webhooks/none/none/disable", [401, 403, 404, 403, 403]),
        ("POST", "/webhooks/{partner}/{name}/replay", "/webhooks/none/none/replay", [401, 403, 404, 403, 403]),
        ("GET", "/intents", "/intents", [401, 200, 200, 200, 200]),
        ("GET", "/intents/{id}", "/intents/int_none", [401, 403, 404, 403, 403]),
        ("GET", "/intents/lines", "/intents/lines", [401, 200, 200, 200, 200]),
        ("POST", "/intents/{id}/retry", "/intents/int_none/retry", [401, 403, 404, 403, 403]),
        ("POST", "/intents/{id}/reject", "/intents/int_none/reject", [401, 403, 404, 403, 403]),
        ("POST", "/intents/{id}/settle", "/intents/int_none/settle", [401, 403, 404, 403, 403]),
        ("GET", "/flows", "/flows", [401, 200, 200, 200, 200]),
        ("GET", "/flows/counts", "/flows/counts", [401, 200, 200, 200, 200]),
        ("GET", "/flows/declared", "/flows/declared", [401, 200, 200, 200, 200]),
        ("GET", "/flows/figures", "/flows/figures", [401, 200, 200, 200, 200]),
        ("GET", "/flows/{id}", "/flows/none", [401, 403, 404, 403, 403]),
        ("GET", "/trace", "/trace?key=none", [401, 403, 200, 403, 403]),
        ("POST", "/flows/migrate", "/flows/migrate", [401, 403, 400, 403, 403]),
        ("POST", "/flows/{id}/retry", "/flows/none/retry", [401, 403, 404, 403, 403]),
        ("POST", "/flows/{id}/skip", "/flows/none/skip", [401, 403, 404, 403, 403]),
        ("POST", "/flows/{id}/cancel", "/flows/none/cancel", [401, 403, 404, 403, 403]),
        ("POST", "/flows/{id}/pause", "/flows/none/pause", [401, 403, 404, 403, 403]),
        ("POST", "/flows/{id}/resume", "/flows/none/resume", [401, 403, 404, 403, 403]),
        ("POST", "/flows/{id}/approve", "/flows/none/approve", [401, 404, 404, 404, 404]),
        ("POST", "/flows/{id}/refuse", "/flows/none/refuse", [401, 404, 404, 404, 404]),
        ("GET", "/keys", "/keys", [401, 200, 200, 200, 200]),
        ("POST", "/keys", "/keys", [401, 403, 400, 403, 403]),
        ("POST", "/keys/{id}/rotate", "/keys/none/rotate", [401, 403, 404, 403, 403]),
        ("POST", "/keys/{id}/revoke", "/keys/none/revoke", [401, 403, 404, 403, 403]),
        ("POST", "/plan/reload", "/plan/reload", [401, 403, 409, 403, 403]),
    ];

    private static readonly string?[] Callers = [null, Desk.TokenOf("vera"), Desk.TokenOf("olaf"), Desk.TokenOf("anna"), Desk.TokenOf("adam")];

    [Fact]
    public async Task Each_caller_gets_what_the_table_says()
    {
        // No stranger may fail at a gateway more often than this.
        foreach (var rows in Table.Chunk(15))
        {
            await using var desk = await Desk.StartAsync();
            foreach (var (method, pattern, path, statuses) in rows)
            {
                for (var i = 0; i < Callers.Length; i++)
                {
                    var told = await desk.AskAsync(method, path, Callers[i], headers: ("X-Reason", "to see whether I may"));
                    Assert.True(statuses[i] == told.Status, $"{method} {pattern} as caller {i}: {told.Status}, not {statuses[i]}: {told.Body}");
                }
            }
        }
    }

    [Fact]
    public async Task Every_endpoint_says_who_may_ask_and_has_a_row()
    {
        await using var desk = await Desk.StartAsync();
        var endpoints = desk.World.Gateway.AdminEndpoints.OfType<RouteEndpoint>().ToList();

        Assert.All(endpoints, endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<EndpointAccess>()));
        Assert.Equal(
            Table.Select(row => $"{row.Method} {row.Pattern}").Order(StringComparer.Ordinal),
            endpoints.Select(e => $"{e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Single() ?? "GET"} {e.RoutePattern.RawText}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_of_operations_names_each_with_its_role()
    {
        var page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "operations.md"));

        foreach (var (method, pattern, _, statuses) in Table)
        {
            var role = statuses switch { [200, ..] => pattern == "/metrics" ? "see [below](#metrics)" : "nobody's", [401, 200, ..] or [401, 404, 404, ..] => "viewer", [401, 403, 403, 403, _] => "administrator", _ => "operator" };
            Assert.Contains(page, line => line.StartsWith($"| `{method} {pattern}", StringComparison.Ordinal) && line.Contains($"` | {role} |", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Strangers_learn_nothing_of_paths_and_methods()
    {
        await using var desk = await Desk.StartAsync();

        foreach (var (method, path) in ((string, string)[])[("GET", "/nothing"), ("DELETE", "/plan"), ("POST", "/audit"), ("GET", "/"), ("GET", "/PLAN/"), ("GET", "/plan/reload")])
        {
            var told = await desk.AskAsync(method, path);
            Assert.Equal((401, "Bearer realm=\"gateway-admin\""), (told.Status, told.Header("WWW-Authenticate")));
        }
        Assert.Equal(404, (await desk.AskAsync("GET", "/nothing", Desk.TokenOf("vera"))).Status);
        Assert.Equal(405, (await desk.AskAsync("DELETE", "/plan", Desk.TokenOf("vera"))).Status);
    }

    [Fact]
    public async Task Readiness_tells_strangers_the_status_alone()
    {
        await using var desk = await Desk.StartAsync();

        var stranger = await desk.AskAsync("GET", "/readyz");
        var wrong = await desk.AskAsync("GET", "/readyz", "a-token-of-nobody");
        var viewer = await desk.AskAsync("GET", "/readyz", Desk.TokenOf("vera"));

        Assert.Equal("{\"status\":\"ready\"}", string.Concat(stranger.Body.Where(c => !char.IsWhiteSpace(c))));
        Assert.Equal((200, stranger.Body), (wrong.Status, wrong.Body));
        Assert.NotEqual("", viewer.Text("revision"));
    }
}
