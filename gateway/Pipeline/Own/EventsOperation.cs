using System.Buffers;
using Gateway.Delivery.Events;

namespace Gateway.Pipeline.Own;

/// <summary>
/// The events of the caller's partner, in the order of the log, for who can't receive webhooks: a batch of CloudEvents 1.0 (JSON format section 4),
/// and in <c>Link</c> where the next are. Where there are none it waits, as long as the caller says.
/// </summary>
/// <param name="types">The catalogue, for how long events are kept.</param>
/// <param name="bell">Null where nobody waits.</param>
internal sealed class EventsOperation(EventTypes types, EventBell? bell) : OwnOperation
{
    public const string ContentType = CloudEventHeaders.Batched;

    /// <summary>Events of the log that are looked at for one answer; behind them the caller asks again.</summary>
    private const int MostLookedAt = 2000;

    /// <summary>Bytes of an answer, about.</summary>
    private const int MostBytes = 4 << 20;

    private const int Page = 200;

    public override OperationDescriptor Descriptor { get; } = new("events", "Reads the partner's own events from the log, and waits for the next.", Effect.Reads, Idempotent: true, ReadsBack: false);

    public override void Describe(Surface surface)
    {
        surface.AnswerType = ContentType;
        surface.Failures.UnionWith([Failure.MalformedRequest, Failure.EventsExpired]);
        surface.AnswerHeaders.Add(new SurfaceHeader("Link", "Where the next events are: rel=\"next\". It is there when there are none yet, too.", "</v1/events?after=AQAAAAAAABJnAAAAAAAAEmcAAAGa_Q7mewAAAAAAABJn&wait=20000ms>; rel=\"next\"") { OnSuccess = true });
    }

    public override async ValueTask AnswerAsync(Exchange exchange, PlanTarget.Call target)
    {
        if (EventQuery.Read(exchange.Http.Request) is not { } query)
        {
            exchange.Refuse(Failure.MalformedRequest, $"The query is malformed: wait is a time of at most {EventQuery.LongestWait.TotalSeconds} s, as 20s; limit a number from 1 to {EventQuery.MostEvents}; after and subject are given once.");
            return;
        }
        var from = query.After is { } after ? EventCursor.Read(after, exchange.Tenant) : EventCursor.Start(exchange.Clock.GetUtcNow());
        var wrong = from is { } cursor ? await JudgeAsync(exchange, cursor) : Failure.MalformedRequest;
        var read = wrong is null ? await ReadAsync(exchange, query, from!.Value) : null;
        if (read is null)
        {
            if (wrong == Failure.MalformedRequest) exchange.Refuse(Failure.MalformedRequest, "This cursor is not known: take it from Link of an answer to yourself. Without after the log is read from its beginning.");
            else exchange.Refuse(Failure.EventsExpired, "Events behind this cursor are no longer kept, so some would be missed. Read by the other operations how things stand, and begin anew without after.");
            return;
        }
        exchange.Result = new OperationResult(OperationStatus.Done) { Record = Batch(read.Events) };
        exchange.Answer = Answers.Of(exchange, target) with
        {
            ContentType = ContentType,
            Headers = [new("Link", $"<{exchange.Http.Request.Path.ToUriComponent()}{query.Next(read.Cursor.Write(exchange.Tenant))}>; rel=\"next\"")],
        };
    }

    /// <summary>
    /// What is wrong with a cursor, or null. The event that it stands behind is the same, and no log ends before a cursor of its own. Where that event was
    /// erased, others behind it may have been, too.
    /// </summary>
    private static async ValueTask<Failure?> JudgeAsync(Exchange exchange, EventCursor cursor)
    {
        if (cursor.Position == 0) return null;
        if (await exchange.Store.FindEventAsync(cursor.Position, exchange.Aborted) is { } stored) return cursor.IsBehind(stored, exchange.Tenant) ? null : Failure.MalformedRequest;
        if (cursor.Position > await exchange.Store.LastPositionAsync(exchange.Aborted)) return Failure.MalformedRequest;
        // Erased it is, and nothing behind it of this partner was: a reader of whom little happens has missed nothing.
        return cursor.Position >= await exchange.Store.ErasedUpToAsync(exchange.Tenant, exchange.Aborted) ? null : Failure.EventsExpired;
    }

    /// <summary>What there is, or what comes while it waits; null where something that was asked for is no longer kept.</summary>
    private async ValueTask<Reading?> ReadAsync(Exchange exchange, EventQuery query, EventCursor from)
    {
        var began = exchange.Clock.GetTimestamp();
        var read = await LookAsync(exchange, query, from);
        if (read is not { Events.Count: 0 } || query.Wait == TimeSpan.Zero || bell is null || bell.IsStopping) return read;
        using var seat = await bell.EnterAsync(exchange.Tenant, exchange.Aborted);
        while (seat is not null)
        {
            var next = bell.Next(exchange.Tenant);
            read = await LookAsync(exchange, query, read.Cursor);
            if (read is not { Events.Count: 0 } || query.Wait - exchange.Clock.GetElapsedTime(began) is not { Ticks: > 0 } left || bell.IsStopping) return read;
            if (read.IsShort) continue;
            await bell.WaitAsync(next, left, exchange.Aborted);
        }
        return read;
    }

    /// <summary>One look at the log, over a bounded part of it.</summary>
    private async ValueTask<Reading?> LookAsync(Exchange exchange, EventQuery query, EventCursor since)
    {
        var now = exchange.Clock.GetUtcNow();
        var (events, cursor, bytes) = (new List<ReadOnlyMemory<byte>>(), since with { At = now.ToUnixTimeMilliseconds() }, 0);
        for (var looked = 0; looked < MostLookedAt;)
        {
            var most = Math.Min(Page, query.Wants.Count == 0 ? query.Limit - events.Count : Page);
            var page = query.Subject is { } subject
                ? await exchange.Store.ReadEventsAboutAsync([subject], exchange.Tenant, cursor.Position, most, exchange.Aborted)
                : await exchange.Store.ReadEventsAsync(exchange.Tenant, cursor.Position, most, exchange.Aborted);
            if (page.Count == 0) return new Reading(events, cursor, IsShort: false);
            looked += page.Count;
            foreach (var stored in page)
            {
                if (query.Wants.Count == 0 || query.Wants.Contains(stored.Event.Type))
                {
                    var retention = types.RetentionOf(stored.Event.Type);
                    if (now - stored.Event.Time < retention)
                    {
                        var written = Envelope.Write(stored);
                        events.Add(written);
                        bytes += written.Length;
                    }
                    else if (since.WasKept(stored.Event.Time, retention))
                    {
                        return null;
                    }
                }
                cursor = EventCursor.Behind(stored, now);
                if (events.Count == query.Limit || bytes >= MostBytes) return new Reading(events, cursor, IsShort: false);
            }
        }
        return new Reading(events, cursor, IsShort: true);
    }

    private static ReadOnlyMemory<byte> Batch(List<ReadOnlyMemory<byte>> events)
    {
        var output = new ArrayBufferWriter<byte>(events.Sum(e => e.Length + 1) + 2);
        output.Write("["u8);
        foreach (var (i, one) in events.Index())
        {
            if (i > 0) output.Write(","u8);
            output.Write(one.Span);
        }
        output.Write("]"u8);
        return output.WrittenMemory;
    }

    /// <param name="Events">As they are sent.</param>
    /// <param name="Cursor">Behind the last that was looked at.</param>
    /// <param name="IsShort">There may be more, which were not looked at.</param>
    private sealed record Reading(List<ReadOnlyMemory<byte>> Events, EventCursor Cursor, bool IsShort);
}
