namespace Gateway.Policies.Idempotency;

/// <summary>What a request gets whose idempotency key is known already.</summary>
public static class Replay
{
    /// <summary>Answers a key that is known, nearby or in the store; goes on with one that is new.</summary>
    public static async ValueTask GoOnOrAnswerAsync(Exchange exchange, KeyScope key, ExchangeDelegate next)
    {
        var known = exchange.Idempotency!;
        switch (await exchange.Near.LookAsync(key, known.Fingerprint, exchange.Aborted))
        {
            case Near.Answered(var record):
                await AnswerAsync(exchange, record);
                break;
            case Near.AtWork:
                exchange.Refusal = StillRunning;
                break;
            case Near.Turn turn:
                try
                {
                    await AskStoreAsync(exchange, key, next);
                }
                finally
                {
                    exchange.Near.End(turn, known.Stored, known.KeepFor);
                }
                break;
            default:
                await AskStoreAsync(exchange, key, next);
                break;
        }
    }

    private static async ValueTask AskStoreAsync(Exchange exchange, KeyScope key, ExchangeDelegate next)
    {
        if (await exchange.Store.FindKeyAsync(key, exchange.Aborted) is { } record && !await AnswerAsync(exchange, record)) return;
        await next(exchange);
    }

    /// <summary>
    /// Sets the stored answer, or the refusal; or, where the work was done but never answered, what is needed to answer it now,
    /// and returns true: then the road goes on, and calls nothing. So it is with work that was accepted and has no end yet.
    /// </summary>
    public static async ValueTask<bool> AnswerAsync(Exchange exchange, KeyRecord known)
    {
        if (known.Fingerprint != exchange.Idempotency!.Fingerprint)
        {
            exchange.Refuse(Failure.IdempotencyKeyReused, "This Idempotency-Key came before with other content. Send a new key for a new request.");
            return false;
        }
        if (known.Answer is null && known.IntentId is { } id)
        {
            if (await SettleAsync(exchange, id) is { } finished)
            {
                exchange.Idempotency.Finished = finished;
                return true;
            }
            if (exchange.Refusal is not null) return false;
            known = await exchange.Store.FindKeyAsync(known.Scope, exchange.Aborted) ?? known;
        }
        if (known.Answer is null)
        {
            exchange.Refusal = StillRunning;
            return false;
        }
        exchange.Answer = known.Answer;
        exchange.Idempotency.Replayed = true;
        return false;
    }

    /// <summary>The request that holds a key or a reference has not ended yet.</summary>
    public static Refusal StillRunning { get; } = new(Failure.StillRunning, "The same request is still being worked on. Ask again with the same Idempotency-Key.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>
    /// Finds out what became of an intent: the intent when it succeeded without an answer, or is accepted and on its way; else null, and a refusal where it can't be
    /// known yet. Null without a refusal: look the key up again.
    /// </summary>
    private static async ValueTask<Intent?> SettleAsync(Exchange exchange, string id)
    {
        if (await exchange.Store.FindIntentAsync(id, exchange.Aborted) is not { } intent) return null;
        // Without what it ended with it would look as if nothing had been done.
        if (intent is { State: IntentState.Succeeded or IntentState.Undone, Unreadable: { } lost }) throw new StoreUnavailableException(lost, new InvalidOperationException(lost));
        if (intent.State is IntentState.Succeeded or IntentState.Undone || intent.IsOnItsWay) return intent;
        if (intent.State != IntentState.Open) return null;
        exchange.Refusal = Refuse(await exchange.Settle(intent, exchange.Aborted));
        if (exchange.Refusal is not null) return null;
        return await exchange.Store.FindIntentAsync(id, exchange.Aborted) is { State: IntentState.Succeeded or IntentState.Undone, Unreadable: null } settled
            && await exchange.Store.FindKeyAsync(new KeyScope(intent.Tenant, intent.Route, intent.Key!), exchange.Aborted) is { Answer: null }
                ? settled
                : null;
    }

    /// <summary>The refusal for work that could not be settled; null when it was.</summary>
    public static Refusal? Refuse(Settlement settlement) => settlement switch
    {
        Settlement.Settled => null,
        Settlement.AtWork => StillRunning,
        Settlement.Undecided => new Refusal(Failure.OutcomeUnknown, "An earlier request with this key or reference was cut off, and the backend can't tell whether it was carried out. One of our operators decides. Send nothing under another key or reference; ask again with this one.")
        {
            RetryAfter = TimeSpan.FromMinutes(1),
        },
        Settlement.Unknown => new Refusal(Failure.OutcomeUnknown, "An earlier request with this key or reference was cut off, and it is not known yet whether it was carried out. It will be settled without your help; ask again.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        },
        _ => new Refusal(Failure.BackendUnavailable, "An earlier request with this key or reference was cut off, and the backend can't be asked about it at the moment. Ask again with the same key.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        },
    };
}
