using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>Loses the answer of one request that changes something, after the backend has done the work; all others pass.</summary>
/// <param name="which">From 0.</param>
internal sealed partial class CutOff(int which) : Outside
{
    private int _changes;

    /// <summary>Whether there was such a request.</summary>
    public bool Happened => Volatile.Read(ref _changes) > which;

    public override HttpMessageHandler Backend(string name, Func<HttpMessageHandler> connections) => new Line(this, connections());

    [GeneratedRegex("/(read|search|search_read|fields_get|context_get|version|authenticate)$")]
    private static partial Regex OnlyAsks();

    /// <summary>What a request is about: its path, and over JSON-RPC, where all have one path, model and method.</summary>
    private static async ValueTask<string> AboutAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (request.RequestUri!.AbsolutePath != "/jsonrpc") return request.RequestUri.AbsolutePath;
        var call = JsonElement.Parse(await request.Content!.ReadAsByteArrayAsync(cancellation)).GetProperty("params");
        return call.GetProperty("args") is var arguments && arguments.GetArrayLength() > 4 ? $"{arguments[3]}/{arguments[4]}" : $"{call.GetProperty("service")}/{call.GetProperty("method")}";
    }

    private sealed class Line(CutOff cut, HttpMessageHandler connections) : DelegatingHandler(connections)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asks = request.Method == HttpMethod.Get || OnlyAsks().IsMatch(await AboutAsync(request, cancellationToken));
            var answer = await base.SendAsync(request, cancellationToken);
            if (asks || Interlocked.Increment(ref cut._changes) != cut.Number) return answer;
            answer.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded);
        }
    }

    private int Number => which + 1;
}
