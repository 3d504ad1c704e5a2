using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Delivery.Webhooks;
using Gateway.Tests.Unit.Configuration;
using Gateway.Tests.Unit.Delivery;
using Xunit;

namespace Gateway.Tests.Unit.Docs;

/// <summary>The snippets of docs/webhooks.md take what the gateway signs, and nothing else.</summary>
public sealed partial class WebhooksPageTests
{
    private const string Other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    private static string Page => File.ReadAllText(Path.Combine(Repository.Root, "docs", "webhooks.md"));

    /// <summary>What each snippet is asked: secret, header, body, seconds later, and whether it is to be taken.</summary>
    private static readonly (string Secret, string Signatures, string Body, int Later, bool Taken)[] Asked =
    [
        (SigningSecretTests.Shared, SigningSecretTests.SharedSignature, SigningSecretTests.Body, 0, true),
        (SigningSecretTests.Shared, Sign(Other, SigningSecretTests.Shared), SigningSecretTests.Body, 299, true),
        (SigningSecretTests.Shared, Sign(SigningSecretTests.Pair, SigningSecretTests.Shared), SigningSecretTests.Body, -299, true),
        (SigningSecretTests.Shared, SigningSecretTests.SharedSignature, SigningSecretTests.Body, 301, false),
        (SigningSecretTests.Shared, SigningSecretTests.SharedSignature, SigningSecretTests.Body, -301, false),
        (SigningSecretTests.Shared, SigningSecretTests.SharedSignature, SigningSecretTests.Body + " ", 0, false),
        (Other, SigningSecretTests.SharedSignature, SigningSecretTests.Body, 0, false),
        (SigningSecretTests.Shared, SigningSecretTests.PairSignature, SigningSecretTests.Body, 0, false),
        (SigningSecretTests.Shared, "v1", SigningSecretTests.Body, 0, false),
    ];

    [Fact]
    public async Task Node_takes_both_kinds()
    {
        var asked = Asked.Append((SigningSecretTests.Public, SigningSecretTests.PairSignature, SigningSecretTests.Body, 0, true))
            .Append((SigningSecretTests.Public, Sign(SigningSecretTests.Shared, SigningSecretTests.Pair), SigningSecretTests.Body, 0, true))
            .Append((SigningSecretTests.Public, SigningSecretTests.PairSignature, SigningSecretTests.Body + " ", 0, false))
            .Append((SigningSecretTests.Public, SigningSecretTests.SharedSignature, SigningSecretTests.Body, 0, false)).ToList();
        var script = Snippet("js") + string.Join('\n', asked.Select(a => $$"""

            console.log(verify({ 'webhook-id': '{{SigningSecretTests.Id}}', 'webhook-timestamp': '{{SigningSecretTests.Timestamp}}', 'webhook-signature': '{{a.Item2}}' },
              Buffer.from('{{a.Item3}}'), '{{a.Item1}}', {{SigningSecretTests.Timestamp + a.Item4}}));
            """));

        Assert.Equal(asked.Select(a => a.Item5 ? "true" : "false"), (await Programs.RunAsync("node", script, "-")).Split('\n'));
    }

    [Fact]
    public async Task Python_takes_what_is_shared()
    {
        var script = Snippet("python") + string.Join('\n', Asked.Select(a =>
            $$"""

            print(verify({"webhook-id": "{{SigningSecretTests.Id}}", "webhook-timestamp": "{{SigningSecretTests.Timestamp}}", "webhook-signature": "{{a.Signatures}}"}, b'{{a.Body}}', "{{a.Secret}}", {{SigningSecretTests.Timestamp + a.Later}}))
            """));

        Assert.Equal(Asked.Select(a => a.Taken ? "True" : "False"), (await Programs.RunAsync("python3", script, "-")).Split('\n').Select(l => l.Trim()));
    }

