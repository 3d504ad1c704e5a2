using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Cache;

/// <summary>A gateway that keeps answers for ten seconds, on a clock that stands still.</summary>
public abstract class CacheBench
{
    private protected const string Shop = "key-of-acme-shop", Edi = "key-of-acme-edi", Other = "key-of-globex-shop";

    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 12, 1, 9, 0, 0, TimeSpan.Zero));

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected Task<KindWorld> StartAsync(CachedStock backend) => KindWorld.StartAsync(
    [
        new CaseWorkspaceFile
        {
            Path = "routes/cases.yaml",
            Content = $$"""
                backends:
                  stock: { adapter: http, url: "{{backend.Url}}" }
                policies:
                  kept: { cache: { for: 10s, staleIfError: 1m } }
                apis:
                  cases:
                    owner: us
                    routes:
                      read: { match: "GET /stock/{id}", policies: [callers, kept], target: { forward: stock } }
                      write: { match: "PUT /stock/{id}", policies: [callers], target: { forward: stock } }
                      guarded:
                        match: GET /guarded/{id}
                        policies: [callers, kept, { authorize: { when: [{ if: '$consumer.name = "acme-shop" and $answer.asked > 0', else: 404, reason: not-theirs }] } }]
                        target: { forward: stock }
                      item: { match: "GET /items/{sku}", policies: [callers, kept], target: { call: odoo/item.read } }
                """,
        },
        // On a clock that stands still nothing would be asked a second time.
        new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = "backends: { odoo: { resilience: { retries: 0 } } }\n" },
    ], clock: Clock);

    private protected static Task<Answered> GetAsync(KindWorld world, string path, string? key = null, (string Name, string Value)? headers = null, CancellationToken? cancellation = null)
    {
        var all = new Dictionary<string, string> { ["X-Api-Key"] = key ?? Shop };
        if (headers is var (name, value)) all[name] = value;
        return world.SendAsync(new CaseRequest { Path = path, Headers = all }, cancellation ?? Cancellation);
    }
}
