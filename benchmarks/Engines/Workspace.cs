using System.Text.RegularExpressions;
using Gateway.Policies.Contract;

namespace Gateway.Benchmarks.Engines;

/// <summary>
/// The shipped workspace in the working directory, of which policies see just its files: contracts and mappings are compiled by the policies
/// themselves, with their options.
/// </summary>
internal sealed partial class Workspace : PolicyScope
{
    private const string Functions = "transforms/odoo/functions.";

    private static readonly Place Nowhere = new("benchmarks", 1, 1);

    public static string OrderSchema => System.IO.File.ReadAllText("transforms/canonical/order@1.schema.json");

    /// <summary>The mapping with the one function of its folder that it uses: a document that another engine can read too.</summary>
    public static string OrderMapping => $"(\n{Function("noon")}\n{System.IO.File.ReadAllText("transforms/odoo/order.to.jsonata")}\n)";

    public static CompiledContract OrderContract { get; } = CompiledContract.Find("order@1", Nowhere, new Workspace())!;

    public static Policies.Transform.Mapping OrderToOdoo { get; } = Policies.Transform.Mapping.Find("odoo/order.to", Nowhere, new Workspace())!;

    public override string PolicyName => "benchmark";

    public override string RouteName => "orders.create";

    public override string Method => "POST";

    public override IReadOnlyList<string> PathParameters => [];

    public override PlanTarget Target => throw NotThere();

    public override IReadOnlyCollection<Consumer> Consumers => [];

    public override IReadOnlyCollection<string> Tiers => [];

    public override IReadOnlyCollection<string> Scopes => [];

    public override IReadOnlyCollection<string> Roles => [];

    public override IReadOnlyDictionary<string, IssuerOptions> Issuers => throw NotThere();

    public override IReadOnlyDictionary<string, AuthorityOptions> Authorities => throw NotThere();

    public override FailedAttemptLimits FailedAttempts => throw NotThere();

    /// <summary>A table without entries for each that functions of the folder name: they are compiled, but the mapping that is measured calls none of them.</summary>
    public override ServerLimits Server => throw NotThere();
    public override IReadOnlyDictionary<string, CodeTable> Codes { get; } = TablesOf(FunctionsOfTheFolder());

    public override TimeProvider Clock => TimeProvider.System;

    public override Outside Outside => Outside.World;

    public override Coverage? Coverage => null;

    public override ReadOnlyMemory<byte>? File(string path) => System.IO.File.Exists(path) ? System.IO.File.ReadAllBytes(path) : null;

    public override IEnumerable<string> Files(string prefix) => Below(prefix);

    public override T Shared<T>(string key, Func<T> create) => create();

    public override T Compiled<T>(string key, Func<T> create) => create();

    public override T Kept<T>(string key, Func<T> create) => create();

    public override Place PlaceOf(object options, string member) => Nowhere;

    public override void Report(Diagnostic diagnostic) => throw new CannotMeasureException(diagnostic.ToString());

    private static IEnumerable<string> Below(string prefix) =>
        Directory.EnumerateFiles(prefix[..prefix.LastIndexOf('/')], "*", SearchOption.AllDirectories)
            .Select(path => path.Replace('\\', '/'))
            .Where(path => path.StartsWith(prefix, StringComparison.Ordinal));

    private static string FunctionsOfTheFolder() => string.Join('\n', Below(Functions).Select(System.IO.File.ReadAllText));

    private static string Function(string name) => Regex.Match(FunctionsOfTheFolder(), $@"^\${name} := .*?^\}};", RegexOptions.Multiline | RegexOptions.Singleline).Value;

    private static Dictionary<string, CodeTable> TablesOf(string functions) => Lookups().Matches(functions)
        .GroupBy(lookup => lookup.Groups["table"].Value, lookup => lookup.Groups["side"].Value)
        .ToDictionary(table => table.Key, table => new CodeTable(table.Key, Empty(table.Max()!), Empty("")));

    private static CodeTable.Side Empty(string name) => new(name, new Dictionary<string, string>(), null);

    [GeneratedRegex("""\$lookupCode\("(?<table>[^"/]+)/?(?<side>[^"]*)""")]
    private static partial Regex Lookups();

    private static NotSupportedException NotThere() => new("A contract or a mapping does not ask for this.");
}
