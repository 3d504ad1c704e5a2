using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Pipeline.Hooks;

namespace Gateway.Pipeline.Changes;

/// <summary>
/// Webhooks that say that something has changed, <c>POST /hooks/NAME/SECRET</c>. Their sender waits, and a person behind it, so they are answered as soon
/// as they are stored; they are signed by nobody, so nothing of them is believed but where to look. No log, trace or audit shows their path.
/// </summary>
public sealed partial class ChangeHints(ChangeFeeds feeds, HookBrake brake, AuditTrail audit, TimeProvider clock, ILogger<ChangeHints> log)
{
    public const string Header = "X-Hook-Secret";

    private const string Tenant = "-";

    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(5);

    private const long MaxBody = 64 << 10;

    /// <summary>The pattern of a backend's hints; the secret is a header where it does not stand there.</summary>
    public static string PatternOf(string backend) => Hooks.Hooks.PathOf(backend) + "/{secret?}";

    public async Task ReceiveAsync(HttpContext http, Backend backend, Plan plan)
    {
        Activity.Current?.SetTag("url.path", Hooks.Hooks.PathOf(backend.Name));
        var (began, correlation) = (clock.GetUtcNow(), CorrelationId.Of(http));
        await SocketThread.LeaveAsync();
        var refusal = brake.Stop(http, plan) ?? await TakeAsync(http, backend);
        brake.Note(http, plan, refusal);
        if (refusal is null)
        {
            http.Response.Headers[Answers.CorrelationHeader] = correlation;
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        else
        {
            LogRefused(backend.Name, refusal.Reason ?? refusal.Detail, correlation);
            await Problems.WriteAsync(http, refusal, plan.Problem);
        }
        await audit.AddAsync(new AuditRecord(began, Tenant, null, "hooks/" + backend.Name, http.Request.Method, Hooks.Hooks.PathOf(backend.Name), plan.Revision, correlation,
            http.Response.StatusCode, refusal is null ? "hint" : Problems.PageOf(refusal.Failure))
        {
            TraceId = Activity.Current?.TraceId.ToHexString(),
            Reason = refusal?.Reason,
            Address = http.Connection.RemoteIpAddress?.ToString(),
            Milliseconds = (clock.GetUtcNow() - began).TotalMilliseconds,
        });
    }

    private async ValueTask<Refusal?> TakeAsync(HttpContext http, Backend backend)
    {
        var source = backend.Changes!;
        if (!IsKnown(http.GetRouteValue("secret") as string ?? http.Request.Headers[Header].ToString(), source.Options.Hints!.Secrets))
            return new Refusal(Failure.Unauthenticated, "Nothing proves whose webhook this is.") { Reason = "hint-secret-wrong", Challenge = "Webhook realm=\"gateway\"" };
        var (body, fault) = await HookBytes.ReadAsync(http, MaxBody);
        if (body is null) return fault;
        if (HintIn(body, source) is not { } hint) return new Refusal(Failure.MalformedBody, "The webhook can't be read.") { Reason = "it names no model and no id" };
        try
        {
            await feeds.HintAsync(backend.Name, hint, http.RequestAborted);
        }
        catch (StoreUnavailableException away)
        {
            return new Refusal(Failure.StoreUnavailable, "The hint can't be stored. Send it again.") { Reason = away.Message, RetryAfter = SoonAgain };
        }
        LogTaken(backend.Name, string.Join(", ", hint.Kinds), hint.Id);
        return null;
    }

    private static Hint? HintIn(byte[] body, ChangeSource source)
    {
        try
        {
            return JsonBody.IsText(body) ? source.ReadHint(JsonElement.Parse(body, JsonBody.Strict)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Compared by hash, each with the same work, so that time tells nothing.</summary>
    private static bool IsKnown(string given, IReadOnlyList<Secret> secrets)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        var known = false;
        foreach (var secret in secrets)
            known |= secret.Reveal() is { Length: >= HintOptions.LeastSecret } value && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(value)), hash);
        return known;
    }

    [LoggerMessage(1, LogLevel.Warning, "A hint to backend {Backend} was refused: {Reason} (correlation {CorrelationId})")]
    private partial void LogRefused(string backend, string reason, string correlationId);

    [LoggerMessage(2, LogLevel.Debug, "Backend {Backend} hints at {Kinds} {Id}")]
    private partial void LogTaken(string backend, string kinds, int id);
}
