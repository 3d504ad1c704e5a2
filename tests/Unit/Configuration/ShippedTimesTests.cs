using Gateway.Adapters.Odoo;
using Gateway.Configuration;
using Gateway.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>How long the workspace of this repository waits for Odoo, who tries a change that meets another again, with pauses of up to half a minute.</summary>
public sealed class ShippedTimesTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly LoadedWorkspace Shipped = WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false });

    /// <summary>
    /// A new order is loaded, which Odoo does not try again by itself, and nobody else has it yet. And who is sent nothing can be accepted, while who waits for
    /// an Odoo that hangs can not: with a minute, callers would wait twice as long until its circuit is open and their orders are accepted.
    /// </summary>
    private static readonly string[] Shorter = ["orders.create"];

    [Fact]
    public void Odoo_has_a_minute_for_what_changes_something_and_less_for_what_reads()
    {
        var odoo = Assert.IsType<OdooOptions>(Shipped.Document!.Backends["odoo"]);

        Assert.Equal((Minute, TimeSpan.FromSeconds(20)), (odoo.TimeFor(Effect.Changes), odoo.TimeFor(Effect.Reads)));
    }

    [Fact]
    public async Task A_route_that_changes_something_in_odoo_waits_as_long_as_odoo_has()
    {
        var (plan, diagnostics) = await new PlanCompiler(
            new ExactlyOnce(new WorkAtHand(), TimeProvider.System, NullLogger<ExactlyOnce>.Instance), TimeProvider.System, new KeptState(), Outside.World, NullLoggerFactory.Instance)
            .CompileAsync(Shipped);
        Assert.Empty(diagnostics);
        await using var compiled = plan!;

        var changes = compiled.Routes.Where(route => route.Target is PlanTarget.Call { Operation: { Backend: "odoo", Descriptor.Effect: Effect.Changes } }).ToArray();

        Assert.Superset(new HashSet<string>(["orders.create", "orders.change", "orders.confirm", "shipments.book", "returns.receive", "invoices.create"]), changes.Select(route => route.Name).ToHashSet());
        Assert.Equal(Shorter, changes.Where(route => route.Timeout != Minute).Select(route => route.Name));
    }
}
