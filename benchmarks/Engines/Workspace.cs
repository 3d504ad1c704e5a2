using Gateway.Policies.Contract;

namespace Gateway.Benchmarks.Engines;

/// <summary>
/// The shipped workspace in the working directory, of which policies see just its files: contracts and mappings are compiled by the policies
/// themselves, with their options.
/// </summary>
internal sealed class Workspace : PolicyScope
{
    private static readonly Place Nowhere = new("benchmarks", 1, 1);

    public static string OrderSchema => System.IO.File.ReadAllText("transforms/canonical/order@1.schema.json");

    public static string OrderMapping => System.IO.File.ReadAllText("transforms/odoo/order.to.jsonata");

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

    public override IReadOnlyDictionary<string, IssuerOptions> Issuers => throw NotThere();

    public override IReadOnlyDictionary<string, AuthorityOptions> Authorities => throw NotThere();

    public override IReadOnlyDictionary<string, CodeTable> Codes => new Dictionary<string, CodeTable>();

    public override TimeProvider Clock => TimeProvider.System;

    public override Outside Outside => Outside.World;

    public override Coverage? Coverage => null;

    public override ReadOnlyMemory<byte>? File(string path) => System.IO.File.Exists(path) ? System.IO.File.ReadAllBytes(path) : null;

    /// <summary>None: the mapping that is measured uses no function of its folder, and those would ask for code tables.</summary>
    public override IEnumerable<string> Files(string prefix) => [];

    public override T Shared<T>(string key, Func<T> create) => create();

    public override T Compiled<T>(string key, Func<T> create) => create();

    public override T Kept<T>(string key, Func<T> create) => create();

    public override Place PlaceOf(object options, string member) => Nowhere;

    public override void Report(Diagnostic diagnostic) => throw new CannotMeasureException(diagnostic.ToString());

    private static NotSupportedException NotThere() => new("A contract or a mapping does not ask for this.");
}
