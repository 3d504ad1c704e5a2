using System.Text;
using System.Text.Json.Nodes;
using Gateway.Adapters.Credentials;
using Gateway.Adapters.Resilience;
using Gateway.Adapters.Sending;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Gates;

/// <summary>What <c>backends.NAME</c> takes.</summary>
public sealed record GatesOptions : BackendOptions
{
    /// <summary>Its connections, and so as many operations as are under way at a time.</summary>
    public override int? AtOnce => 4;
}

/// <summary>The gates of a yard over JSON-RPC 2.0: one path, and errors of its own under 200. A visit is unique by its <c>ref</c>, which is the gateway's external id.</summary>
public sealed class GatesAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    public override string Name => "gates";

    public override string Summary => "Gates of a yard over JSON-RPC: announces a lorry, exactly once, and reads its visit.";

    public override Type OptionsType => typeof(GatesOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [Visits.Announce, Visits.Read];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new GatesBackend(name, (GatesOptions)options, clock, outside, logs);
}

/// <summary>One yard, opened for one Plan: connections, credential, circuit, and the operations.</summary>
internal sealed class GatesBackend : Backend
{
    private readonly HttpClient _http;

    public GatesBackend(string name, GatesOptions options, TimeProvider clock, Outside outside, ILoggerFactory logs)
        : base(name)
    {
        (Options, Clock, Log) = (options, clock, logs.CreateLogger("Gateway.Adapters.Gates"));
        Credential = SignIn.Open(name, options, clock, outside, logs);
        Attempts = new Attempts<GatesReply>(name, options.Resilience ?? new ResilienceOptions(), clock, static _ => { });
        _http = new HttpClient(outside.Backend(name, () => Credential.Connect(() => LastingConnections.Open(TimeSpan.FromSeconds(2), options.AtOnce!.Value))))
        {
            BaseAddress = options.Url,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = 1 << 20,
        };
        Operations = new Dictionary<string, BackendOperation>
        {
            [Visits.Announce.Name] = new GatesOperation(this, Visits.Announce, Visits.AnnounceAsync, Visits.FindAsync),
            [Visits.Read.Name] = new GatesOperation(this, Visits.Read, Visits.ReadAsync),
        };
    }

    public GatesOptions Options { get; }

    public TimeProvider Clock { get; }

    public ILogger Log { get; }

    public Attempts<GatesReply> Attempts { get; }

    public override Credential Credential { get; }

    public override IReadOnlyList<CircuitReport> Circuits => Attempts.Circuits;

    public override IReadOnlyDictionary<string, BackendOperation> Operations { get; }

    /// <summary>A message that quotes our own request must not carry the key into a log.</summary>
    public string? WithoutKey(string? text) => Options.Credential?.Key?.Reveal() is { Length: > 0 } key ? text?.Replace(key, "***", StringComparison.Ordinal) : text;

    /// <summary>One request through the circuit, within the time of one attempt.</summary>
    public ValueTask<GatesReply> OnceAsync(string method, JsonObject parameters, Effect effect, OperationCall call, Deadline deadline) => Attempts.OnceAsync(async attempt =>
    {
        var (reply, shown) = await SendAsync(method, parameters, effect, call, attempt, deadline.Caller);
        // A refused key that has been replaced is worth one more: nothing was done by the first.
        return reply.KeyRefused && shown is not null && Credential.Renew(shown) ? (await SendAsync(method, parameters, effect, call, attempt, deadline.Caller)).Reply : reply;
    }, deadline, effect);

    /// <summary>What has not begun to leave was not sent; of a change that has, nobody knows until its answer is there.</summary>
    private async ValueTask<(GatesReply Reply, string? Shown)> SendAsync(string method, JsonObject parameters, Effect effect, OperationCall call, CancellationToken attempt, CancellationToken caller)
    {
        var envelope = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters.DeepClone() };
        using var content = new TrackedContent(Encoding.UTF8.GetBytes(envelope.ToJsonString()), effect == Effect.Changes ? call.Until : null, Clock);
        using var message = new HttpRequestMessage(HttpMethod.Post, "rpc") { Content = content };
        try
        {
            var shown = await Credential.ShowAsync(attempt);
            if (shown.Trouble is { } trouble) return (GatesReply.NotSent(trouble, shown.RetryAfter), null);
            if (Credential.Header is { } header) message.Headers.TryAddWithoutValidation(header, shown.Value);
            if (call.CorrelationId is { } id) message.Headers.TryAddWithoutValidation("X-Correlation-Id", id);
            using var answer = await _http.SendAsync(message, attempt);
            return (GatesReply.Read(effect, (int)answer.StatusCode, RetryAfter.Of(answer, Clock), await answer.Content.ReadAsByteArrayAsync(attempt)), shown.Value);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return (content.Started ? GatesReply.Lost(effect, OperationStatus.TimedOut, "no answer in time") : GatesReply.NotSent("no time left to connect", null) with { BackendFault = true }, null);
        }
        catch (HttpRequestException) when (content.IsLate)
        {
            return (new GatesReply(OperationStatus.TimedOut) { Reason = "the time of the call was over before it was sent: another node may have taken it over" }, null);
        }
        catch (HttpRequestException broken)
        {
            return (content.Started ? GatesReply.Lost(effect, OperationStatus.Unknown, $"{broken.HttpRequestError}") : GatesReply.NotSent($"{broken.HttpRequestError}", null) with { BackendFault = true, Transient = true }, null);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _http.Dispose();
        return Credential.DisposeAsync();
    }
}
