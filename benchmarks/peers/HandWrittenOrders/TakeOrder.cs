using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.RateLimiting;

namespace HandWrittenOrders;

/// <summary>Who may order: one partner, its buyers and its warehouse.</summary>
internal sealed record Partner(string Name, IReadOnlySet<string> Buyers, string Warehouse);

/// <summary>POST /v1/orders: checked, stored, taken into Odoo exactly once, stored again, answered.</summary>
internal sealed class TakeOrder(Ledger ledger, Odoo odoo, Partner partner, TimeProvider clock, ILogger<TakeOrder> log)
{
    public const string MeterName = "Orders";

    private const int MaxBody = 256 * 1024;
    private const int MaxKey = 255;

    /// <summary>Time for the calls to Odoo; half as long again after the intent was stored, nothing of it can be running any more.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("orders.duration", "s");
    private static readonly SearchValues<char> Harmless = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public async Task RunAsync(HttpContext http, PartitionedRateLimiter<HttpContext> limiter)
    {
        var started = clock.GetTimestamp();
        var at = clock.GetUtcNow();
        var correlationId = CorrelationId(http);
        http.Response.Headers["X-Correlation-Id"] = correlationId;
        WriteLimits(http, limiter);
        var (status, outcome, audited) = await TakeAsync(http, correlationId, at, started);
        var took = clock.GetElapsedTime(started);
        Duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
        if (!audited) await ledger.AuditAsync(AuditOf(http, correlationId, at, started, status, outcome));
    }

    /// <summary>For work whose caller is gone: what was done is completed, what never arrived is sent again.</summary>
    public async Task SettleAsync(Intent intent, CancellationToken stop)
    {
        var input = JsonSerializer.Deserialize(intent.Input, OdooJson.Default.OdooInput)!;
        var order = JsonSerializer.Deserialize(intent.Canonical, Json.Default.Order)!;
        var audit = new Audit(clock.GetUtcNow().Ticks, intent.Tenant, null, "POST", "/v1/orders", intent.CorrelationId, null, StatusCodes.Status201Created, "done", 0);
        try
        {
            var kept = await odoo.FindOrderAsync(intent.ExternalId, intent.CorrelationId, stop) ?? await odoo.CreateAsync(input, intent.ExternalId, intent.CorrelationId, stop);
            await CompleteAsync(intent, order, input, kept, audit);
        }
        catch (OdooRefusedException refused)
        {
            var problem = new Problem("/problems/business-refused", "The backend refuses the request", 422, refused.Message);
            await ledger.CloseAsync(intent, JsonSerializer.SerializeToUtf8Bytes(problem, Json.Default.Problem), audit with { Status = 422, Outcome = "business-refused" });
        }
    }

    private async Task<(int Status, string Outcome, bool Audited)> TakeAsync(HttpContext http, string correlationId, DateTimeOffset at, long started)
    {
        if (!http.Request.HasJsonContentType()) return await RefuseAsync(http, 415, "unsupported-media-type", "Send application/json.");
        if (http.Request.Headers["Idempotency-Key"] is not [{ } header] || KeyOf(header) is not { } key)
            return await RefuseAsync(http, 400, "idempotency-key-missing", "The header Idempotency-Key must be one string of 1 to 255 visible ASCII characters.");
        if (http.Request.ContentLength > MaxBody) return await RefuseAsync(http, 413, "body-too-large", $"The body is longer than {MaxBody} bytes.");
        var body = await ReadAsync(http);
        if (body is null) return await RefuseAsync(http, 413, "body-too-large", $"The body is longer than {MaxBody} bytes.");
        Order? order;
        try
        {
            order = JsonSerializer.Deserialize(body, Json.Default.Order);
        }
        catch (JsonException broken)
        {
            return await RefuseAsync(http, 422, "contract-broken", $"The body is not an order: {broken.Path}");
        }
        if (order is null) return await RefuseAsync(http, 422, "contract-broken", "The body is not an order.");
        var fingerprint = FingerprintOf(order);
        if (ledger.FindKey(partner.Name, key) is { } known) return await ReplayAsync(http, known, fingerprint);
        if (OrderRules.Broken(order) is { } findings) return await RefuseAsync(http, 422, "contract-broken", "The body does not meet the contract.", findings);
        if (OrderRules.Refused(order, partner.Buyers) is { } wrong) return await RefuseAsync(http, 422, "mapping-refused", wrong);

        var input = Mapping.ToOdoo(order, partner.Warehouse);
        var intent = new Intent(NewId("int"), partner.Name, key, fingerprint, ExternalId(order), NewId("ord"), correlationId, Activity.Current?.Id, at.Ticks,
            body, JsonSerializer.SerializeToUtf8Bytes(input, OdooJson.Default.OdooInput));
        var (begun, existing) = await ledger.BeginAsync(intent);
        switch (begun)
        {
            case Begun.KeyTaken or Begun.StillOpen: return await RefuseAsync(http, 409, "still-running", "The same request is still being worked on.");
            case Begun.OtherContent: return await RefuseAsync(http, 409, "reference-conflict", $"This reference belongs to {existing}, which has other content.", existing: existing);
            case Begun.SameReference: return await KnownAsync(http, order, intent, existing!);
            default: return await CallAsync(http, order, input, intent, at, started);
        }
    }

