using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Delivery.Flows;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>Flows as operators see them. What an instance knows is shown apart, to those who may act.</summary>
internal sealed class FlowViews(IStore store, FlowBook book, CurrentPlan plans, TimeProvider clock)
{
    private const int Most = 200;

    private static readonly string[] Known = ["flow", "partner", "state", "step", "stuck", "older", "key", "figure", "all"];

    /// <summary>
    /// <c>?flow=…</c>, <c>?partner=…</c>, <c>?state=parked</c>, <c>?step=…</c>, <c>?key=…</c> (of what it is found by), <c>?figure=…</c> (that it counts for), <c>?older=SECONDS</c> in its stage,
    /// <c>?stuck=true</c> (parked, or behind its promise), <c>?all=true</c> (those that have ended, too): instances, newest first.
    /// </summary>
    public async Task ListAsync(HttpContext http)
    {
        var asked = http.Request.Query;
        var state = asked["state"].ToString();
        var older = asked["older"].ToString();
        var seconds = 0d;
        var wrong = asked.Keys.FirstOrDefault(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } stranger ? $"'{stranger}' is not among {string.Join(", ", Known)}."
            : state.Length > 0 && !Enum.TryParse<FlowState>(state, ignoreCase: true, out _) ? $"state is one of {string.Join(", ", Enum.GetNames<FlowState>().Select(n => n.ToLowerInvariant()))}."
            : older.Length > 0 && !double.TryParse(older, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) ? "Write older as seconds, in digits." : null;
        if (wrong is not null)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.MalformedRequest, wrong), plans.Current.Problem);
            return;
        }
        var key = asked["key"].ToString();
        var filter = new FlowFilter
        {
            Flow = TextOf(asked["flow"]),
            Tenant = TextOf(asked["partner"]),
            State = state.Length > 0 ? Enum.Parse<FlowState>(state, ignoreCase: true) : null,
            Step = TextOf(asked["step"]),
            Ref = TextOf(asked["key"]),
            Figure = TextOf(asked["figure"]),
            Open = asked["all"] != "true" && state.Length == 0 && key.Length == 0 && asked["figure"].Count == 0,
            Before = seconds > 0 ? clock.GetUtcNow().AddSeconds(-seconds) : null,
        };
        var found = asked["stuck"] == "true" ? await StuckAsync(filter, http.RequestAborted) : await store.FlowsAsync(filter, Most, http.RequestAborted);
        await Views.Write(http, found.Select(i => Shown(i)));
    }

    /// <summary>How many instances stand where, of those that have not ended.</summary>
    public async Task CountsAsync(HttpContext http) => await Views.Write(http, await store.FlowCountsAsync(http.RequestAborted));

    /// <summary>The flows as they are declared, each with a picture in Mermaid.</summary>
    public Task DeclaredAsync(HttpContext http) => Views.Write(http, book.Current.Select(f => new { f.Name, f.Owner, f.Description, f.Revision, f.Runbook, begins = f.Trigger.Event, picture = FlowPicture.Of(f) }));

    /// <summary>One instance with what it knows and what was done in it.</summary>
    public async Task ShowAsync(HttpContext http)
    {
        if (await store.FindFlowAsync((string?)http.GetRouteValue("id") ?? "", http.RequestAborted) is not { } instance)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.NotFound, "There is no instance of this id."), plans.Current.Problem);
            return;
        }
        await Views.Write(http, new
        {
            instance = Shown(instance),
            knows = instance.Body.IsEmpty ? null : JsonNode.Parse(instance.Body.Span),
            journal = await store.FlowJournalAsync(instance.Id, http.RequestAborted),
        });
    }

    /// <summary>
    /// <c>?key=…</c>: one timeline of all that is found by a number, an order's or a parcel's: what callers asked for, what the flows did about it, what was
    /// told, and how that arrived. <c>cut</c> says of what there is more.
    /// </summary>
    public async Task TraceAsync(HttpContext http)
    {
        var key = http.Request.Query["key"].ToString();
        if (key.Length == 0)
        {
            await Problems.WriteAsync(http, new Refusal(Failure.MalformedRequest, "Say what to look for: ?key=…"), plans.Current.Problem);
            return;
        }
        var told = await Timeline.OfAsync(store, key, new TraceBounds(), http.RequestAborted);
        await Views.Write(http, new { key, instances = told.Instances.Select(i => Shown(i)), timeline = told.Lines, told.Cut });
    }

    /// <summary>What nobody but people moves, and what takes longer than promised; of each once.</summary>
    private async ValueTask<IReadOnlyList<FlowInstance>> StuckAsync(FlowFilter filter, CancellationToken cancellation)
    {
        var parked = await store.FlowsAsync(filter with { State = FlowState.Parked }, Most, cancellation);
        var late = await store.FlowsAsync(filter with { Open = true, PromisedBefore = clock.GetUtcNow() }, Most, cancellation);
        return [.. parked.Concat(late).DistinctBy(i => i.Id).OrderByDescending(i => i.CreatedAt).Take(Most)];
    }

    /// <summary>An instance as operators see it.</summary>
    public static object Shown(FlowInstance instance) => new
    {
        instance.Id,
        instance.Tenant,
        instance.Flow,
        instance.Key,
        instance.State,
        stage = instance.Stage.Length == 0 ? null : instance.Stage,
        instance.StageSince,
        waitsFor = instance.Backend,
        instance.WakeAt,
        instance.PromisedAt,
        instance.Reason,
        instance.CreatedAt,
        instance.EndedAt,
        instance.Revision,
        instance.CorrelationId,
        unreadable = instance.Unreadable ? true : (bool?)null,
    };

    private static string? TextOf(Microsoft.Extensions.Primitives.StringValues value) => value.Count == 0 || value[0] is "" or null ? null : value[0];
}
