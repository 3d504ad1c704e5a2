using System.Text.Json;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>
/// The one place where operators act: who may is let in, a reason is asked for, the act is done, and the audit is told who did what, to
/// what, why, before and after. What was refused is told as well.
/// </summary>
internal sealed partial class Operations(Gate gate, CurrentPlan plans, IStore store, TimeProvider clock, ILogger<Operations> log)
{
    public const int LongestBody = 64 * 1024;

    private const int LongestReason = 500;

    /// <param name="longestBody">Of the request, in bytes.</param>
    public async Task RunAsync(HttpContext http, Role role, string action, Func<OperatorRequest, Task<Acted>> act, int longestBody = LongestBody)
    {
        var records = new OperatorRecords(http, action, plans.Current.Revision, clock);
        var (known, refusal) = await gate.AdmitAsync(http, role);
        var request = refusal is null ? await ReadAsync(http, new OperatorRequest(http, known!, action, records), longestBody) : default;
        var acted = request.Asked is { } asked ? await DoAsync(asked, act) : new Acted { Refusal = refusal ?? request.Refusal };
        var record = records.Of(known?.Name ?? "", request.Asked?.Why ?? "", acted);
        // Who floods the port does not flood the audit.
        if (!acted.Recorded && acted.Refusal is not { Failure: Failure.TooManyRequests }) acted = await RecordAsync(record, acted, "It was done, and could not be recorded: the store can't be written.");
        if (known is not null) Told(known.Name, action, record.Act!.Target, record.Outcome, acted.Refusal?.Reason, records.CorrelationId);
        await AnswerAsync(http, acted, records.CorrelationId);
    }

    /// <summary>Shows what is about callers and people, once the audit has told who asks for what.</summary>
    public async Task ShowAsync(HttpContext http, Role role, string action, Func<HttpContext, Task> show)
    {
        var records = new OperatorRecords(http, action, plans.Current.Revision, clock);
        var (known, refusal) = await gate.AdmitAsync(http, role);
        var shown = new Acted { Refusal = refusal, Target = refusal is null ? records.Question : null };
        if (refusal is not { Failure: Failure.TooManyRequests }) shown = await RecordAsync(records.Of(known?.Name ?? "", "", shown), shown, "Nothing is shown while the audit can't be told who looks: the store can't be written.");
        if (shown.Refusal is null) await show(http);
        else await AnswerAsync(http, shown, records.CorrelationId);
    }

    private async Task<Acted> DoAsync(OperatorRequest request, Func<OperatorRequest, Task<Acted>> act)
    {
        try
        {
            return await act(request);
        }
        catch (StoreUnavailableException unavailable)
        {
            Unavailable(request.Action, unavailable.Message);
            return Acted.Refused(Failure.StoreUnavailable, "The store can't be reached at the moment; nothing was done.", "store-unavailable");
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            Failed(bug, request.Action);
            return Acted.Refused(Failure.Internal, "The gateway failed; its log says how.", "failed");
        }
    }

    /// <summary>An act that can't be recorded is told as failed, though it may be done: the log has it.</summary>
    private async Task<Acted> RecordAsync(AuditRecord record, Acted acted, string unrecorded)
    {
        try
        {
            await store.AppendAuditAsync([record], CancellationToken.None);
            return acted;
        }
        catch (StoreUnavailableException unavailable)
        {
            Unrecorded(record.Act!.Actor, record.Route, record.Act.Target, record.Outcome, unavailable.Message);
            return acted.Refusal is null ? Acted.Refused(Failure.StoreUnavailable, unrecorded, "store-unavailable") : acted;
        }
    }

    /// <summary>Body and reason: what an act needs beside the operator.</summary>
    private static async ValueTask<(OperatorRequest? Asked, Refusal? Refusal)> ReadAsync(HttpContext http, OperatorRequest request, int longestBody)
    {
        var (body, broken) = await BodyAsync(http, longestBody);
        if (broken is not null) return (null, broken);
        var header = http.Request.Headers["X-Reason"];
        var why = (header.Count > 0 ? header.ToString() : ReasonOf(body)).Trim();
        return why.Length is 0 or > LongestReason || why.Any(char.IsControl)
            ? (null, new Refusal(Failure.MalformedRequest, $"Say why, in at most {LongestReason} characters on one line: as X-Reason, or as reason in the body.") { Reason = "reason-missing" })
            : (request with { Why = why, Body = body }, null);
    }

    private static string ReasonOf(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String ? reason.GetString()! : "";

    private static async ValueTask<(JsonElement? Body, Refusal? Refusal)> BodyAsync(HttpContext http, int longest)
    {
        var bytes = new byte[longest + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length == 0) return (null, null);
        if (length > longest) return (null, new Refusal(Failure.BodyTooLarge, $"The body is longer than {longest} bytes.") { Reason = "body-too-large" });
        try
        {
            if (JsonBody.IsText(bytes.AsSpan(0, length))) return (JsonElement.Parse(bytes.AsSpan(0, length), JsonBody.Strict), null);
        }
        catch (JsonException)
        {
            // Told below.
        }
        return (null, new Refusal(Failure.MalformedBody, "The body is not JSON in UTF-8.") { Reason = "body-malformed" });
    }

    private async Task AnswerAsync(HttpContext http, Acted acted, string correlationId)
    {
        http.Response.Headers[Answers.CorrelationHeader] = correlationId;
        var answer = acted.Refusal is { } refusal
            ? plans.Current.Problem(refusal)
            : new Answer(acted.Answer is null ? StatusCodes.Status204NoContent : acted.Status, [], acted.Answer is null ? default : JsonSerializer.SerializeToUtf8Bytes(acted.Answer, Views.Json));
        if (acted.Refusal is not null) Problems.WriteHeaders(http.Response, acted.Refusal);
        await Answers.WriteAsync(http.Response, answer, http.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Information, "{Operator}: {Action} {Target}: {Outcome} {Reason} [{CorrelationId}]")]
    private partial void Told(string @operator, string action, string target, string outcome, string? reason, string correlationId);

    [LoggerMessage(2, LogLevel.Error, "{Action} could not be done: {Message}")]
    private partial void Unavailable(string action, string message);

    [LoggerMessage(4, LogLevel.Error, "{Action} failed")]
    private partial void Failed(Exception bug, string action);

    [LoggerMessage(3, LogLevel.Error, "What {Operator} did is missing in the audit: {Action} {Target}: {Outcome}; {Message}")]
    private partial void Unrecorded(string @operator, string action, string target, string outcome, string message);
}
