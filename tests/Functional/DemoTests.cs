using System.Diagnostics;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>The verbs as a user calls them, in processes of their own.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_script_plays_and_every_answer_is_as_expected()
    {
        var (demo, _) = await ChildProcess.StartAsync(["demo", Repository.Root, "--script"]);
        await using (demo)
        {
            Assert.True(await demo.ExitAsync(TimeSpan.FromSeconds(90)) == 0, demo.Output);
            Assert.Contains("279 expectations held", demo.Output);
        }
    }

    [Fact]
    public async Task Demo_secrets_are_refused_outside_the_demo()
    {
        var (serve, _) = await ChildProcess.StartAsync(["serve", Repository.Root, "--environment", "demo"]);
        await using (serve)
        {
            Assert.Equal(2, await serve.ExitAsync(TimeSpan.FromSeconds(30)));
            Assert.Contains("for the verb demo only", serve.Output);
        }
    }

    [Fact]
    public async Task Stopping_with_SIGTERM_ends_the_process_cleanly()
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        var (gateway, _, _) = await ChildProcess.ServeAsync(workspace);
        await using (gateway)
        {
            using var kill = Process.Start("kill", ["-TERM", gateway.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            Assert.Equal(0, await gateway.ExitAsync(TimeSpan.FromSeconds(20)));
        }
    }

    [Fact]
    public async Task Two_gateways_never_share_one_file()
    {
        await using var simulated = await Simulated.StartAsync();
        using var workspace = new TestWorkspace(simulated.Odoo, simulated.Tms, simulated.Partner);
        var (first, _, _) = await ChildProcess.ServeAsync(workspace);
        await using (first)
        {
            var (second, _) = await ChildProcess.StartAsync(
                ["serve", workspace.Root, "--data", workspace.Data, "--keys", workspace.Keys, "--environment", "test", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0"]);
            await using (second)
            {
                Assert.Equal(2, await second.ExitAsync(TimeSpan.FromSeconds(30)));
                Assert.Contains("another process", second.Output);
            }
        }
    }

    [Fact]
    public async Task Validate_needs_no_secret_and_no_server()
    {
        var (validate, _) = await ChildProcess.StartAsync(["validate", Repository.Root]);
        await using (validate)
        {
            Assert.True(await validate.ExitAsync(TimeSpan.FromSeconds(30)) == 0, validate.Output);
            Assert.Contains("valid: 39 routes", validate.Output);
        }
    }
}
