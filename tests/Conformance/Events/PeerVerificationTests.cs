using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Conformance.Events;

/// <summary>Webhooks that a running gateway has delivered, verified by others: npm's <c>standardwebhooks</c>, and Node's own crypto.</summary>
public sealed class PeerVerificationTests
{
    private const string Shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Pair = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    private const string Public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

    private static readonly string Packages = Path.Combine(Repository.Root, "artifacts", "tools", "standardwebhooks");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One is signed by a shared secret, one by a pair, and one by both, as while the one replaces the other.</summary>
    [Theory]
    [InlineData("shared", Shared, null, "structured", "library taken, library refused")]
    [InlineData("shared", Shared, null, "binary", "library taken, library refused")]
    [InlineData("pair", null, Public, "structured", "node taken, node refused")]
    [InlineData("both", Shared, Public, "structured", "library taken, library refused, node taken, node refused")]
    public async Task What_was_delivered_is_taken_by_its_receivers_libraries_and_with_another_byte_it_is_not(string webhook, string? secret, string? half, string mode, string said)
    {
        Assert.SkipUnless(secret is null || File.Exists(Path.Combine(Packages, "complete")), "standardwebhooks is not in artifacts/tools: ./test installs it where npm is there");
        await using var endpoint = await Receiver.StartAsync();
        var secrets = webhook switch { "shared" => Shared, "pair" => Pair, _ => $"{Pair}, secret://demo/{Shared}" };
        await using var world = await KindWorld.StartAsync(
            [
                new CaseWorkspaceFile
                {
                    Path = "policies.demo.yaml",
                    Content = $$"""
                        governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535] } }
                        partners:
                          acme: { webhooks: { hook: { url: "{{endpoint.Url}}", events: ["*"], mode: {{mode}}, secrets: [secret://demo/{{secrets}}] } } }
                        """,
                },
            ]);
        Assert.True(await world.Gateway.Services.GetRequiredService<IStore>().AppendEventAsync(
            new NewEvent("e-1", "acme", "order.accepted.v1", "/orders", "ord_9", "ord_9", DateTimeOffset.UtcNow, Encoding.UTF8.GetBytes("""{"id":"ord_1","größe":"1,5 m \u0000 😀"}""")), Cancellation));
        await endpoint.UntilAsync(1);
        var delivered = Assert.Single(endpoint.Received);

        Assert.Equal(said, await VerifyAsync(delivered, secret, half));
        // Another's secret, and another's pair, do not hold.
        var strange = await VerifyAsync(delivered, secret is null ? null : "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", half is null ? null : "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        Assert.Equal(said.Replace("taken", "refused", StringComparison.Ordinal), strange);
    }

    private static async Task<string> VerifyAsync(Delivered delivered, string? secret, string? half)
    {
        var argument = JsonSerializer.Serialize(new
        {
            packages = Path.Combine(Packages, "node_modules"),
            secret,
            @public = half,
            headers = new JsonObject { ["webhook-id"] = delivered.Id, ["webhook-timestamp"] = delivered.Timestamp, ["webhook-signature"] = delivered.Signature },
            body = Convert.ToBase64String(delivered.Body),
        });
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "Conformance", "Events", "Peers", "verify.js"), argument]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("node is missing");
            throw;
        }
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync(Cancellation);
            var said = (await process.StandardOutput.ReadToEndAsync(Cancellation)).Trim();
            await process.WaitForExitAsync(Cancellation);
            Assert.True(process.ExitCode == 0, await errors);
            return said;
        }
    }
}
