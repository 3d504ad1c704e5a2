using System.Text.Json;
using Gateway.Delivery.Flows;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>Moves instances of a flow that was declared anew to how it is declared now: each is checked, and moved with its record in one transaction.</summary>
/// <param name="here">Null on a node that works on no flows.</param>
internal sealed class FlowMigrations(IStore store, FlowBook book, CurrentPlan plans, TimeProvider clock, FlowsHere? here)
{
    /// <summary>Instances of one request.</summary>
    private const int Most = 5000;

    /// <summary>Instances that are named of those that can't be moved.</summary>
    private const int MostNamed = 100;

    /// <summary>
    /// <c>{"flow":"…","id":"…","from":"…","dryRun":true}</c>: one instance, those of one revision, or all that have not ended. What can't be moved stays as it is, and is
    /// named with its obstacles.
    /// </summary>
    public async Task<Acted> MigrateAsync(OperatorRequest request)
    {
        if (WishOf(request) is not { Flow: { Length: > 0 } name } wish) return Acted.Refused(Failure.MalformedRequest, "Say which flow; id, from and dryRun may stand beside it, and the reason.", "wish-malformed");
        if (book.Current.FirstOrDefault(f => f.Name == name) is not { } to) return Acted.Refused(Failure.NotFound, $"There is no flow '{name}'.", "flow-unknown") with { Target = name };
        var migration = new Migration(request, to, wish.DryRun);
        if (!wish.DryRun) await book.KeepAsync(to, request.Aborted);
        var among = await AmongAsync(to, wish, request.Aborted);
        if (wish.Id is not null && among.Count == 0) return Acted.Refused(Failure.NotFound, $"The flow '{name}' has no instance of this id.", "instance-unknown") with { Target = wish.Id };
        foreach (var found in among)
        {
            if (found.Revision == to.Revision || found.EndedAt is not null) continue;
            var obstacles = await MoveAsync(migration, found.Id, request.Aborted);
            if (obstacles.Count == 0) migration.Moved++;
            else migration.Refused.Add((found, obstacles));
        }
        if (migration is { Moved: > 0, IsDry: false }) here?.Wake();
        var told = new
        {
            flow = name,
            to = to.Revision,
            wish.DryRun,
            moved = migration.Moved,
            refused = migration.Refused.Count,
            more = among.Count == Most,
            obstacles = migration.Refused.Take(MostNamed).Select(r => new { r.Instance.Id, r.Instance.Key, r.Instance.Revision, why = r.Why }),
        };
        return new Acted { Target = name, Answer = told, After = new { told.flow, told.to, told.DryRun, told.moved, told.refused, told.more } };
    }

    /// <summary>Those that go by what runs are not looked at.</summary>
    private async ValueTask<IReadOnlyList<FlowInstance>> AmongAsync(Flow to, Wish wish, CancellationToken cancellation)
    {
        if (wish.Id is { } id) return await store.FindFlowAsync(id, cancellation) is { } one && one.Flow == to.Name ? [one] : [];
        var found = new List<FlowInstance>();
        foreach (var (flow, revision) in await store.FlowRevisionsAsync(cancellation))
        {
            if (flow != to.Name || revision == to.Revision || (wish.From is { } from && from != revision)) continue;
            found.AddRange(await store.FlowsAsync(new FlowFilter { Flow = flow, Revision = revision, Open = true }, Most - found.Count, cancellation));
            if (found.Count == Most) break;
        }
        return found;
    }

    /// <summary>What keeps it from being moved; empty where it was.</summary>
    private async ValueTask<IReadOnlyList<string>> MoveAsync(Migration migration, string id, CancellationToken cancellation)
    {
        if (await store.FindFlowAsync(id, cancellation) is not { EndedAt: null } instance) return ["it has ended meanwhile"];
        if (instance.Unreadable) return ["it can't be read: its key is missing from the key ring"];
        if (instance.LeaseUntil > clock.GetUtcNow()) return ["it is being worked on: try again"];
        if (await book.FindAsync(instance.Flow, instance.Revision, cancellation) is not { } from) return ["how it was declared can't be read by now, so nothing can be compared"];
        if (book.PartnerOf(instance.Tenant) is not { } partner) return [$"there is no partner '{instance.Tenant}'"];
        var run = new FlowRun(migration.To, instance, partner, plans.Current.EventTypes, clock, Random.Shared);
        if (run.TakeOver(from, migration.Request.Note) is { } obstacles) return obstacles;
        if (migration.IsDry) return [];
        var move = run.Decided();
        var shown = new Acted { Target = instance.Id, Tenant = instance.Tenant, Before = FlowViews.Shown(instance), After = FlowViews.Shown(move.Instance), Recorded = true };
        return await store.SaveFlowAsync(move with { Audit = migration.Request.Record(shown) }, CancellationToken.None) is null ? ["it has changed meanwhile: try again"] : [];
    }

    private static Wish? WishOf(OperatorRequest request)
    {
        try
        {
            return request.Body?.Deserialize<Wish>(Views.Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Wish
    {
        public string? Flow { get; init; }

        /// <summary>Of one instance; null for all.</summary>
        public string? Id { get; init; }

        /// <summary>A revision; null for all but the one that runs.</summary>
        public string? From { get; init; }

        /// <summary>Whether it is only looked at.</summary>
        public bool DryRun { get; init; }

        public string? Reason { get; init; }
    }

    private sealed record Migration(OperatorRequest Request, Flow To, bool IsDry)
    {
        public int Moved { get; set; }

        public List<(FlowInstance Instance, IReadOnlyList<string> Why)> Refused { get; } = [];
    }
}
