using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Gateway.Cases.Routes;

/// <summary>
/// What stands at the other end of every connection to a backend in one case: it answers what the case says, and keeps what was asked beyond
/// that. The adapters above it are the real ones.
/// </summary>
internal sealed class StubBackends(
    CaseClock clock, Names names, IReadOnlyDictionary<string, BackendOptions> declared, IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<CallDocument>>> known)
{
    /// <summary>What nobody expected is answered so that no adapter asks again.</summary>
    private static readonly CallDocument Nothing = new() { Answer = new BackendAnswerDocument { Status = 404 } };

    private readonly Lock _one = new();
    private readonly List<(string Backend, CallDocument Call)> _awaited = [];
    private readonly List<string> _wrong = [];
    private IReadOnlyDictionary<string, IReadOnlyList<CallDocument>>? _calls;

    /// <summary>Begins a step.</summary>
    /// <param name="calls">What its backends are asked; null where it does not say.</param>
    public void Expect(IReadOnlyDictionary<string, IReadOnlyList<CallDocument>>? calls)
    {
        _calls = calls;
        _awaited.AddRange((calls ?? new Dictionary<string, IReadOnlyList<CallDocument>>()).SelectMany(b => b.Value.Select(c => (b.Key, c))));
    }

    /// <summary>Ends a step: what was asked and not expected, and what was expected and not asked.</summary>
    public IReadOnlyList<string> End()
    {
        string[] wrong = [.. _wrong, .. _awaited.Select(a => $"{a.Backend} was not asked: {a.Call.Request ?? "anything"}")];
        _wrong.Clear();
        _awaited.Clear();
        return wrong;
    }

    public HttpMessageHandler Handler(string backend) => new Connections(backend, this);

    private async Task<HttpResponseMessage> AnswerAsync(string backend, HttpRequestMessage request, CancellationToken cancellation)
    {
        var head = $"{request.Method} {request.RequestUri!.PathAndQuery}";
        // Nobody sees what is in a request that never leaves.
        if (TakeRefused(backend, head)) throw new HttpRequestException(HttpRequestError.ConnectionError, "the case refuses the connection");
        var call = new SeenCall(backend, head, request, request.Content is { } content ? await BytesAsync(content, cancellation) : []);
        var (answer, said) = Take(call);
        switch (answer.Fails)
        {
            case CallFailure.Timeout:
                // Who forwards gives up after that time by the system's clock; operations do so by the case's.
                clock.PassUntil(cancellation, declared[backend].Timeout);
                throw new OperationCanceledException("the case lets the time run out", cancellation);
            case CallFailure.Broken:
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "the case breaks the connection");
            default:
                return Written(answer.Answer, said, request);
        }
    }

    private bool TakeRefused(string backend, string head)
    {
        lock (_one)
        {
            var at = _awaited.FindIndex(a => a.Backend == backend && IsFor(a.Call, head));
            if (at >= 0)
            {
                if (_awaited[at].Call.Fails != CallFailure.Refused) return false;
                _awaited.RemoveAt(at);
                return true;
            }
            return Known(backend).FirstOrDefault(c => IsFor(c, head)) is { Fails: CallFailure.Refused };
        }
    }

    /// <summary>The answer to a call, and the names it may use.</summary>
    private (CallDocument Call, Names Said) Take(SeenCall call)
    {
        lock (_one)
        {
            string? nearest = null;
            for (var i = 0; i < _awaited.Count; i++)
            {
                if (_awaited[i].Backend != call.Backend || !IsFor(_awaited[i].Call, call.Head)) continue;
                var awaited = _awaited[i].Call;
                var learning = names.Copy();
                if (call.Difference(awaited, learning) is { } difference)
                {
                    nearest ??= difference;
                    continue;
                }
                names.Take(learning);
                _awaited.RemoveAt(i);
                return (awaited, names);
            }
            if (nearest is null && Answered(call) is { } known) return known;
            var wrong = nearest is null ? $"{call.Backend} is asked what the case does not expect:\n{call.ToYaml()}" : $"{call.Backend} {call.Head}: {nearest}\n{call.ToYaml()}";
            if (!_wrong.Contains(wrong)) _wrong.Add(wrong);
            return (Nothing, names);
        }
    }

    /// <summary>What is answered anyway teaches the case nothing: there, a name that is not known is any text.</summary>
    private (CallDocument Call, Names Said)? Answered(SeenCall call)
    {
        if (_calls is not null && (_calls.Count == 0 || _calls.GetValueOrDefault(call.Backend) is [])) return null;
        foreach (var known in Known(call.Backend).Where(c => IsFor(c, call.Head)))
        {
            var said = names.Copy();
            if (call.Difference(known, said) is null) return (known, said);
        }
        return null;
    }

    private IEnumerable<CallDocument> Known(string backend) => known.SelectMany(k => k.GetValueOrDefault(backend) ?? []);

    private bool IsFor(CallDocument call, string head) => call.Request is null || names.Copy().Match(call.Request, head);

    private static async Task<byte[]> BytesAsync(HttpContent content, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellation);
        return buffer.ToArray();
    }

    private static HttpResponseMessage Written(BackendAnswerDocument answer, Names said, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request, Content = new ByteArrayContent([]) };
        if (answer.Body is { } body)
        {
            response.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(said.Fill(body.GetRawText())));
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        else if (answer.Text is { } text)
        {
            response.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(said.Fill(text)));
        }
        foreach (var (name, value) in answer.Headers)
        {
            if (response.Headers.TryAddWithoutValidation(name, said.Fill(value))) continue;
            response.Content.Headers.Remove(name);
            response.Content.Headers.TryAddWithoutValidation(name, said.Fill(value));
        }
        return response;
    }

    private sealed class Connections(string backend, StubBackends stubs) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => stubs.AnswerAsync(backend, request, cancellationToken);
    }
}

