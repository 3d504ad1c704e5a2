using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Planning;

/// <summary>The verb <c>plan</c> on where owners are told.</summary>
public sealed class AlertsPlanTests
{
    private const string Pager = "alerts: { url: https://pager.example/desk, secrets: [secret://env/PAGER], retry: [1s, 2s] }";

    [Theory]
    [InlineData("", Pager, "safe owner desk: a new webhook for gateway.alert.v1")]
    [InlineData(Pager, "", "breaking owner desk: the webhook is gone")]
    [InlineData(Pager, "alerts: { url: https://elsewhere.example/desk, secrets: [secret://env/PAGER], retry: [1s, 2s] }", "security-weakening owner desk: its events go to https://elsewhere.example/desk, went to https://pager.example/desk")]
    [InlineData(Pager, "alerts: { url: https://pager.example/desk, secrets: [secret://env/PAGER], retry: [1s] }", "attention owner desk: a delivery is tried 2 times, was 3")]
    public async Task What_becomes_of_it_is_told(string before, string after, string told)
    {
        using TempFolder then = new(), now = new();
        then.Write("policies.yaml", With(before));
        now.Write("policies.yaml", With(after));
        using var output = new StringWriter { NewLine = "\n" };
        await PlanCommand.RunAsync(now.Root, then.Root, EffectClass.Breaking, new LoadOptions { ResolveSecrets = false }, output);
        Assert.Contains(told, output.ToString().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    private static string With(string alerts) => $"owners: {{ desk: {{ name: Desk, handle: \"@us/desk\"{(alerts.Length > 0 ? ", " + alerts : "")} }} }}\n";
}
