using System.Text.RegularExpressions;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>
/// The table of traps in the adapter's README: every one is a test of what the gateway does about it, against the simulator and against a real Odoo. That the
/// simulator has the trap is shown beside it.
/// </summary>
public sealed partial class OdooTrapsTests
{
    private static readonly Dictionary<string, string> Sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Odoo*.cs", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Unit", "Adapters"), "*.cs"))
        .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Conformance", "Feeds"), "*.cs"))
        .Distinct().ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText, StringComparer.Ordinal);

    /// <summary>Tests of the simulators alone: nobody of ours is called there.</summary>
    private static readonly IReadOnlySet<string> Played =
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Unit", "Simulators"), "*.cs").Select(file => Path.GetFileNameWithoutExtension(file)).ToHashSet(StringComparer.Ordinal);

    public static TheoryData<int, string> Rows => [.. File.ReadLines(Path.Combine(Repository.Root, "adapters", "Odoo", "README.md"))
        .Select(line => Row().Match(line)).Where(row => row.Success)
        .Select(row => new TheoryDataRow<int, string>(int.Parse(row.Groups["n"].Value, System.Globalization.CultureInfo.InvariantCulture), row.Groups["tests"].Value))];

    [Fact]
    public void Traps_are_numbered_without_a_gap() => Assert.Equal(Enumerable.Range(1, 18), Rows.Select(row => row.Data.Item1));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Its_tests_are_there_and_one_runs_against_a_real_odoo(int trap, string tests)
    {
        var named = Test().Matches(tests);

        Assert.True(named.Any(test => test.Groups["class"].Value.StartsWith("LiveOdoo", StringComparison.Ordinal)), $"trap {trap} has no test of LiveOdoo…");
        Assert.True(named.Any(test => test.Groups["class"].Value is var name && !name.StartsWith("LiveOdoo", StringComparison.Ordinal) && !Played.Contains(name)), $"trap {trap} has no test of ours that always runs");
        Assert.All(named, test => Assert.Contains($" {test.Groups["method"].Value}(", Sources[test.Groups["class"].Value], StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| (?<n>\d+) \| [^|]+ \| (?<tests>[^|]+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex("`(?<class>[A-Za-z]+)\\.(?<method>[A-Za-z_0-9]+)`")]
    private static partial Regex Test();
}
