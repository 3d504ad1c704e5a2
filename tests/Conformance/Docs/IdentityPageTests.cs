using System.Diagnostics;
using System.Text.RegularExpressions;
using Gateway.Tests.Conformance.PolicyKinds;
using Xunit;

namespace Gateway.Tests.Conformance.Docs;

/// <summary>The lines of docs/identity.md open the routes that stand above them, and open none with another secret.</summary>
public sealed partial class IdentityPageTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "identity.md"));

    private static readonly Dictionary<string, string> Secrets = new()
    {
        ["INITECH_KEY"] = "key-of-initech-shop",
        ["PIPER_SECRET"] = "piper-secret-of-some-length",
        ["WMS_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ["CARRIER_SECRET"] = "carrier-secret",
        ["ODOO_SECRET"] = "3f9b0c5d7e1a4268b0d2c4f6",
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-identity-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_way_in_works_as_it_is_shown()
    {
        var lines = Block("bash").ToList();
        var (key, calls) = (lines.Single(l => l.Contains("genpkey", StringComparison.Ordinal)), lines.Where(l => l.Contains("curl", StringComparison.Ordinal)).ToList());
        Assert.Equal(lines.Count - 1, calls.Count);
        Assert.True(calls.Count >= 7, $"only {calls.Count} calls were found");
        var (code, publicKey) = await RunAsync(key, []);
        Assert.SkipUnless(code == 0, "bash or openssl is missing");
        await using var issuer = await OidcIssuer.StartAsync();
        await using var world = await KindWorld.StartAsync(Block("yaml").Select((yaml, i) => new CaseWorkspaceFile { Path = $"routes/page{i}.yaml", Content = Filled(yaml, publicKey) }), issuer.Issuer);
        var known = Secrets.Append(new("GATEWAY", world.Url.AbsoluteUri.TrimEnd('/'))).Append(new("TOKEN", issuer.Token(claims: [("sub", "initrode-erp")]))).ToDictionary();

        foreach (var call in calls)
        {
            var (exit, said) = await RunAsync(call, known);
            Assert.True(exit == 0, $"{call}\n{said}");
        }
        await RunAsync(key, []);
        var wrong = known.ToDictionary(k => k.Key, k => k.Key == "GATEWAY" ? k.Value : k.Key == "WMS_SECRET" ? "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=" : k.Value + "0");
        foreach (var call in calls)
        {
            var (exit, said) = await RunAsync(call, wrong);
            Assert.True(exit != 0 && said.Contains("unauthenticated", StringComparison.Ordinal), $"another secret opened it:\n{call}\n{said}");
        }
    }

    private static IEnumerable<string> Block(string language) => CodeBlock().Matches(Page).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value);

    /// <summary>With the simulated backend in the place of a real one, secrets that the test knows, and the key that was just made.</summary>
    private static string Filled(string yaml, string publicKey)
    {
        var text = yaml.Replace("forward: tms", "forward: echo", StringComparison.Ordinal);
        foreach (var (name, value) in Secrets) text = text.Replace($"secret://env/{name}", $"secret://demo/{value}", StringComparison.Ordinal);
        return Base64Line().Replace(text, publicKey.Split('\n')[1]);
    }

    private async Task<(int Exit, string Said)> RunAsync(string script, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var said = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, said + (process.ExitCode == 0 ? "" : await errors));
    }

    [GeneratedRegex("^```(yaml|bash)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("MCowBQYDK2VwAyEA[A-Za-z0-9+/=]+")]
    private static partial Regex Base64Line();
}
