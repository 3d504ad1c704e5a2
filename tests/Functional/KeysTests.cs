using System.Diagnostics;
using Gateway.Tests.Functional.Support;
using Gateway.Tests.Servers;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>Keys as an operator handles them: the program's own verbs against a gateway process that is really killed.</summary>
public sealed class KeysTests
{
    [Fact]
    public async Task A_key_lives_over_a_kill_and_one_that_was_taken_back_stays_taken_back()
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        string key;
        await using (var first = await Served.StartAsync(workspace))
        {
            (var code, key, var said) = await RunAsync(first.Admin, "issue", "--consumer", "acme-shop", "--scopes", "catalogue.read", "--reason", "the shop's new server");
            Assert.True(code == 0, said);
            Assert.Equal(200, await ReadAsync(first.Gateway, key));
            await first.Process.KillAsync();
        }
        await using (var second = await Served.StartAsync(workspace))
        {
            Assert.Equal(200, await ReadAsync(second.Gateway, key));
            var (code, list, said) = await RunAsync(second.Admin, "list");
            Assert.True(code == 0, said);
            Assert.Contains(key[4..16], list, StringComparison.Ordinal);
            Assert.DoesNotContain(key[17..], list, StringComparison.Ordinal);
            (code, _, said) = await RunAsync(second.Admin, "revoke", key[4..16], "--reason", "the server was sold");
            Assert.True(code == 0, said);
            Assert.Equal(401, await ReadAsync(second.Gateway, key));
            await second.Process.KillAsync();
        }
        await using (var third = await Served.StartAsync(workspace))
        {
            Assert.Equal(401, await ReadAsync(third.Gateway, key));
            var (code, _, said) = await RunAsync(third.Admin, "issue", "--consumer", "acme-shpo", "--reason", "a slip");
            Assert.Equal(1, code);
            Assert.Contains("did you mean 'acme-shop'", said, StringComparison.Ordinal);
        }
    }

    /// <summary>A gateway process, ended with the test however that ends.</summary>
    private sealed record Served(ChildProcess Process, Uri Gateway, Uri Admin) : IAsyncDisposable
    {
        public static async Task<Served> StartAsync(TestWorkspace workspace)
        {
            var (process, gateway, admin) = await ChildProcess.ServeAsync(workspace);
            return new Served(process, gateway, admin);
        }

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }

    private static async Task<int> ReadAsync(Uri gateway, string key)
    {
        using var client = new HttpClient { BaseAddress = gateway, DefaultRequestHeaders = { { "X-Api-Key", key } } };
        using var answer = await client.GetAsync("/v1/items/DESK0005", TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    /// <summary>Runs <c>gateway keys VERB …</c>; the first line of what it says on standard output is the key, where it issues one.</summary>
    private static async Task<(int Code, string Output, string Errors)> RunAsync(Uri admin, string verb, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [GatewayProgram.Path, "keys", verb, .. arguments, "--admin", admin.AbsoluteUri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["GATEWAY_TOKEN"] = TestWorkspace.OperatorToken },
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output).TrimEnd(), await errors);
    }
}
