using System.Diagnostics;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>docs/tls.md as a reader follows it: its YAML is valid, and its lines work in a shell, with openssl and curl as foreign peers.</summary>
public sealed partial class TlsPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "tls.md"));

    private static IReadOnlyList<string> Yaml => [.. Block().Matches(Page).Where(m => m.Groups["kind"].Value == "yaml").Select(m => m.Groups["text"].Value)];

    private static IReadOnlyList<string> Lines => [.. Block().Matches(Page).Where(m => m.Groups["kind"].Value == "sh").Select(m => m.Groups["text"].Value)];

    [Fact]
    public async Task The_workspace_that_the_page_shows_is_valid()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-tls-page-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "policies.yaml"), string.Concat(Yaml) + """
                backends: { tms: { adapter: http, url: http://tms.internal } }
                apis: { orders: { owner: us, routes: { orders.read: { match: "GET /v1/orders/{id}", policies: [certified], target: { forward: tms } } } } }
                """);
            folder.CreateSubdirectory("certificates");
            File.WriteAllText(Path.Combine(folder.FullName, "certificates", "partners.pem"), TestAuthority.Root("partners").Pem);
            using var output = new StringWriter();

            await ValidateCommand.RunAsync(folder.FullName, new LoadOptions { ResolveSecrets = false }, output);

            Assert.StartsWith("valid: 1 route,", output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_lines_of_the_page_let_a_caller_in_and_take_its_certificate_back()
    {
        foreach (var tool in new[] { "openssl", "curl" })
            Assert.SkipUnless(File.Exists("/usr/bin/" + tool), $"there is no {tool} here");
        await using var world = new TlsWorld();
        world.Write("here", "");
        var (make, call, takeBack) = (Lines[0], Lines[1], Lines[2]);
        await RunAsync(world, make);
        world.WriteWorkspace("certificates/partners.pem", File.ReadAllText(world.PathOf("ca.pem")));
        world.Write("tls.crt", File.ReadAllText(world.PathOf("server.pem")));
        world.Write("tls.key", File.ReadAllText(world.PathOf("server.key")));
        await world.StartAsync(Yaml[1].Replace("secret://file/var/lib/gateway/", "secret://file/files/", StringComparison.Ordinal) + """
            tls: { certificates: [{ chain: secret://file/files/tls.crt, key: secret://file/files/tls.key }] }
            apis: { orders: { owner: us, routes: { orders.read: { match: "GET /v1/orders/{id}", policies: [certified], target: { forward: echo } } } } }
            """);
        var here = call.Replace("localhost:8443", $"localhost:{world.Url.Port}", StringComparison.Ordinal);

        Assert.StartsWith("HTTP/2 200", await RunAsync(world, here), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/2 401", await RunAsync(world, Certificate().Replace(here, "")), StringComparison.Ordinal);
        await RunAsync(world, takeBack);
        await TlsWorld.UntilAsync(async () => (await RunAsync(world, here)).StartsWith("HTTP/2 401", StringComparison.Ordinal), "the certificate is still taken");
    }

    private static async Task<string> RunAsync(TlsWorld world, string lines)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-e", "-c", lines])
        {
            WorkingDirectory = Path.GetDirectoryName(world.PathOf("here")),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(shell.ExitCode == 0, await errors);
        return output;
    }

    [GeneratedRegex(@"^```(?<kind>yaml|sh)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("--cert [^ ]+ --key [^ ]+ ")]
    private static partial Regex Certificate();
}
