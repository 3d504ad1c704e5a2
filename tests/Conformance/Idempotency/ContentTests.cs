using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Idempotency;

/// <summary>What makes a request the same: body, parameters of the path, query, and declared headers. Nothing else.</summary>
public sealed class ContentTests
{
    private static readonly string Body = Orders.Body("PO-1");

    /// <summary>A first request, a second under the same key, and whether they are the same.</summary>
    public static TheoryData<string, string, string?, string, string?, bool> Pairs => new()
    {
        { "as it was", "/by-key/north", null, "/by-key/north", null, true },
        { "another parameter of the path", "/by-key/north", null, "/by-key/south", null, false },
        { "a parameter written in another way", "/by-key/north", null, "/by-key/n%6Frth", null, true },
        { "a query where there was none", "/by-key/north", null, "/by-key/north?note=1", null, false },
        { "another value in the query", "/by-key/north?note=1", null, "/by-key/north?note=2", null, false },
        { "names of the query in another order", "/by-key/north?a=1&b=2", null, "/by-key/north?b=2&a=1", null, true },
        { "values of one name in another order", "/by-key/north?a=1&a=2", null, "/by-key/north?a=2&a=1", null, false },
        { "a name in other letters", "/by-key/north?a=1", null, "/by-key/north?A=1", null, false },
        { "two values and one that looks like them", "/by-key/north?a=1&a=2", null, "/by-key/north?a=1%2C2", null, false },
        { "what moved from one name to the next", "/by-key/north?a=1&b=", null, "/by-key/north?a=&b=1", null, false },
        { "a query written in another way", "/by-key/north?a=x%20y", null, "/by-key/north?a=x+y", null, true },
        { "another value of the declared header", "/by-key/north", "web", "/by-key/north", "edi", false },
        { "the declared header is missing", "/by-key/north", "web", "/by-key/north", null, false },
        { "the same declared header", "/by-key/north", "web", "/by-key/north", "web", true },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task What_is_content_tells_one_request_from_another(string what, string first, string? firstChannel, string second, string? secondChannel, bool same)
    {
        await using var world = await KindWorld.StartAsync([Orders.Routes]);
        Assert.Equal(201, (await world.SendAsync("k-1", Body, first, headers: Channel(firstChannel))).Status);

        var again = await world.SendAsync("k-1", Body, second, headers: [.. Channel(secondChannel), ("X-Correlation-Id", "another"), ("User-Agent", "another/1.0")]);

        Assert.True(again.Kind() == (same ? (201, "", true) : (422, "idempotency-key-reused", false)), $"{what}: {again.Status} {again.Body}");
        Assert.Single(world.Odoo.Orders);
    }

    [Fact]
    public async Task A_number_and_the_text_that_stands_for_it_inside_are_two_references()
    {
        var ledger = new LedgerAdapter(readsBack: false);
        await using var world = await KindWorld.StartAsync([Orders.Routes], adapters: ledger.With);

        foreach (var (key, reference) in ((string, string)[])[("k-1", "1"), ("k-2", "\"#1e0\""), ("k-3", "\"##1e0\""), ("k-4", "\"1\"")])
        {
            var made = await world.SendAsync(key, Body.Replace("\"PO-1\"", reference, StringComparison.Ordinal));
            Assert.Equal((201, "", false), made.Kind());
        }
        Assert.Equal((200, "", false), (await world.SendAsync("k-5", Body.Replace("\"PO-1\"", "1", StringComparison.Ordinal))).Kind());
        Assert.Equal(4, ledger.Calls.Distinct().Count());
    }

    private static (string Name, string Value)[] Channel(string? value) => value is null ? [] : [("X-Channel", value)];
}
