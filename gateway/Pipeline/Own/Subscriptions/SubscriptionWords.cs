using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Adapters.Canonical;
using Gateway.Delivery.Webhooks;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>Subscriptions and their deliveries in canonical words.</summary>
internal static class SubscriptionWords
{
    /// <summary>Attempts of one delivery that are shown, the last ones.</summary>
    public const int MostAttempts = 5;

    private const int LongestText = 1000;

    private static readonly CanonicalJson Relaxed = new(new JsonSerializerOptions(CanonicalJson.Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static SignatureAlgorithmCode AlgorithmOf(StoredSubscription kept) =>
        SigningSecret.IsPair(kept.Terms!.Secrets[0]) ? SignatureAlgorithmCode.Ed25519 : SignatureAlgorithmCode.HmacSha256;

    /// <param name="kept">With its terms.</param>
    /// <param name="endpoint">How its endpoint does; null where it never failed.</param>
    /// <param name="isNew">Its secret is shown: it was made just now.</param>
    public static WebhookSubscriptionResponse Of(StoredSubscription kept, EndpointState? endpoint, DateTimeOffset now, bool isNew = false)
    {
        var terms = kept.Terms!;
        var signs = terms.OldSecretsUntil <= now ? terms.Secrets.Take(1) : terms.Secrets;
        var keys = signs.Select(SigningSecret.PublicOf).OfType<string>().ToList();
        return new WebhookSubscriptionResponse
        {
            Id = kept.Id,
            Version = kept.Version,
            Name = kept.Name,
            Url = new Uri(terms.Url),
            EventTypes = terms.Types,
            Condition = terms.When,
            Mapping = terms.Mapping,
            SignatureAlgorithmCode = AlgorithmOf(kept),
            DeliveryOrderCode = terms.Order == WebhookOrder.Fifo ? DeliveryOrderCode.Fifo : DeliveryOrderCode.Unordered,
            ContentModeCode = terms.Mode == WebhookMode.Binary ? ContentModeCode.Binary : ContentModeCode.Structured,
            EndpointStatusCode = endpoint switch { { DisabledAt: not null } => EndpointStatusCode.Disabled, { FailingSince: not null } => EndpointStatusCode.Failing, _ => EndpointStatusCode.Working },
            EndpointStatusReason = endpoint switch
            {
                // An operator's words are for operators.
                { DisabledAt: not null, IsHeld: true } => "our people have disabled it; ask them",
                { DisabledAt: not null, Reason: { Length: > 0 } reason } => Short(reason),
                { FailingSince: { } since } => $"nothing has arrived since {since:yyyy-MM-dd HH:mm} UTC",
                _ => null,
            },
            SigningSecret = isNew && !SigningSecret.IsPair(terms.Secrets[0]) ? terms.Secrets[0] : null,
            OldSecretEndDateTime = terms.OldSecretsUntil > now ? Text(terms.OldSecretsUntil.Value) : null,
            PublicKeys = keys.Count > 0 ? keys : null,
            ConditionFailure = kept.Trouble is { } trouble
                ? new ConditionFailure { FailureDateTime = Text(trouble.At), FailureCount = trouble.Count, FailureDescription = Short(trouble.Error) }
                : null,
            IssueDateTime = Text(kept.CreatedAt),
            LastChangeDateTime = Text(kept.ChangedAt),
        };
    }

    /// <param name="attempts">Oldest first.</param>
    public static WebhookDelivery Of(SubscriptionDelivery told, IReadOnlyList<DeliveryAttempt> attempts) => new()
    {
        Id = told.Delivery.Id,
        EventId = told.EventId,
        EventTypeCode = told.Type,
        SubjectId = told.Subject,
        DeliveryStatusCode = told.Delivery.State switch
        {
            DeliveryState.Delivered => WebhookDeliveryStatusCode.Delivered,
            DeliveryState.Dead => WebhookDeliveryStatusCode.Dead,
            DeliveryState.Skipped => WebhookDeliveryStatusCode.Skipped,
            _ => WebhookDeliveryStatusCode.Pending,
        },
        AttemptCount = told.Delivery.Attempts,
        FailureCause = told.Delivery.Cause,
        IssueDateTime = Text(told.Delivery.CreatedAt),
        NextAttemptDateTime = told.Delivery is { State: DeliveryState.Pending, NextAt: { } next } ? Text(next) : null,
        Attempts = [.. attempts.Reverse().Take(MostAttempts).Select(a => new WebhookAttempt
        {
            AttemptNumber = a.Number,
            AttemptDateTime = Text(a.At),
            DurationMilliseconds = (long)a.Duration.TotalMilliseconds,
            HttpStatusCode = a.Status > 0 ? a.Status : null,
            FailureDescription = a.Error is { Length: > 0 } error ? Short(error) : null,
        })],
    };

    public static ReadOnlyMemory<byte> Write<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, (JsonTypeInfo<T>)Relaxed.GetTypeInfo(typeof(T))!);

    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
