using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Tests.Conformance.PolicyKinds;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Conformance.Tls;

/// <summary>
/// A gateway with TLS on real sockets, an echo behind it, and a folder for the files of certificates that a test writes. The server's own
/// authority is <see cref="Servers"/>; <c>files</c> in YAML stands for the folder.
/// </summary>
internal sealed class TlsWorld : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-tls-");
    private readonly Lines _log = new();
    private Echo? _echo;
    private GatewayHost? _gateway;

    public TestAuthority Servers { get; } = TestAuthority.Root("servers");

    public GatewayHost Gateway => _gateway ?? throw new InvalidOperationException("it has not been started");

    public Uri Url => Gateway.Url;

    /// <summary>The http address beside https.</summary>
    public Uri PlainUrl => new(Gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(a => a.StartsWith("http:", StringComparison.Ordinal)));

    /// <summary>What the gateway logged.</summary>
    public IReadOnlyList<string> Log => _log.All;

    public string PathOf(string file) => Path.Combine(_folder.FullName, "files", file);

    /// <summary>Writes a file as deployments do: beside it, and then over it.</summary>
    public void Write(string file, string content) => Write(file, System.Text.Encoding.UTF8.GetBytes(content));

    public void Write(string file, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllBytes(PathOf(file + ".new"), content);
        File.Move(PathOf(file + ".new"), PathOf(file), overwrite: true);
    }

    /// <summary>Writes a certificate and its key as NAME.crt and NAME.key.</summary>
    public void WriteServer(string name, X509Certificate2 certificate, TestAuthority? issuer = null)
    {
        Write(name + ".key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Write(name + ".crt", (issuer ?? Servers).ChainOf(certificate));
    }

    /// <summary>Starts it on a workspace: what is given, a backend <c>echo</c>, and a certificate for localhost unless the test says its own.</summary>
    public async Task<TlsWorld> StartAsync(string workspace, string urls = "https://127.0.0.1:0", string adminUrls = "http://127.0.0.1:0", TimeProvider? clock = null, LogLevel logLevel = LogLevel.None)
    {
        if (!File.Exists(PathOf("tls.crt"))) WriteServer("tls", Servers.Issue("localhost", usage: TestAuthority.ForServers));
        _echo = await Echo.StartAsync();
        WriteWorkspace("policies.yaml", workspace + $"\nbackends:\n  echo: {{ adapter: http, url: \"{_echo.Url}\" }}\n");
        WriteWorkspace("policies.demo.yaml", "");
        _gateway = await GatewayHost.StartAsync(new GatewayOptions
        {
            Workspace = Path.Combine(_folder.FullName, "workspace"),
            DataDirectory = Path.Combine(_folder.FullName, "data"),
            KeyDirectory = Path.Combine(_folder.FullName, "keys"),
            Urls = urls,
            AdminUrls = adminUrls,
            LogLevel = logLevel,
            Reload = ReloadMode.On,
            Clock = clock ?? TimeProvider.System,
            Load = new LoadOptions { Environment = "demo" },
        });
        return this;
    }

    public void WriteWorkspace(string path, string content)
    {
        var file = Path.Combine(_folder.FullName, "workspace", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content.Replace("secret://file/files/", $"secret://file{_folder.FullName}/files/", StringComparison.Ordinal));
    }

    public string ReadWorkspace(string path) => File.ReadAllText(Path.Combine(_folder.FullName, "workspace", path));

    /// <summary>A client that trusts the test's authority, comes as a name, and shows a certificate if it has one.</summary>
    /// <param name="chain">What it sends to stand between its certificate and the root.</param>
    public HttpClient Client(X509Certificate2? certificate = null, X509Certificate2Collection? chain = null, Version? version = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectCallback = ConnectAsync };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, built, _) => Trusts(shown, built);
        if (certificate is not null) handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        return new HttpClient(handler) { BaseAddress = new UriBuilder(Url) { Host = "localhost" }.Uri, DefaultRequestVersion = version ?? HttpVersion.Version11, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    /// <summary>A TLS connection of its own, as far as the handshake.</summary>
    public async Task<SslStream> HandshakeAsync(string name, X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Url.Port);
        var stream = new SslStream(socket.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = protocols,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        });
        return stream;
    }

    /// <summary>Thumbprint of the certificate that is shown for a name.</summary>
    public async Task<string> ShownAsync(string name = "localhost")
    {
        await using var stream = await HandshakeAsync(name);
        return stream.RemoteCertificate!.GetCertHashString();
    }

    public async Task<JsonNode> ReadyAsync()
    {
        using var admin = new HttpClient { BaseAddress = Gateway.AdminUrl };
        return JsonNode.Parse(await admin.GetStringAsync("/readyz"))!;
    }

    /// <summary>
    /// A number of this gateway's certificate; null where it is not measured. Not by a scrape: other gateways of this process write into the same
    /// metric, and take it along when they end.
    /// </summary>
    public double? Measured(string name)
    {
        double? found = null;
        using var listener = new MeterListener { InstrumentPublished = (instrument, to) => { if (instrument.Name == name) to.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            foreach (var (_, tag) in tags)
            {
                if (tag is string certificate && certificate.Contains(_folder.Name, StringComparison.Ordinal)) found = value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }

    /// <summary>Waits for what the gateway does by itself within seconds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var tries = 0; tries < 300; tries++)
        {
            if (await holds()) return;
            await Task.Delay(100);
        }
        throw new TimeoutException(what);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        if (_echo is not null) await _echo.DisposeAsync();
        _folder.Delete(recursive: true);
        _log.Dispose();
    }

    /// <summary>From now on, what is logged is kept.</summary>
    public void Listen() => Gateway.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);

    private bool Trusts(X509Certificate? shown, X509Chain? built)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Servers.Certificate);
        chain.ChainPolicy.ExtraStore.AddRange(built!.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build((X509Certificate2)shown!) && ((X509Certificate2)shown!).MatchesHostname("localhost");
    }

    /// <summary>To the gateway, whatever the name is.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> All
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add($"{logLevel}: {formatter(state, exception)}");
        }

        public void Dispose()
        {
        }
    }
}
