using System.Text;
using System.Text.Json;
using Gateway.Cli;
using Gateway.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Cases.Routes;

/// <summary>One case on a gateway of its own, step by step, until a step is not as expected.</summary>
internal sealed class CaseRun : IAsyncDisposable
{
    private readonly RouteCaseDocument _case;
    private readonly Names _names;
    private readonly CaseClock _clock;
    private readonly StubBackends _backends;
    private readonly CaseLog _log;
    private readonly CaseGateway _gateway;
    private readonly CaseCaller _caller;

    private CaseRun(RouteCaseDocument one, CaseClock clock, Names names, StubBackends backends, CaseLog log, CaseGateway gateway, CaseCaller caller) =>
        (_case, _clock, _names, _backends, _log, _gateway, _caller) = (one, clock, names, backends, log, gateway, caller);

    /// <summary>Runs a case; what is wrong with it, or null where all was as expected.</summary>
    public static async Task<string?> RunAsync(RouteCaseDocument one, RouteCasesDocument file, LoadedWorkspace workspace)
    {
        var (clock, names, log) = (new CaseClock(one.At ?? file.At), new Names(), new CaseLog());
        var backends = new StubBackends(clock, names, workspace.Document!.Backends, [one.Backends, file.Backends]);
        var world = new CaseWorld(workspace, backends);
        var gateway = await CaseGateway.StartAsync(workspace, clock, world, log);
        await using var run = new CaseRun(one, clock, names, backends, log, gateway, new CaseCaller(gateway.Plan, world, workspace.Document!.Issuers, clock));
        return await run.RunAsync();
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    private async Task<string?> RunAsync()
    {
        IReadOnlyList<StepDocument> steps = _case.Steps.Count > 0 ? _case.Steps : [_case];
        for (var i = 0; i < steps.Count; i++)
        {
            var before = _log.Lines.Count;
            if (await RunAsync(steps[i]) is not { } wrong) continue;
            var said = string.Concat(_log.Lines.Skip(before).Select(line => $"\n  the gateway says: {line}"));
            return (_case.Steps.Count > 0 ? $"step {i + 1}{(steps[i].Step is { } shows ? $" ({shows})" : "")}: " : "") + wrong + said;
        }
        return null;
    }

    private async Task<string?> RunAsync(StepDocument step)
    {
        _backends.Expect(step.Calls);
        if (await PassAsync(step) is { } past) return past;
        for (var i = 0; i < step.Times && step.Request is not null; i++)
        {
            if (await SendAsync(step) is not { } wrong) continue;
            // What the gateway asked says more than what it answered.
            return string.Join("\n", [.. _backends.End(), step.Times > 1 ? $"request {i + 1} of {step.Times}: {wrong}" : wrong]);
        }
        string[] all = [.. _backends.End(), .. await EventsAsync(step)];
        return all.Length == 0 ? null : string.Join("\n", all);
    }

    private async Task<string?> PassAsync(StepDocument step)
    {
        if (step.At is { } at && !ReferenceEquals(step, _case))
        {
            if (at < _clock.GetUtcNow()) return $"at: {at:O} is past; it is {_clock.GetUtcNow():O}";
            _clock.SetUtcNow(at);
        }
        if (step.After is { } after) _clock.Advance(after);
        if ((step.At ?? (object?)step.After) is not null) await _gateway.RecoverAsync();
        return null;
    }

    private async Task<string?> SendAsync(StepDocument step)
    {
        var written = _names.Fill(step.Request!);
        var (method, target) = written.Split(' ') is [var verb, var path] ? (verb, path) : throw new InvalidOperationException($"'{written}' is not a method and a path.");
        if (_names.Unknown(written) is { } unknown) return $"nothing is known of ${{{unknown}}}";
        string? error = null;
        var context = await _gateway.SendAsync(http => error = Write(http.Request, step, method, target));
        if (error is not null) return error;
        var body = await ReadAsync(context.Response.Body);
        return step.Answer is { } expected ? new AnswerCheck(expected, _names).Wrong(context.Response, body) : null;
    }

    /// <summary>Makes the request; returns why it can't have the credentials that the step asks for, or null.</summary>
    private string? Write(HttpRequest request, StepDocument step, string method, string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        request.Method = method;
        request.Scheme = "http";
        request.Host = new HostString("gateway");
        request.Path = PathString.FromUriComponent(query < 0 ? target : target[..query]);
        request.QueryString = new QueryString(query < 0 ? "" : target[query..]);
        request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        byte[] body = [];
        if ((step.Text ?? step.Body?.GetRawText()) is { } text)
        {
            body = Encoding.UTF8.GetBytes(_names.Fill(text));
            request.ContentType = Answer.JsonType;
            request.ContentLength = body.Length;
            request.Body = new MemoryStream(body);
        }
        foreach (var (name, value) in step.Headers) request.Headers[name] = _names.Fill(value);
        return _caller.Show(step, step.Consumer ?? _case.Consumer, request, body);
    }

    private async Task<IReadOnlyList<string>> EventsAsync(StepDocument step)
    {
        var events = await _gateway.NewEventsAsync();
        // The catalogue's contracts hold for every event, expected or not.
        var wrong = events.Select(e => (e.Event, Broken: _gateway.Plan.EventTypes.ViolationOf(e.Event))).Where(e => e.Broken is not null)
            .Select(e => $"the event {e.Event.Type} breaks contract {e.Broken!.Contract}: {string.Join("; ", e.Broken.Findings.Select(f => $"{f.Pointer} {f.Detail}"))}").ToList();
        if (step.Events is not { } expected) return wrong;
        foreach (var (i, one) in expected.Index().Take(events.Count))
        {
            if (Wrong(one, events[i].Event) is { } difference) wrong.Add($"event {i + 1}: {difference}");
        }
        if (expected.Count != events.Count) wrong.Add($"{Count.Of(expected.Count, "event")} {(expected.Count == 1 ? "is" : "are")} expected, not {events.Count}{string.Concat(events.Select(e => $"\n  {e.Event.Type} {e.Event.Subject} {Encoding.UTF8.GetString(e.Event.Data.Span)}"))}");
        return wrong;
    }

    private string? Wrong(EventDocument expected, NewEvent published)
    {
        if (expected.Type != published.Type) return $"{expected.Type} is expected, not {published.Type}";
        if (expected.Subject is { } subject && !_names.Match(subject, published.Subject)) return $"the subject {_names.Fill(subject)} is expected, not {published.Subject}";
        if ((expected.Data ?? expected.Part) is not { } wanted) return null;
        using var data = JsonDocument.Parse(published.Data);
        return JsonDifference.Find(wanted, data.RootElement, _names, part: expected.Data is null);
    }

    private static async Task<byte[]> ReadAsync(Stream body)
    {
        using var buffer = new MemoryStream();
        await body.CopyToAsync(buffer);
        return buffer.ToArray();
    }
}