/// <summary>A request as it came to a backend.</summary>
/// <param name="Head">Method, path and query.</param>
internal sealed record SeenCall(string Backend, string Head, HttpRequestMessage Request, byte[] Body)
{
    /// <summary>Where it is not what was expected; null when it is.</summary>
    /// <param name="names">Learns what the call says, also where it is not as expected.</param>
    public string? Difference(CallDocument expected, Names names)
    {
        if (expected.Request is { } request && !names.Match(request, Head)) return $"it is {Head}, not {names.Fill(request)}";
        foreach (var (name, value) in expected.Headers)
        {
            var sent = Header(name);
            if (sent is null) return $"the header {name} is missing";
            if (!names.Match(value, sent)) return $"the header {name} is '{sent}', not '{names.Fill(value)}'";
        }
        if (expected.Without.FirstOrDefault(name => Header(name) is not null) is { } unwanted) return $"the header {unwanted} is not expected: '{Header(unwanted)}'";
        if ((expected.Body ?? expected.Part) is { } wanted)
        {
            using var document = Parsed();
            if (document is null) return "the body is no JSON";
            if (JsonDifference.Find(wanted, document.RootElement, names, part: expected.Body is null) is { } difference) return difference;
        }
        return null;
    }

    /// <summary>As an entry of <c>calls:</c>, to be pasted.</summary>
    public string ToYaml()
    {
        using var document = Parsed();
        var body = document is null ? "" : $"\n    body: {document.RootElement.GetRawText()}";
        return $"  - request: {Head}{body}\n    answer: {{ body: {{}} }}";
    }

    private string? Header(string name) => Request.Headers.TryGetValues(name, out var values) || Request.Content?.Headers.TryGetValues(name, out values) == true ? string.Join(", ", values) : null;

    private JsonDocument? Parsed()
    {
        try
        {
            return Body.Length == 0 ? null : JsonDocument.Parse(Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
