using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Delivery.Webhooks;
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
