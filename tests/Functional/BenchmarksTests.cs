using System.Diagnostics;
using System.Text.Json;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>The benchmarks run and write well-formed results. No time is judged: what is measured beside tests is worth nothing.</summary>
[Trait("group", "benchmarks")]
public sealed class BenchmarksTests
{
    private static readonly string Results = Path.Combine(Repository.Root, "benchmarks", "results", "quick.json");

    [Fact]
    public async Task A_quick_run_of_the_road_measures_every_variant_and_leaves_nothing_behind()
    {
        File.Delete(Results);
        var before = Folders();
        var (code, output) = await RunAsync("--quick", "road");
        Assert.True(code == 0, output);
        foreach (var tool in (string[])["wrk", "nginx"]) Assert.SkipWhen(output.Contains($"{tool} is not installed", StringComparison.Ordinal), $"{tool} is not installed and may not be");

        using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(Results, TestContext.Current.CancellationToken));
        var rows = results.RootElement.GetProperty("rows").EnumerateArray().ToList();
        var cpu = rows.Where(r => Text(r, "metric") == "cpu µs/request").ToList();
        Assert.Superset(
            new HashSet<string> { "bare YARP again (A/A)", "ours: no policy", "ours: key + limit", "ours: JWT + limit, 10,000 tokens", "ours: JWT + limit, every token new" },
            cpu.Select(r => Text(r, "variant")).ToHashSet());
        Assert.All(cpu, row =>
        {
            Assert.Equal("road", Text(row, "scenario"));
            Assert.InRange(row.GetProperty("ratio_median").GetDouble(), double.Epsilon, 1000);
            Assert.InRange(row.GetProperty("ratio_low").GetDouble(), double.Epsilon, row.GetProperty("ratio_high").GetDouble());
            Assert.Equal(JsonValueKind.Null, row.GetProperty("holds").ValueKind);
        });
        var machine = results.RootElement.GetProperty("machine");
        Assert.True(machine.GetProperty("cores").GetInt32() > 0);
        Assert.NotEmpty(results.RootElement.GetProperty("scenarios").GetProperty("road").GetProperty("rounds").EnumerateArray());
        Assert.Empty(Folders().Except(before));
    }

    [Theory]
    [InlineData("hang", "nginx")]
    [InlineData("webhooks", "nginx")]
    [InlineData("flows", "nginx")]
    public async Task A_quick_run_of_a_scenario_measures_what_its_bars_are_on_and_leaves_nothing_behind(string scenario, string tool)
    {
        File.Delete(Results);
        var before = Folders();
        var (code, output) = await RunAsync("--quick", scenario);
        Assert.SkipWhen(output.Contains($"{tool} is not installed", StringComparison.Ordinal), $"{tool} is not installed and may not be");
        Assert.True(code == 0, output);

        using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(Results, TestContext.Current.CancellationToken));
        var compared = results.RootElement.GetProperty("rows").EnumerateArray().Where(r => Text(r, "scenario") == scenario && r.GetProperty("ratio_median").ValueKind == JsonValueKind.Number).ToList();
        Assert.NotEmpty(compared);
        Assert.All(compared, row => Assert.InRange(row.GetProperty("ratio_median").GetDouble(), double.Epsilon, 1000));
        Assert.Empty(Folders().Except(before));
    }

    [Fact]
    public async Task A_scenario_that_is_not_there_is_told_with_those_that_are()
    {
        var (code, output) = await RunAsync("raod");

        Assert.Equal(2, code);
        Assert.Contains("'raod' is no scenario", output, StringComparison.Ordinal);
        Assert.Contains("road, redis, hang, latency", output, StringComparison.Ordinal);
    }

    private static string[] Folders() => [.. Directory.GetDirectories(Path.GetTempPath(), "gateway-benchmarks-*").Where(f => !f.EndsWith("-node", StringComparison.Ordinal))];

    private static string Text(JsonElement row, string member) => row.GetProperty(member).GetString()!;

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "benchmarks", "run"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output + await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
