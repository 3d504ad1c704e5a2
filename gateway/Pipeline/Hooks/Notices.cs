using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Delivery.Webhooks;

namespace Gateway.Pipeline.Hooks;

/// <summary>
/// Makes events of partners out of what backends tell. Each has an id made of the backend's, so a webhook that comes again tells nothing twice; one that
/// was cut off between two events is told whole when its sender repeats it. What is older than what was told of how a thing stands is told no more. What can't be told is kept as a dead letter (<see cref="NoticeLetter"/>).
/// </summary>
public sealed partial class Notices(IStore store, EventReports reports, TimeProvider clock, ILogger<Notices> log)
{
    /// <param name="isNew">It was stored now, and not before.</param>
    /// <exception cref="StoreUnavailableException">The sender is to send it again.</exception>
    public async ValueTask TellAsync(Plan plan, string backend, HookEvent told, bool isNew, string correlation, CancellationToken cancellation)
    {
        foreach (var notice in plan.Notices)
        {
            if (notice.Backend != backend || notice.From != told.Type) continue;
            foreach (var verdict in notice.Judge(told))
            {
                if (verdict.Data is { } data) await AppendAsync(plan.EventTypes, EventOf(notice, told, verdict.Partner, data, correlation), isNew, cancellation);
                else await KeepAsync(notice, told, verdict, correlation, cancellation);
            }
        }
    }

    /// <summary>Tells an event that could not be told, as it would be told now; null where it is told.</summary>
    /// <param name="letter">Of one partner; of nobody, it is told to whom it names by now.</param>
    public async ValueTask<NoticeFault?> RetellAsync(Plan plan, EventDelivery letter, StoredEvent stored, CancellationToken cancellation)
    {
        var happened = stored.Event;
        var type = NoticeLetter.TypeOf(letter.Subscription);
        if (plan.Notices.FirstOrDefault(n => n.Type == type && n.From == happened.Type && Hooks.IsOf(n.Backend, happened.Source)) is not { } notice)
            return new NoticeFault(DeliveryCause.NoticeGone, $"no API tells {type} of {happened.Type} any more");
        using var data = JsonDocument.Parse(happened.Data);
        var told = new HookEvent(happened.Id, happened.Type, happened.Subject, happened.Time, data.RootElement) { Source = Hooks.SourceIn(notice.Backend, happened.Source), PartitionKey = happened.PartitionKey, Standing = happened.Standing };
        var verdicts = notice.Judge(told).Where(v => letter.Tenant == NoticeLetter.Nobody || v.Partner == letter.Tenant).ToList();
        if (verdicts.Count == 0 && letter.Tenant != NoticeLetter.Nobody) return new NoticeFault(DeliveryCause.BuyerMissing, $"it names no buyer of {letter.Tenant} any more");
        foreach (var verdict in verdicts.Where(v => v.Data is not null))
            await AppendAsync(plan.EventTypes, EventOf(notice, told, verdict.Partner, verdict.Data!.Value, happened.CorrelationId), isNew: false, cancellation);
        return verdicts.FirstOrDefault(v => v.Data is null) is { } wrong ? new NoticeFault(wrong.Cause ?? DeliveryCause.Unknown, wrong.Reason ?? "") : null;
    }

    private async ValueTask KeepAsync(Notice notice, HookEvent told, NoticeVerdict verdict, string correlation, CancellationToken cancellation)
    {
        LogUnusable(notice.Backend, told.Type, told.Subject, notice.Type, verdict.Partner, verdict.Reason ?? "", correlation);
        if (await store.FindEventAsync(Hooks.SourceOf(notice.Backend, told), told.Id, cancellation) is not { } stored) return;
        var now = clock.GetUtcNow();
        var cause = verdict.Cause ?? DeliveryCause.Unknown;
        await store.AddDeadAsync(NoticeLetter.Of(stored, verdict.Partner, notice.Type, cause, now), new DeliveryAttempt(1, now, TimeSpan.Zero, 0, verdict.Reason) { Cause = cause }, cancellation);
    }

    /// <param name="isNew">Else it is of an event that is known: whoever repeats that after its window tells nothing twice by it.</param>
    private async ValueTask AppendAsync(EventTypes catalogue, NewEvent happened, bool isNew, CancellationToken cancellation)
    {
        var keyed = catalogue.Keyed(happened);
        if (await store.AppendEventAsync(isNew ? keyed : keyed with { Window = null }, cancellation)) reports.Look(catalogue, [happened], happened.Type);
    }

    private static NewEvent EventOf(Notice notice, HookEvent told, string partner, ReadOnlyMemory<byte> data, string? correlation) =>
        new(IdOf(notice, told, partner), partner, notice.Type, "/" + notice.Api, told.Subject, told.Subject, told.Time, data)
        {
            TraceParent = Activity.Current?.Id,
            CorrelationId = correlation,
            Standing = told.Standing,
            IfNewest = true,
        };

    /// <summary>The same for the same fact, whichever node hears of it; nothing of the backend shows in it.</summary>
    private static string IdOf(Notice notice, HookEvent told, string partner)
    {
        string[] fact = [notice.Type, notice.Backend, partner, told.Id];
        return "evt_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', told.Source is { } source ? [.. fact, source] : fact)))[..16]);
    }

    [LoggerMessage(1, LogLevel.Error, "Backend {Backend} told {From} of {Subject}, and nothing of it could be told to a partner: {Type} for {Partner}: {Reason} (correlation {CorrelationId})")]
    private partial void LogUnusable(string backend, string from, string subject, string type, string partner, string reason, string correlationId);
}

/// <summary>Letters of notices, told by the Plan that runs when they are sent again.</summary>
public sealed class NoticeRetelling(Notices notices, CurrentPlan plans)
{
    public ValueTask<NoticeFault?> RetellAsync(EventDelivery letter, StoredEvent told, CancellationToken cancellation) => notices.RetellAsync(plans.Current, letter, told, cancellation);
}
