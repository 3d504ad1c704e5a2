using System.Text.Json;
using Gateway.Keys;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>
/// API keys of consumers: issued, rotated, taken back. A key is told once, in the answer that issues it; store, audit and lists have its id.
/// Act and record are one transaction.
/// </summary>
internal sealed class KeyActs(KeyBook keys, CurrentPlan plans, TimeProvider clock)
{
    /// <summary>Keys of one consumer that may hold at a time: the one in use, and the one that replaces it.</summary>
    private const int MostAtOnce = 2;

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>Of a device: devices get lost.</summary>
    private static readonly TimeSpan DeviceLifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongestOfDevice = TimeSpan.FromDays(90);

    /// <summary>How long a key that is replaced holds on, for who carries the new one out.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary><c>?consumer=…</c>: keys, newest first; those that no longer hold too.</summary>
    public Task ListAsync(HttpContext http)
    {
        var wanted = http.Request.Query["consumer"].ToString();
        return Views.Write(http, keys.All.Where(k => wanted.Length == 0 || k.Consumer == wanted).OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id).Select(Shown));
    }

    public async Task<Acted> IssueAsync(OperatorRequest request)
    {
        if (Wish(request.Body, out var wish) is { } malformed) return malformed;
        if (!plans.Current.Consumers.TryGetValue(wish.Consumer ?? "", out var consumer))
            return Bad($"There is no consumer '{wish.Consumer}': {Nearest.Cure(wish.Consumer ?? "", plans.Current.Consumers.Keys)}.", "consumer-unknown");
        if (wish.Scopes?.FirstOrDefault(scope => !consumer.Scopes.Contains(scope)) is { } more)
            return Bad($"{consumer.Name} does not have the scope '{more}', so no key of it can: {Nearest.Cure(more, consumer.Scopes)}.", "scope-not-granted");
        if (KeyWish.Until(wish.Expires, clock.GetUtcNow(), LifetimeOf(consumer), out var expires) is { } wrong) return Bad(wrong, "expires-malformed");
        if (TooLong(consumer, expires) is { } endless) return endless;
        if (Holding(consumer) is { Count: >= MostAtOnce } held)
            return Acted.Refused(Failure.WrongState, $"{consumer.Name} has {MostAtOnce} keys that hold already, {string.Join(" and ", held.Select(k => k.Id))}; revoke one first.", "too-many-keys");
        var (kept, key) = keys.Make(consumer, wish.Scopes, consumer.Location, expires);
        return await TellAsync(request, kept, key, replaced: null);
    }

    public async Task<Acted> RotateAsync(OperatorRequest request)
    {
        if (Wish(request.Body, out var wish) is { } malformed) return malformed;
        if (Known(request, out var old) is { } unknown) return unknown;
        var now = clock.GetUtcNow();
        if (!old.HoldsAt(now) || old.ReplacedBy is not null)
            return Acted.Refused(Failure.WrongState, $"The key is {State(old)}; only one that holds, and is not replaced yet, is rotated.", "key-not-held") with { Tenant = old.Tenant };
        if (!plans.Current.Consumers.TryGetValue(old.Consumer, out var consumer))
            return Acted.Refused(Failure.WrongState, $"The consumer '{old.Consumer}' is no longer in the workspace.", "consumer-unknown") with { Tenant = old.Tenant };
        if (KeyWish.Until(wish.Expires, now, old.ExpiresAt - old.CreatedAt, out var expires) is { } wrong) return Bad(wrong, "expires-malformed");
        if (TooLong(consumer, expires) is { } endless) return endless;
        if (KeyWish.Until(wish.Overlap, now, Overlap, out var overlap) is { } badOverlap) return Bad(badOverlap, "overlap-malformed");
        if (overlap is not { } ends) return Bad("A key that is replaced ends: write a duration or a date as overlap.", "overlap-never");
        if (Holding(consumer).Find(k => k.Id != old.Id) is { } other)
            return Acted.Refused(Failure.WrongState, $"{consumer.Name} has another key that holds, {other.Id}; revoke one of them first.", "too-many-keys") with { Tenant = old.Tenant };
        var (kept, key) = keys.Make(consumer, old.Scopes, consumer.Location, expires);
        return await TellAsync(request, kept, key, old with { ReplacedBy = kept.Id, ExpiresAt = old.ExpiresAt < ends ? old.ExpiresAt : ends });
    }

    public async Task<Acted> RevokeAsync(OperatorRequest request)
    {
        if (Known(request, out var key) is { } unknown) return unknown;
        if (key.RevokedAt is not null) return Acted.Refused(Failure.WrongState, "The key was taken back before.", "key-revoked") with { Tenant = key.Tenant };
        var revoked = key with { RevokedAt = clock.GetUtcNow() };
        var acted = new Acted { Tenant = key.Tenant, Before = Shown(key), After = Shown(revoked), Answer = Shown(revoked), Recorded = true };
        return await keys.RevokeAsync(key, request.Record(acted), request.Aborted) ? acted : Changed(key);
    }

    private async Task<Acted> TellAsync(OperatorRequest request, IssuedKey kept, string key, IssuedKey? replaced)
    {
        var before = replaced is null ? null : keys.Known(replaced.Id);
        var acted = new Acted
        {
            Status = StatusCodes.Status201Created,
            Tenant = kept.Tenant,
            Target = kept.Id,
            Before = before is null ? null : Shown(before),
            After = replaced is null ? Shown(kept) : new { issued = Shown(kept), replaced = Shown(replaced) },
            Answer = new { key, issued = Shown(kept), replaced = replaced is null ? null : Shown(replaced) },
            Recorded = true,
        };
        return await keys.IssueAsync(kept, replaced, request.Record(acted), request.Aborted) ? acted : Changed(kept);
    }

    private Acted? Known(OperatorRequest request, out IssuedKey key)
    {
        key = keys.Known(request.Parameter("id"))!;
        return key is null ? Acted.Refused(Failure.NotFound, "There is no key of this id.", "key-unknown") : null;
    }

    private Acted? TooLong(Consumer consumer, DateTimeOffset? expires) => consumer.Kind == ConsumerKind.Device && !(expires <= clock.GetUtcNow() + LongestOfDevice)
        ? Bad($"{consumer.Name} is a device, and keys of devices end within {LongestOfDevice.TotalDays:0} days: write a duration or a date.", "expires-too-late")
        : null;

    private static TimeSpan LifetimeOf(Consumer consumer) => consumer.Kind == ConsumerKind.Device ? DeviceLifetime : Lifetime;

    private List<IssuedKey> Holding(Consumer consumer) => [.. keys.All.Where(k => k.Consumer == consumer.Name && k.HoldsAt(clock.GetUtcNow()))];

    private static Acted? Wish(JsonElement? body, out KeyWish wish)
    {
        wish = new KeyWish();
        if (body is not { } given) return null;
        try
        {
            wish = given.Deserialize<KeyWish>(Views.Strict)!;
            return null;
        }
        catch (JsonException)
        {
            return Bad("The body may say consumer, scopes, expires, overlap and reason; scopes is a list, the others are text.", "body-malformed");
        }
    }

    private static Acted Bad(string detail, string reason) => Acted.Refused(Failure.MalformedRequest, detail, reason);

    private static Acted Changed(IssuedKey key) =>
        Acted.Refused(Failure.WrongState, "Somebody else changed the key in the meantime; look at it again.", "key-changed") with { Tenant = key.Tenant };

    private object Shown(IssuedKey key) => new
    {
        key.Id,
        key.Consumer,
        Partner = key.Tenant,
        State = State(key),
        key.Scopes,
        key.Location,
        key.CreatedAt,
        key.ExpiresAt,
        key.RevokedAt,
        key.ReplacedBy,
        key.LastUsedAt,
    };

    private string State(IssuedKey key) => key switch
    {
        { RevokedAt: not null } => "revoked",
        _ when !key.HoldsAt(clock.GetUtcNow()) => "expired",
        _ when plans.Current.Consumers.GetValueOrDefault(key.Consumer) is not { } consumer || consumer.Partner.Name != key.Tenant || consumer.Location != key.Location => "orphaned",
        { ReplacedBy: not null } => "replaced",
        _ => "holds",
    };
}
