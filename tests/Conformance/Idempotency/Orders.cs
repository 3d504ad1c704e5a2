using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>Routes that create orders, and orders to send there, in Odoo's own words.</summary>
internal static class Orders
{
    public const string Path = "/orders";

    /// <summary>By key and reference; by key alone; with a header and parameters as content; and one that only Acme's may use, with a small body and one call a minute.</summary>
    public static readonly CaseWorkspaceFile Routes = new()
    {
        Path = "routes/orders.yaml",
        Content = """
            apis:
              orders:
                owner: us
                routes:
                  orders.create:
                    match: POST /orders
                    timeout: 5s
                    policies: [callers, idempotency: { key: [buyer, client_order_ref] }]
                    target: { call: odoo/order.create, creates: order }
                  orders.by-key:
                    match: POST /by-key/{shop}
                    policies: [callers, idempotency: { headers: [X-Channel] }]
                    target: { call: odoo/order.create, creates: order }
                  orders.guarded:
                    match: POST /guarded
                    maxBody: 1KB
                    policies: [callers, authorize: { scopes: [orders.write] }, rateLimit: { limit: 1, window: 1m }, idempotency: {}]
                    target: { call: odoo/order.create, creates: order }
            """,
    };

    public static string Body(string reference, string buyer = "ACME-DE", int quantity = 3) =>
        $$"""{"client_order_ref":"{{reference}}","buyer":"{{buyer}}","currency":"EUR","warehouse":"WH","lines":[{"default_code":"DESK0005","product_uom_qty":{{quantity}},"unit_code":"C62","price_unit":"12.50"}]}""";

    public static CaseRequest Request(string key, string body, string path = Path, string caller = "acme-shop", params (string Name, string Value)[] headers) => new()
    {
        Method = "POST",
        Path = path,
        Headers = new Dictionary<string, string>([new("X-Api-Key", "key-of-" + caller), new("Idempotency-Key", key), .. headers.Select(h => KeyValuePair.Create(h.Name, h.Value))]),
        Body = body,
    };

    public static Task<Answered> SendAsync(this KindWorld world, string key, string body, string path = Path, string caller = "acme-shop", params (string Name, string Value)[] headers) =>
        world.SendAsync(Request(key, body, path, caller, headers), TestContext.Current.CancellationToken);

    /// <summary>What tells one answer from another: status, problem, and whether it was given before.</summary>
    public static (int Status, string Problem, bool Replayed) Kind(this Answered answer) => (answer.Status, answer.Problem, answer.Header("Idempotency-Replayed") == "true");

    public static int RetryAfter(this Answered answer) => int.Parse(answer.Header("Retry-After"), CultureInfo.InvariantCulture);

    public static JsonNode Json(this Answered answer) => JsonNode.Parse(answer.Body)!;

    /// <summary>Sends until the answer is no longer that the request is being worked on.</summary>
    public static async Task<Answered> UntilAnsweredAsync(this KindWorld world, string key, string body, string path = Path)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var answer = await world.SendAsync(key, body, path);
            if (answer.Status != 409) return answer;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException("the request was never answered");
    }
}
