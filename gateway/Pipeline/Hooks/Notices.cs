using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Pipeline.Hooks;

/// <summary>
/// Makes events of partners out of what backends tell. Each has an id made of the backend's, so a webhook that comes again tells nothing twice; one that
/// was cut off between two events is told whole when its sender repeats it.
/// </summary>
public sealed partial class Notices(IStore store, EventReports reports, ILogger<Notices> log)
{
    /// <exception cref="StoreUnavailableException">The sender is to send it again.</exception>
    public async ValueTask TellAsync(Plan plan, string backend, HookEvent told, string correlation, CancellationToken cancellation)
    {
        foreach (var notice in plan.Notices)
        {
            if (notice.Backend != backend || notice.From != told.Type) continue;
            foreach (var verdict in notice.Judge(told))
            {
                if (verdict.Data is { } data) await AppendAsync(plan.EventTypes, EventOf(notice, told, verdict.Partner, data, correlation), cancellation);
                else LogUnusable(backend, told.Type, told.Subject, notice.Type, verdict.Partner, verdict.Reason ?? "", correlation);
            }
        }
    }

    private async ValueTask AppendAsync(EventTypes catalogue, NewEvent happened, CancellationToken cancellation)
    {
        if (await store.AppendEventAsync(catalogue.Keyed(happened), cancellation)) reports.Look(catalogue, [happened], happened.Type);
    }

    private static NewEvent EventOf(Notice notice, HookEvent told, string partner, ReadOnlyMemory<byte> data, string correlation) =>
        new(IdOf(notice, told, partner), partner, notice.Type, "/" + notice.Api, told.Subject, told.Subject, told.Time, data)
        {
            TraceParent = Activity.Current?.Id,
            CorrelationId = correlation,
        };

    /// <summary>The same for the same fact, whichever node hears of it; nothing of the backend shows in it.</summary>
    private static string IdOf(Notice notice, HookEvent told, string partner) =>
        "evt_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', notice.Type, notice.Backend, partner, told.Id)))[..16]);

    [LoggerMessage(1, LogLevel.Error, "Backend {Backend} told {From} of {Subject}, and nothing of it could be told to a partner: {Type} for {Partner}: {Reason} (correlation {CorrelationId})")]
    private partial void LogUnusable(string backend, string from, string subject, string type, string partner, string reason, string correlationId);
}
