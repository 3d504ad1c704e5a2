namespace Gateway.Admin;

/// <summary>
/// All that is known of a number, in the order of time: what callers asked for, what flows did, which events were told, and how each arrived; without what
/// any of it says. A number is the id of an object, or whatever an instance of a flow is found by.
/// </summary>
/// <param name="Instances">Of flows, the newest first.</param>
/// <param name="Cut">What is not whole, since there is more than is shown: <c>instances</c>, <c>steps</c>, <c>events</c>, <c>deliveries</c>, <c>requests</c>.</param>
internal sealed record Timeline(IReadOnlyList<FlowInstance> Instances, IReadOnlyList<TraceLine> Lines, IReadOnlyList<string> Cut)
{
    public static async ValueTask<Timeline> OfAsync(IStore store, string key, TraceBounds most, CancellationToken cancellation)
    {
        var looking = new Looking(store, most, cancellation);
        var instances = await looking.InstancesAsync(key);
        foreach (var instance in instances) await looking.AddStepsAsync(instance);
        var events = await looking.AddEventsAsync(SubjectsOf(key, instances));
        await looking.AddDeliveriesAsync(events);
        await looking.AddRequestsAsync([.. instances.Select(i => i.CorrelationId).Concat(events.Select(e => e.CorrelationId)).OfType<string>().Distinct()]);
        return new Timeline(instances, [.. looking.Lines.OrderBy(l => l.At).ThenBy(l => l.Is)], looking.Cut);
    }

    /// <summary>What a number stands for: itself, and what the flows that are found by it are about.</summary>
    public static async ValueTask<IReadOnlyCollection<string>> SubjectsAsync(IStore store, string number, CancellationToken cancellation) =>
        SubjectsOf(number, await store.FlowsAsync(new FlowFilter { Ref = number }, new TraceBounds().Instances, cancellation));

    private static IReadOnlyCollection<string> SubjectsOf(string key, IReadOnlyList<FlowInstance> instances) =>
        [key, .. instances.SelectMany(i => new[] { i.Id, i.Key }).Distinct().Where(subject => subject != key)];

    private sealed class Looking(IStore store, TraceBounds most, CancellationToken cancellation)
    {
        public List<TraceLine> Lines { get; } = [];

        public List<string> Cut { get; } = [];

        public async ValueTask<IReadOnlyList<FlowInstance>> InstancesAsync(string key) =>
            Bounded("instances", await store.FlowsAsync(new FlowFilter { Ref = key }, most.Instances + 1, cancellation), most.Instances);

        public async ValueTask AddStepsAsync(FlowInstance instance)
        {
            var journal = await store.FlowJournalAsync(instance.Id, cancellation);
            foreach (var entry in Bounded("steps", [.. journal.Reverse()], most.Steps).Reverse())
                Lines.Add(new TraceLine(entry.At, TraceKind.Flow, $"{instance.Flow}/{instance.Key}", entry.Step, entry.What, entry.Detail, instance.CorrelationId));
        }

        public async ValueTask<IReadOnlyList<ToldEvent>> AddEventsAsync(IReadOnlyCollection<string> subjects)
        {
            var events = Bounded("events", await store.EventsAboutAsync(subjects, most.Events + 1, cancellation), most.Events);
            foreach (var told in events.Reverse()) Lines.Add(new TraceLine(told.Time, TraceKind.Event, told.Tenant, told.Type, "told", FormattableString.Invariant($"{told.Id}, position {told.Position}"), told.CorrelationId));
            return events;
        }

        /// <summary>A line for each attempt, and one for what waits for its first.</summary>
        public async ValueTask AddDeliveriesAsync(IReadOnlyList<ToldEvent> events)
        {
            var deliveries = Bounded("deliveries", await store.DeliveriesOfEventsAsync([.. events.Select(e => e.Position)], most.Deliveries + 1, cancellation), most.Deliveries);
            foreach (var delivery in deliveries)
            {
                var told = events.First(e => e.Position == delivery.EventPosition);
                var attempts = await store.AttemptsAsync(delivery.Id, cancellation);
                if (attempts.Count == 0) Lines.Add(Line(delivery.CreatedAt, Word(delivery.State), null));
                foreach (var attempt in attempts)
                    Lines.Add(Line(attempt.At, attempt == attempts[^1] && delivery.State != DeliveryState.Pending ? Word(delivery.State) : "failed", FormattableString.Invariant($"{delivery.Id}, attempt {attempt.Number}: {(attempt.Status > 0 ? attempt.Status : attempt.Error)}")));

                TraceLine Line(DateTimeOffset at, string what, string? detail) => new(at, TraceKind.Delivery, delivery.Endpoint, told.Type, what, detail ?? delivery.Id, told.CorrelationId);
            }
        }

        public async ValueTask AddRequestsAsync(IReadOnlyList<string> correlations)
        {
            foreach (var correlation in Bounded("requests", correlations, most.Correlations))
            {
                foreach (var record in Bounded("requests", await store.FindAuditAsync(correlation, most.Requests + 1, cancellation), most.Requests))
                    Lines.Add(new TraceLine(record.At, TraceKind.Request, record.Consumer ?? record.Act?.Actor ?? record.Tenant, record.Route, record.Outcome, $"{record.Method} {record.Path} {record.Status}".TrimStart(), record.CorrelationId));
            }
        }

        private IReadOnlyList<T> Bounded<T>(string what, IReadOnlyList<T> found, int bound)
        {
            if (found.Count <= bound) return found;
            if (!Cut.Contains(what)) Cut.Add(what);
            return [.. found.Take(bound)];
        }

        private static string Word(DeliveryState state) => state.ToString().ToLowerInvariant();
    }
}

/// <summary>How much of each a timeline shows at most.</summary>
/// <param name="Steps">Of each instance, the last ones.</param>
/// <param name="Correlations">Correlation ids that requests are looked for by.</param>
/// <param name="Requests">Of each correlation id.</param>
internal sealed record TraceBounds(int Instances = 100, int Steps = 1000, int Events = 500, int Deliveries = 200, int Correlations = 100, int Requests = 200);

/// <summary>What a line tells of, in the order in which one leads to the other.</summary>
internal enum TraceKind
{
    Request,
    Event,
    Flow,
    Delivery,
}

/// <summary>One line of a timeline.</summary>
/// <param name="Who">A consumer or an operator, a flow and its key, whose event it is, an endpoint.</param>
/// <param name="Where">A route, a step, a type of event.</param>
/// <param name="CorrelationId">Of the request that it comes of; null where none is known.</param>
internal sealed record TraceLine(DateTimeOffset At, TraceKind Is, string Who, string Where, string What, string? Detail, string? CorrelationId);
