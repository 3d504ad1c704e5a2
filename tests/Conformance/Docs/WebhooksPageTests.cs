using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Conformance.Events;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Conformance.Docs;

/// <summary>The commands of docs/webhooks.md, as they are printed there, against a gateway that runs.</summary>
public sealed partial class WebhooksPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "webhooks.md")).ReplaceLineEndings("\n");

    /// <summary>A day behind the moment that the page recovers from.</summary>
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partner_subscribes_and_recovers_as_the_page_says()
    {
        var (subscribe, recover) = Commands().Matches(Page).Select(m => m.Groups[1].Value).ToList() is [var first, var second] ? (first, second) : throw new InvalidOperationException("the page has other commands");
        var clock = new FakeTimeProvider(Now);
        await using var world = await KindWorld.StartAsync(
            [new CaseWorkspaceFile { Path = "routes/page.yaml", Content = SubscriptionTests.Workspace.Replace("INSIDE", "false", StringComparison.Ordinal) }], clock: clock);
        Assert.SkipUnless((await RunAsync("curl --version", world)).Exit == 0, "bash or curl is missing");

        var said = await GoodAsync(subscribe, world);
        var made = JsonNode.Parse(said)!;
        Assert.True(WebhookSignature.IsSecret((string)made["signingSecret"]!));
        Assert.Equal(("erp", "https://shop.acme.example/webhooks", "data.buyerParty.id = \"ACME-DE\""), ((string?)made["name"], (string?)made["url"], (string?)made["condition"]));
        Assert.Equal(["order.accepted.v1", "order.cancelled.v1"], made["eventTypes"]!.AsArray().Select(t => (string?)t));
        // Who has lost an answer sends the same again.
        Assert.Equal(said, await GoodAsync(subscribe, world));

        var store = world.Gateway.Services.GetRequiredService<IStore>();
        Assert.True(await store.AppendEventAsync(
            new NewEvent("e-1", "acme", "order.accepted.v1", "/orders", "ord_1", "ord_1", Now, Encoding.UTF8.GetBytes("""{"id":"ord_1","buyerParty":{"id":"ACME-DE"},"customerReference":"PO-1"}""")), Cancellation));
        EventDelivery? waiting;
        while ((waiting = (await store.DeliveriesAsync(null, 9, Cancellation)).SingleOrDefault()) is null)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, Cancellation);
        }
        // As it is after its last attempt.
        while (!await store.RecordAttemptAsync(waiting, new DeliveryAttempt(waiting.Attempts + 1, Now, TimeSpan.Zero, 500, "HTTP 500"), DeliveryState.Dead, null, Cancellation)) waiting = (await store.FindDeliveryAsync(waiting.Id, Cancellation))!;

        var recovered = await GoodAsync(recover, world, (string)made["id"]!);
        Assert.Equal(1, (int)JsonNode.Parse(recovered)!["deliveryCount"]!);
        Assert.Equal(recovered, await GoodAsync(recover, world, (string)made["id"]!));
        Assert.Equal(DeliveryState.Pending, (await store.FindDeliveryAsync(waiting.Id, Cancellation))!.State);
    }

    private static async Task<string> GoodAsync(string script, KindWorld world, string id = "")
    {
        var (exit, said) = await RunAsync(script, world, id);
        Assert.True(exit == 0, $"{script}\n{said}");
        return said;
    }

    private static async Task<(int Exit, string Said)> RunAsync(string script, KindWorld world, string id = "")
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["GATEWAY"], start.Environment["KEY"], start.Environment["ID"]) = (world.Url.AbsoluteUri.TrimEnd('/'), "key-of-acme-shop", id);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var said = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, said + (process.ExitCode == 0 ? "" : await errors));
    }

    [GeneratedRegex("^```bash\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Commands();
}
