using Gateway.Pipeline.Accepted;

namespace Gateway.Pipeline;

/// <summary>Work that is accepted in place of being called: always, where the route says so, or where it could not be sent.</summary>
public sealed partial class ExactlyOnce
{
    /// <summary>The intent as it waits, where nothing is sent while the caller does; null where it is called now, for nothing of its lane waits.</summary>
    private async ValueTask<Intent?> InLineAsync(Exchange exchange, PlanTarget.Call target, Intent intent)
    {
        if (target.Accepting is not { } accepting || (!accepting.Always && accepting.InOrderOf.Count == 0)) return null;
        var line = LineOf(exchange, accepting, intent);
        return accepting.Always || await exchange.Store.IsWaitingAsync(line.Lane, exchange.Aborted) ? intent with { State = IntentState.Waiting, Line = line } : null;
    }

    private Line LineOf(Exchange exchange, Accepting accepting, Intent intent)
    {
        var (line, trouble) = Acceptances.LineOf(exchange, accepting, intent);
        if (trouble is not null) NotUrgent(exchange.Route.Name, trouble, exchange.CorrelationId);
        return line;
    }

    /// <summary>Stores what is forwarded later. The answer is made before: the audit record of the same transaction tells it.</summary>
    private async ValueTask<BeginResult> AcceptAsync(Exchange exchange, PlanTarget.Call target, Intent waiting)
    {
        exchange.Answer = Receipts.Taken(exchange, target, waiting);
        try
        {
            var begun = await exchange.Store.AcceptAsync(Acceptances.Of(exchange, target, waiting), CancellationToken.None);
            if (begun is not BeginResult.Granted) return begun;
            exchange.Audited = true;
            work.Accepted.Ring();
            return begun;
        }
        catch (Exception failed)
        {
            exchange.Answer = null;
            if (failed is StoreUnavailableException { NothingWritten: true }) work.Leave(waiting.Id);
            else work.KeepUnsent(waiting);
            throw;
        }
    }

    /// <summary>Nothing was sent, and the route forwards that later: the caller is told so. False where somebody has taken the intent over.</summary>
    private async ValueTask<bool> TryPutInLineAsync(Exchange exchange, PlanTarget.Call target, Accepting accepting, Intent intent)
    {
        var waiting = intent with { Line = LineOf(exchange, accepting, intent) };
        var refusal = exchange.Refusal;
        (exchange.Refusal, exchange.Answer) = (null, Receipts.Taken(exchange, target, waiting));
        try
        {
            exchange.Audited = await exchange.Store.PutInLineAsync(Acceptances.Of(exchange, target, waiting), CancellationToken.None) is not null;
        }
        catch
        {
            work.KeepUnsent(intent);
            exchange.Intent = null;
            throw;
        }
        if (exchange.Audited) work.Accepted.Ring();
        else (exchange.Refusal, exchange.Answer) = (refusal, null);
        return exchange.Audited;
    }

    /// <summary>It was accepted before, and has no end yet.</summary>
    private static void Take(Exchange exchange, PlanTarget.Call target, Intent intent)
    {
        exchange.Answer = Receipts.Taken(exchange, target, intent);
        exchange.Idempotency?.Replayed = true;
    }
}
