using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration.Yaml;
using Gateway.Delivery.Redis;
using Gateway.Pipeline;
using Gateway.Pipeline.Changes;

namespace Gateway.Admin;

/// <summary>What the admin port shows, as JSON.</summary>
internal static class Views
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new DurationJson() },
    };

    /// <summary>The same for what operators send: a member that is not known is told, not passed over.</summary>
    public static readonly JsonSerializerOptions Strict = new(Json) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>The same on one line, for the audit.</summary>
    public static readonly JsonSerializerOptions Compact = new(Json) { WriteIndented = false };

    /// <summary>Ready since the Plan compiled and the store answered; a refused reload and a credential that ends show, and do not unready the node.</summary>
    /// <param name="whole">False for strangers: they are told the status alone.</param>
    public static Task Ready(HttpContext http, CurrentPlan plans, CredentialWatch credentials, RedisConnection redis, FeedBoard feeds, TimeProvider clock, bool whole) => Write(http, whole
        ? new
        {
            status = "ready",
            revision = plans.Current.Revision,
            since = plans.Since,
            workspace = plans.LastAttempt is { Taken: false } ? "the last change was refused; see /plan" : "ok",
            redis = redis.IsDeclared ? redis.State : (RedisState?)null,
            credentials = credentials.Now,
            backends = plans.Current.Backends.Values.Where(b => b.Findings is not null).Select(b => new { name = b.Name, what = b.Findings!.What, lacks = b.Findings.Lacks }),
            changes = feeds.Reports is { Count: > 0 } reports ? reports.Select(r => new { feed = r.Feed, lookedAt = r.LookedAt, lagSeconds = feeds.LagOf(r), trouble = r.Trouble }) : null,
            certificates = plans.Current.Followed is { Count: > 0 } followed ? followed.Select(f => new { name = f.Name, expires = f.Expires, trouble = f.TroubleAt(clock.GetUtcNow()) }) : null,
        }
        : (object)new { status = "ready" });

    public static Task Plan(HttpContext http, CurrentPlan plans)
    {
        var plan = plans.Current;
        return Write(http, new
        {
            revision = plan.Revision,
            since = plans.Since,
            reload = plans.Mode,
            lastAttempt = new
            {
                at = plans.LastAttempt?.At,
                taken = plans.LastAttempt?.Taken,
                trouble = plans.LastAttempt?.Trouble,
                diagnostics = plans.LastAttempt?.Diagnostics.Select(d => d.ToString()),
            },
            routes = plan.Routes.Select(r => new
            {
                name = r.Name,
                api = r.Api,
                match = $"{r.Method} {r.Pattern}",
                version = r.Version is { } version ? $"{version.Header}: {version.Value}" : null,
                lifecycle = r.Life?.Lifecycle,
                sunset = r.Life?.Sunset,
                policies = r.Policies,
                target = r.Target switch
                {
                    PlanTarget.Call { Accepting.Always: true } later => "accepted for " + later.Operation.FullName,
                    PlanTarget.Call call => call.Operation.FullName,
                    PlanTarget.Forward forward => "forward to " + forward.Backend,
                    _ => "",
                },
            }),
        });
    }

    /// <summary><c>?state=pending|delivered|dead|skipped</c>: deliveries, newest first, each with its attempts.</summary>
    public static async Task Deliveries(HttpContext http, IStore store)
    {
        DeliveryState? state = Enum.TryParse<DeliveryState>(http.Request.Query["state"], ignoreCase: true, out var wanted) ? wanted : null;
        var shown = new List<object>();
        foreach (var delivery in await store.DeliveriesAsync(state, 100, http.RequestAborted))
        {
            shown.Add(new
            {
                delivery.Id,
                delivery.Tenant,
                delivery.Subscription,
                delivery.State,
                delivery.NextAt,
                // What was said in each is shown one by one, and the audit tells to whom.
                attempts = (await store.AttemptsAsync(delivery.Id, http.RequestAborted)).Select(a => a with { Details = null }),
            });
        }
        await Write(http, shown);
    }

    public static Task Write(HttpContext http, object view)
    {
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, view, Json, http.RequestAborted);
    }

    /// <summary>Durations are shown as a workspace writes them: <c>5d</c>. What operators send has none that is not text.</summary>
    private sealed class DurationJson : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Durations are read as text.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(Scalars.Written(value));
    }
}
