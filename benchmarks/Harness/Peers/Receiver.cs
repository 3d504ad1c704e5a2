using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>Who receives webhooks: nginx with one worker, which takes anything under <c>/hooks/</c> and counts it; and an endpoint that takes connections and never answers.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private static readonly HttpClient Client = new();

    private readonly Uri _url;
    private readonly TcpListener _dead = new(IPAddress.Loopback, 0);
    private long _asked;

    private Receiver(Uri url)
    {
        _url = url;
        // The kernel takes the connections; nobody ever reads from them.
        _dead.Start(backlog: 512);
        Dead = new Uri($"http://127.0.0.1:{((IPEndPoint)_dead.LocalEndpoint).Port}/hooks/dead");
    }

    /// <summary>Where somebody listens who never answers.</summary>
    public Uri Dead { get; }

    public static async Task<Receiver> StartAsync(Stage stage)
    {
        var url = Ports.Free();
        await Nginx.StartAsync(stage, "receiver", url, workers: 1, "location /hooks/ { return 204; } location = /count { stub_status; }");
        return stage.Keep(new Receiver(url));
    }

    public Uri Endpoint(int number) => new(_url, $"hooks/{number}");

    /// <summary>Requests so far, this one not among them.</summary>
    public async Task<long> CountAsync(CancellationToken stop)
    {
        // "Active connections: 1 \nserver accepts handled requests\n 2 2 5 \n…": the third number of the third line.
        var status = await Client.GetStringAsync(new Uri(_url, "count"), stop);
        var all = long.Parse(status.Split('\n')[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture);
        return all - Interlocked.Increment(ref _asked);
    }

    public ValueTask DisposeAsync()
    {
        _dead.Dispose();
        return ValueTask.CompletedTask;
    }
}
