using System.Text.Json;
using Gateway.Simulators;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>A simulator, and the backend that speaks to it, for one test.</summary>
internal sealed class SampleWorld : IAsyncDisposable
{
    private readonly AdapterSample _sample;
    private readonly PlayedBackend _played;
    private int _number;

    private SampleWorld(AdapterSample sample, PlayedBackend played)
    {
        (_sample, _played) = (sample, played);
        Backend = Open(played.Url, sample.Key, Generous);
    }

    /// <summary>Longer than any slow machine needs.</summary>
    public static TimeSpan Generous { get; } = TimeSpan.FromSeconds(30);

    /// <summary>For whom the samples call; it is known to the simulators' seed.</summary>
    public Partner Partner { get; } = new("acme", "Acme") { Buyers = ["ACME-DE"] };

    public Backend Backend { get; }

    public Chaos Chaos => _played.Chaos;

    public Uri Url => _played.Url;

    public string Key => _sample.Key;

    public int Requests => _played.Requests();

    public string? LastTraceParent => _played.LastTraceParent();

    public OdooSimulator Odoo => (OdooSimulator)_played.Simulator;

    public WmsSimulator Wms => (WmsSimulator)_played.Simulator;

    public TmsSimulator Tms => (TmsSimulator)_played.Simulator;

    public PartnerSimulator PartnersEndpoint => (PartnerSimulator)_played.Simulator;

    public ScalesDouble Scales => (ScalesDouble)_played.Simulator;

    public GatesDouble Gates => (GatesDouble)_played.Simulator;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="name">Of the adapter's sample.</param>
    public static Task<SampleWorld> StartAsync(string name) => StartAsync(AdapterSamples.Of(name));

    public static async Task<SampleWorld> StartAsync(AdapterSample sample) => new(sample, await sample.Play());

    /// <summary>Another backend of the same adapter.</summary>
    /// <param name="timeLeftHeader">By which it is told how long somebody still waits; null where it is not.</param>
    public Backend Open(Uri url, string key, TimeSpan timeout, TimeProvider? clock = null, Outside? outside = null, string? timeLeftHeader = null)
    {
        var secret = new Secret("secret://env/KEY", key);
        var options = _sample.Options(url, secret) with { Timeout = timeout };
        if (timeLeftHeader is not null) options = options with { Resilience = options.Resilience! with { TimeLeftHeader = timeLeftHeader } };
        var backend = AdapterSamples.With(outside ?? Outside.World).Single(adapter => adapter.Name == _sample.Adapter).Open("backend", options, clock ?? TimeProvider.System);
        if (_sample.Endpoint is { } endpoint) backend.AddEndpoint(Partner.Name, endpoint(url, secret));
        return backend;
    }

    public OperationSample Sample(string operation) => _sample.Operations.FirstOrDefault(sample => sample.Operation == operation)
        ?? throw new ArgumentOutOfRangeException(nameof(operation), operation, $"add a sample of it to those of {_sample.Name}");

    /// <summary>A number that was not given before in this world, for references.</summary>
    public int Next() => ++_number;

    /// <summary>A new call of an operation; what it needs is there.</summary>
    public ValueTask<OperationCall> PrepareAsync(string operation) => Sample(operation).Call(this);

    public ValueTask<OperationResult> CallAsync(string operation, OperationCall call, CancellationToken? cancellation = null) =>
        Backend.Operations[operation].CallAsync(call, cancellation ?? Cancellation);

    public ValueTask<OperationResult> ReadBackAsync(string operation, OperationCall call) => Backend.Operations[operation].ReadBackAsync(call, Cancellation);

    /// <summary>Carries an operation out, for samples that go on from what it made.</summary>
    public async ValueTask<(OperationCall Call, OperationResult Result)> DoneAsync(string operation)
    {
        var call = await PrepareAsync(operation);
        return (call, await DoneAsync(operation, call));
    }

    public async ValueTask<OperationResult> DoneAsync(string operation, OperationCall call)
    {
        var result = await CallAsync(operation, call);
        Assert.True(result.Status == OperationStatus.Done, $"{operation} ended {result.Status}: {result.Reason ?? result.Detail}");
        return result;
    }

    /// <summary>A call from its input, written as JSON; where it makes something, under an external id that is new.</summary>
    public OperationCall Call(string json, string? externalId = null, string? reference = null) =>
        new(Json(json), Partner) { ExternalId = externalId, Reference = reference, CorrelationId = "conformance" };

    public static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    /// <summary>From now on the rule hits the requests that change something for this operation.</summary>
    public void Hit(string operation, ChaosRule rule)
    {
        var (method, path) = Sample(operation).ChangedBy ?? throw new ArgumentOutOfRangeException(nameof(operation), operation, "say ChangedBy");
        Chaos.Set(rule with { Method = method, Path = path });
    }

    public int Times(string operation, OperationCall call) =>
        (Sample(operation).Times ?? throw new ArgumentOutOfRangeException(nameof(operation), operation, "say Times"))(this, call);

    public async ValueTask DisposeAsync()
    {
        await Backend.DisposeAsync();
        await _played.Simulator.DisposeAsync();
    }
}