    private async Task<(int, string, bool)> CallAsync(HttpContext http, Order order, OdooInput input, Intent intent, DateTimeOffset at, long started)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        try
        {
            var kept = await odoo.CreateAsync(input, intent.ExternalId, intent.CorrelationId, deadline.Token);
            var answer = await CompleteAsync(intent, order, input, kept, AuditOf(http, intent.CorrelationId, at, started, StatusCodes.Status201Created, "done"));
            if (answer is null) return await RefuseAsync(http, 502, "backend-unusable", "The backend's answer does not meet its contract.", audited: true);
            await AnswerAsync(http, StatusCodes.Status201Created, intent.ObjectId, answer);
            return (StatusCodes.Status201Created, "done", true);
        }
        catch (OdooRefusedException refused)
        {
            var problem = new Problem("/problems/business-refused", "The backend refuses the request", 422, refused.Message);
            await ledger.CloseAsync(intent, JsonSerializer.SerializeToUtf8Bytes(problem, Json.Default.Problem), AuditOf(http, intent.CorrelationId, at, started, 422, "business-refused"));
            return await RefuseAsync(http, 422, "business-refused", refused.Message, audited: true);
        }
        catch (OdooNotSentException away)
        {
            log.LogWarning(away, "{ExternalId} was not sent", intent.ExternalId);
            await ledger.CloseAsync(intent, null, AuditOf(http, intent.CorrelationId, at, started, 503, "backend-unavailable"));
            return await RefuseAsync(http, 503, "backend-unavailable", "The backend is not available. Nothing was done; send the request again.", audited: true);
        }
        catch (Exception cut) when (cut is OdooUnknownException or HttpRequestException or OperationCanceledException)
        {
            log.LogWarning(cut, "{ExternalId} was cut off; it will be settled by read-back", intent.ExternalId);
            return await RefuseAsync(http, 502, "backend-unusable", "Send the same request with the same Idempotency-Key to learn what became of it.");
        }
    }

    /// <summary>Stores outcome, object, event, answer and audit; the answer, or null where it is not what its contract says.</summary>
    private async Task<byte[]?> CompleteAsync(Intent intent, Order order, OdooInput input, OdooOrder kept, Audit audit)
    {
        if (Mapping.Difference(input, kept) is { } difference) log.LogError("Odoo keeps {ExternalId} otherwise than asked: {Difference}", intent.ExternalId, difference);
        var response = Mapping.FromOdoo(kept, order, intent.ObjectId);
        var answer = OrderRules.Holds(response) ? JsonSerializer.SerializeToUtf8Bytes(response, Json.Default.OrderResponse) : null;
        if (answer is null) log.LogError("{ExternalId} was carried out, but its answer breaks the contract", intent.ExternalId);
        await ledger.CompleteAsync(new Outcome(intent, kept.Order.Id.ToString(CultureInfo.InvariantCulture),
            JsonSerializer.SerializeToUtf8Bytes(kept, OdooJson.Default.OdooOrder),
            JsonSerializer.SerializeToUtf8Bytes(Mapping.ToEvent(kept, order, intent.ObjectId), Json.Default.OrderAccepted),
            answer, audit));
        return answer;
    }

    /// <summary>A known reference with the same content: the order as Odoo has it now.</summary>
    private async Task<(int, string, bool)> KnownAsync(HttpContext http, Order order, Intent intent, string existing)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        if (await odoo.FindOrderAsync(intent.ExternalId, intent.CorrelationId, deadline.Token) is not { } kept)
            return await RefuseAsync(http, 502, "backend-unusable", "The existing order is gone from the backend.");
        await AnswerAsync(http, StatusCodes.Status200OK, existing, JsonSerializer.SerializeToUtf8Bytes(Mapping.FromOdoo(kept, order, existing), Json.Default.OrderResponse));
        return (StatusCodes.Status200OK, "done", false);
    }

    private async Task<(int, string, bool)> ReplayAsync(HttpContext http, KnownKey known, string fingerprint)
    {
        if (known.Fingerprint != fingerprint) return await RefuseAsync(http, 422, "idempotency-key-reused", "This Idempotency-Key came before with other content.");
        if (known.Open || known.Answer is null) return await RefuseAsync(http, 409, "still-running", "The same request is still being worked on.");
        http.Response.Headers["Idempotency-Replayed"] = "true";
        await AnswerAsync(http, StatusCodes.Status201Created, null, ledger.OpenAnswer(known.Answer));
        return (StatusCodes.Status201Created, "replayed", false);
    }

    private static async Task<(int, string, bool)> RefuseAsync(
        HttpContext http, int status, string type, string detail, IReadOnlyList<Finding>? errors = null, string? existing = null, bool audited = false)
    {
        http.Response.StatusCode = status;
        var problem = new Problem("/problems/" + type, type, status, detail) { Errors = errors, Existing = existing };
        await http.Response.WriteAsJsonAsync(problem, Json.Default.Problem, "application/problem+json");
        return (status, type, audited);
    }

    private static async Task AnswerAsync(HttpContext http, int status, string? id, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        if (id is not null) http.Response.Headers.Location = $"/v1/orders/{id}";
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>Null when there is more than the cap.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength is { } length)
        {
            var body = new byte[length];
            await http.Request.Body.ReadExactlyAsync(body, http.RequestAborted);
            return body;
        }
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var read)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > MaxBody) return null;
        }
        return whole.ToArray();
    }

    /// <summary>Over the content: the same for another order of members, other blanks, and 1.10 for 1.1.</summary>
    private static string FingerprintOf(Order order)
    {
        foreach (var line in order.OrderLines ?? [])
        {
            if (line is null) continue;
            line.Quantity = Normal(line.Quantity);
            line.Price?.BaseQuantity = Normal(line.Price.BaseQuantity);
        }
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(order, Json.Default.Order)));
    }

    private static decimal? Normal(decimal? value) => value / 1.000000000000000000000000000000000m;

    /// <summary>Injective: each part has its length before it.</summary>
    private string ExternalId(Order order)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<string>)[partner.Name, "order", order.BuyerParty.Id, order.CustomerReference])
        {
            var utf8 = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(utf8.Length));
            hash.AppendData(utf8);
        }
        return "order_" + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static string? KeyOf(string header)
    {
        var text = header.Trim();
        if (text is ['"', .. var inner, '"']) text = inner;
        return text.Length is > 0 and <= MaxKey && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny('"', '\\') ? text : null;
    }

    private static string CorrelationId(HttpContext http) =>
        http.Request.Headers["X-Correlation-Id"] is [{ Length: > 0 and <= 64 } given] && !given.AsSpan().ContainsAnyExcept(Harmless)
            ? given
            : Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();

    private static void WriteLimits(HttpContext http, PartitionedRateLimiter<HttpContext> limiter)
    {
        var left = limiter.GetStatistics(http)?.CurrentAvailablePermits ?? 0;
        http.Response.Headers["RateLimit-Policy"] = Limits.Policy;
        http.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"orders\";r={left};t={(Limits.Quota - left) * Limits.Seconds / Limits.Quota}");
    }

    private Audit AuditOf(HttpContext http, string correlationId, DateTimeOffset at, long started, int status, string outcome) => new(
        at.Ticks, partner.Name, http.User.FindFirstValue("azp"), http.Request.Method, http.Request.Path.Value ?? "", correlationId,
        Activity.Current?.TraceId.ToHexString(), status, outcome, clock.GetElapsedTime(started).TotalMilliseconds);

    private static string NewId(string prefix) => $"{prefix}_{RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 26)}";
}