    [Fact]
    public void CSharp_takes_what_is_shared()
    {
        Assert.Equal(Asked.Select(a => a.Taken), Asked.Select(a => Verify(
            SigningSecretTests.Id, $"{SigningSecretTests.Timestamp}", a.Signatures, Encoding.UTF8.GetBytes(a.Body), a.Secret, DateTimeOffset.FromUnixTimeSeconds(SigningSecretTests.Timestamp + a.Later))));

        // What was run above is what the page shows.
        var own = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Unit", "Docs", "WebhooksPageTests.cs"));
        Assert.Contains(Bare(Snippet("csharp")), Bare(own), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pair_that_the_page_makes_is_one()
    {
        var script = string.Join('\n', Page.Split('\n').SkipWhile(l => !l.Contains("generateKeyPairSync", StringComparison.Ordinal)).TakeWhile(l => l.StartsWith("    ", StringComparison.Ordinal)));

        var made = (await Programs.RunAsync("node", script, "-")).Split('\n');

        Assert.Equal(made[1], SigningSecret.PublicOf(made[0]));
    }

    [Fact]
    public void Every_call_of_the_program_is_one_that_it_takes()
    {
        var calls = Call().Matches(Page).Select(m => (m.Groups[1].Value + m.Groups[2].Value).Replace('…', 'x').Trim()).ToList();

        Assert.True(calls.Count >= 5, string.Join('\n', calls));
        Assert.All(calls, call => Assert.Equal([], Commands.Root().Parse(call).Errors.Select(e => $"{call}: {e.Message}")));
    }

    /// <summary>The options, over the workspace of this repository; what the page says of them is what the Plan has.</summary>
    [Fact]
    public async Task The_options_are_those_of_a_webhook()
    {
        using var folder = new TempFolder();
        string[] rooms = ["partners", "routes", "transforms", "events", "flows"];
        foreach (var file in rooms.SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*", SearchOption.AllDirectories)).Prepend(Path.Combine(Repository.Root, "policies.yaml")))
            folder.Write(Path.GetRelativePath(Repository.Root, file), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        folder.Write("policies.page.yaml", Snippet("yaml"));

        var (plan, found) = await ValidateCommand.CompileAsync(folder.Load("page"));

        Assert.Empty(found.Where(d => d.Severity == Severity.Error).Select(d => d.ToString()));
        await using var _ = plan!;
        var webhook = Assert.Single(plan!.Subscriptions, s => s is { Tenant: "acme", Name: "orders" });
        Assert.Equal(("https://shop.acme.example/webhooks", TimeSpan.FromSeconds(20), true, 8, TimeSpan.FromDays(5)), (webhook.Url.ToString(), webhook.Timeout, webhook.Order == WebhookOrder.Fifo, webhook.Concurrency, webhook.Budget));
        Assert.Equal(["order.accepted.v1", "shipment.booked.v1"], webhook.Types);
        Assert.Equal(TimeSpan.FromHours(24), webhook.Schedule[8]);
        Assert.Equal(9, webhook.Schedule.Count);
    }

    [Fact]
    public void The_condition_and_the_mapping_that_it_shows_take_an_event()
    {
        var (condition, mapping) = (Regex.Match(Page, "^    condition: (.*)$", RegexOptions.Multiline).Groups[1].Value, Regex.Match(Page, "^    mapping:   (.*)$", RegexOptions.Multiline).Groups[1].Value);
        var (when, wrong) = EventCondition.Compile(condition);
        var (shape, mistaken) = EventMapping.Compile(mapping);
        Assert.Equal((null, null), (wrong, mistaken));

        using var order = Envelope("""{"id":"ord_1","buyerParty":{"id":"ACME-DE"},"legalMonetaryTotal":{"payableAmount":"1000.50"},"orderLines":[{},{}]}""");
        Assert.Equal((true, null), when!.Judge(order.RootElement, DateTimeOffset.UnixEpoch));
        var (data, error) = shape!.Run(order.RootElement, DateTimeOffset.UnixEpoch);
        Assert.Equal(("""{"order":"ord_1","customer":"ACME-DE","lines":2}""", null), (Encoding.UTF8.GetString(data.Span), error));
        using var small = Envelope("""{"id":"ord_1","buyerParty":{"id":"ACME-DE"},"legalMonetaryTotal":{"payableAmount":"1000.00"}}""");
        Assert.Equal((false, null), when.Judge(small.RootElement, DateTimeOffset.UnixEpoch));
    }

    private static JsonDocument Envelope(string data) => JsonDocument.Parse($$"""{"type":"order.accepted.v1","data":{{data}}}""");

    private static string Sign(params string[] secrets) => SigningSecret.Sign(SigningSecretTests.Id, SigningSecretTests.Timestamp, Encoding.UTF8.GetBytes(SigningSecretTests.Body), secrets);

    private static string Snippet(string language) => Regex.Match(Page, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    private static string Bare(string code) => string.Concat(code.Where(c => !char.IsWhiteSpace(c)));

    private static bool Verify(string id, string timestamp, string signatures, byte[] body, string secret, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > 300) return false;
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed));
        return signatures.Split(' ').Any(given =>
            CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected)));
    }

    [GeneratedRegex(@"^    gateway ([a-z].*)$|`gateway ([a-z][^`]*)`", RegexOptions.Multiline)]
    private static partial Regex Call();
}
