using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>What a backend is told of the time that somebody still waits, in every request of every operation of the gateway's adapters.</summary>
public sealed class TimeLeftTests
{
    private const string Header = "X-Time-Left";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Nearer = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Without those that docs/backends.md adds.</summary>
    public static TheoryData<string, string> Operations =>
        [.. SampleTests.Operations.Where(row => Gateway.Adapters.Adapters.All.Any(adapter => adapter.Name == AdapterSamples.Of(row.Data.Item1).Adapter))];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_backend_is_told_what_is_left_of_its_own_time_or_its_callers_where_that_ends_sooner(string adapter, string operation)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var told = new Told();
        await using var backend = world.Open(world.Url, world.Key, Timeout, outside: told, timeLeftHeader: Header);
        var (call, hurried) = (await world.PrepareAsync(operation), await world.PrepareAsync(operation));

        Assert.Equal(OperationStatus.Done, (await backend.Operations[operation].CallAsync(call, Cancellation)).Status);
        var ofBackend = told.TakeAll();
        Assert.Equal(OperationStatus.Done, (await backend.Operations[operation].CallAsync(hurried with { Deadline = TimeProvider.System.GetUtcNow() + Nearer }, Cancellation)).Status);
        var ofCaller = told.TakeAll();
        if (SampleTests.Descriptor(adapter, operation).ReadsBack)
            await backend.Operations[operation].ReadBackAsync(hurried with { Deadline = TimeProvider.System.GetUtcNow() + Nearer }, Cancellation);
        var ofReadBack = told.TakeAll();

        Assert.NotEmpty(ofBackend);
        Assert.NotEmpty(ofCaller);
        Assert.All(ofBackend, left => Assert.InRange(left, Nearer.TotalMilliseconds + 1, Timeout.TotalMilliseconds));
        Assert.All([.. ofCaller, .. ofReadBack], left => Assert.InRange(left, 1, Nearer.TotalMilliseconds));
    }

    /// <summary>Keeps what each request says is left, 0 where it says nothing; those by which the way in is found belong to no call.</summary>
    private sealed class Told : Outside
    {
        private readonly ConcurrentQueue<double> _left = [];

        public IReadOnlyList<double> TakeAll()
        {
            List<double> taken = [];
            while (_left.TryDequeue(out var left)) taken.Add(left);
            return taken;
        }

        public override HttpMessageHandler Backend(string name, Func<HttpMessageHandler> connections) => new Line(this, connections());

        private static async ValueTask<bool> FindsTheWayInAsync(HttpRequestMessage request, CancellationToken cancellation) => request.RequestUri!.AbsolutePath switch
        {
            "/web/version" => true,
            "/jsonrpc" => JsonElement.Parse(await request.Content!.ReadAsByteArrayAsync(cancellation)).GetProperty("params").GetProperty("service").GetString() == "common",
            _ => false,
        };

        private sealed class Line(Told told, HttpMessageHandler connections) : DelegatingHandler(connections)
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                if (!await FindsTheWayInAsync(request, cancellationToken))
                    told._left.Enqueue(request.Headers.TryGetValues(Header, out var values) ? double.Parse(values.Single(), CultureInfo.InvariantCulture) : 0);
                return await base.SendAsync(request, cancellationToken);
            }
        }
    }
}
