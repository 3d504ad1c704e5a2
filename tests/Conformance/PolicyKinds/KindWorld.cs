using System.Text;
using System.Text.Json.Nodes;
using Gateway.Adapters;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Simulators;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Conformance.PolicyKinds;

/// <summary>
/// A gateway on a small workspace of its own, in this process and on real sockets: the simulated Odoo and an echo behind it,
/// three consumers of two partners before it, contracts and mappings of this repository, and the files a test adds.
/// </summary>
internal sealed class KindWorld : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly Echo _echo;
    private readonly OdooSimulator _odoo;
    private readonly GatewayHost _gateway;
    private readonly HttpClient _client;

    private KindWorld(DirectoryInfo folder, Echo echo, OdooSimulator odoo, GatewayHost gateway)
    {
        (_folder, _echo, _odoo, _gateway) = (folder, echo, odoo, gateway);
        _client = new HttpClient { BaseAddress = gateway.Url, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>The gateway's public address.</summary>
    public Uri Url => _gateway.Url;

    public Uri AdminUrl => _gateway.AdminUrl;

    public GatewayHost Gateway => _gateway;

    public OdooSimulator Odoo => _odoo;

    /// <param name="beforeOdoo">More files, which name the simulated Odoo's address.</param>
    public static async Task<KindWorld> StartAsync(IEnumerable<CaseWorkspaceFile> files, string issuer = "http://127.0.0.1:1/", TimeProvider? clock = null, bool reload = false, string adminUrls = "http://127.0.0.1:0", Outside? outside = null,
        Func<IStore, IStore>? aroundStore = null, AdapterList? adapters = null, Func<Uri, IEnumerable<CaseWorkspaceFile>>? beforeOdoo = null, string? keys = null)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-kind-");
        var echo = await Echo.StartAsync();
        var odoo = await OdooSimulator.StartAsync();
        try
        {
            var workspace = Path.Combine(folder.FullName, "workspace");
            WriteWorkspace(workspace, files.Concat(beforeOdoo?.Invoke(odoo.Url) ?? []), echo.Url, odoo.Url, issuer);
            var gateway = await GatewayHost.StartAsync(new GatewayOptions
            {
                Workspace = workspace,
                DataDirectory = Path.Combine(folder.FullName, "data"),
                KeyDirectory = keys ?? Path.Combine(folder.FullName, "keys"),
                Urls = "http://127.0.0.1:0",
                AdminUrls = adminUrls,
                LogLevel = LogLevel.None,
                Reload = reload ? ReloadMode.On : ReloadMode.Off,
                Clock = clock ?? TimeProvider.System,
                Outside = outside ?? Outside.World,
                AroundStore = aroundStore ?? (static store => store),
                Adapters = adapters ?? global::Gateway.Adapters.Adapters.With,
                Load = new LoadOptions { Environment = "demo" },
            });
            return new KindWorld(folder, echo, odoo, gateway);
        }
        catch (Exception refused) when (refused is WorkspaceRefusedException or StartRefusedException)
        {
            await odoo.DisposeAsync();
            await echo.DisposeAsync();
            folder.Delete(recursive: true);
            if (refused is WorkspaceRefusedException { Diagnostics: var found }) throw new InvalidOperationException(string.Join('\n', found));
            throw;
        }
    }

    /// <summary>Changes a file of a workspace that is followed, and waits until the gateway runs on it.</summary>
    /// <param name="token">An operator's, where operators are declared.</param>
    public async Task ChangeAsync(string path, Func<string, string> change, CancellationToken cancellation, string? token = null)
    {
        using var admin = new HttpClient { BaseAddress = AdminUrl };
        if (token is not null) admin.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var before = await RevisionAsync();
        var file = Path.Combine(_folder.FullName, "workspace", path);
        await File.WriteAllTextAsync(file, change(await File.ReadAllTextAsync(file, cancellation)), cancellation);
        for (var tries = 0; tries < 200 && await RevisionAsync() == before; tries++) await Task.Delay(50, cancellation);
        if (await RevisionAsync() == before) throw new TimeoutException("the gateway did not take over the change: " + await admin.GetStringAsync("/plan", cancellation));

        async Task<string?> RevisionAsync() => (string?)JsonNode.Parse(await admin.GetStringAsync("/plan", cancellation))!["revision"];
    }

    /// <summary>The workspace that every kind's example and cases stand in.</summary>
    public static void WriteWorkspace(string root, IEnumerable<CaseWorkspaceFile> files, Uri echo, Uri odoo, string issuer)
    {
        Write(root, "policies.yaml", $$"""
            issuers:
              company: { issuer: "{{issuer}}", audience: api }
            tiers:
              gold: {}
            scopes:
              orders.read: Reads orders.
              orders.write: Places orders.
              shipments.write: Announces shipments. Granted to nobody.
              catalogue.read: Reads items.
              tracking.read: Follows parcels.
            roles:
              buyer: { scopes: [orders.write] }
              reader: { scopes: [orders.read] }
            companies:
              main: { name: Main, id: 1 }
            policies:
              callers:
                authenticate: { apiKey: {} }
            backends:
              odoo: { adapter: odoo, url: "{{odoo}}", database: demo, credential: { key: secret://demo/demo-odoo-key } }
              echo: { adapter: http, url: "{{echo}}", credential: { key: secret://demo/key-of-the-gateway } }
            partners:
              acme:
                name: Acme
                tier: gold
                buyers: [ACME-DE]
                companies: [main]
                warehouse: WH
                consumers:
                  acme-shop: { keys: [{ secret: secret://demo/key-of-acme-shop }], subjects: [company/shop-client], scopes: [orders.read, orders.write] }
                  acme-edi: { keys: [{ secret: secret://demo/key-of-acme-edi }], scopes: [orders.read] }
              globex:
                name: Globex
                consumers:
                  globex-shop: { keys: [{ secret: secret://demo/key-of-globex-shop }] }
            """);
        Write(root, "policies.demo.yaml", "");
        Copy(Path.Combine(Repository.Root, "transforms"), Path.Combine(root, "transforms"));
        foreach (var file in files) Write(root, file.Path, file.Content);
    }

    /// <summary>Sends a case's request as often as it says, and judges the last answer; returns what is wrong, or nothing.</summary>
    public async Task<string> PlayAsync(Case @case, CancellationToken cancellation)
    {
        var answer = await SendAsync(@case.Request, cancellation);
        for (var i = 1; i < @case.Repeat; i++) answer = await SendAsync(@case.Request, cancellation);
        var wrong = Judge(@case.Expect, answer).ToList();
        return wrong.Count == 0 ? "" : $"{@case.Name}:\n  {string.Join("\n  ", wrong)}\n  answered {answer.Status} {answer.Body}";
    }

    public async Task<Answered> SendAsync(CaseRequest request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Path);
        if (request.Body is { } body) message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new("application/json") } };
        foreach (var (name, value) in request.Headers)
        {
            if (message.Content is { } content && name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }
        using var answer = await _client.SendAsync(message, cancellation);
        var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answered((int)answer.StatusCode, headers, await answer.Content.ReadAsStringAsync(cancellation), _odoo.Orders.Count);
    }

    /// <summary>All that lies in the files of the store, as text.</summary>
    public string Stored() => string.Concat(Directory.EnumerateFiles(Path.Combine(_folder.FullName, "data")).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).Select(Read));

    private static string Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
        await _odoo.DisposeAsync();
        await _echo.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static IEnumerable<string> Judge(CaseAnswer expected, Answered answer)
    {
        if (answer.Status != expected.Status) yield return $"status {expected.Status} was expected";
        if (answer.Problem != (expected.Problem ?? "")) yield return $"problem '{expected.Problem}' was expected, not '{answer.Problem}'";
        if (expected.Problem is not null && answer.Header("X-Correlation-Id").Length == 0) yield return "a refusal carries X-Correlation-Id";
        foreach (var (name, value) in expected.Headers)
        {
            var header = answer.Header(name);
            var holds = value switch { "*" => header.Length > 0, "-" => header.Length == 0, _ => header == value };
            if (!holds) yield return $"header {name}: '{value}' was expected, not '{header}'";
        }
        foreach (var text in expected.Has.Where(t => !answer.Body.Contains(t, StringComparison.Ordinal))) yield return $"the body must hold {text}";
        foreach (var text in expected.Lacks.Where(t => answer.Body.Contains(t, StringComparison.Ordinal))) yield return $"the body must not hold {text}";
        if (expected.OrdersInOdoo is { } orders && orders != answer.OrdersInOdoo) yield return $"{orders} orders in Odoo were expected, not {answer.OrdersInOdoo}";
    }

    private static void Write(string root, string path, string content)
    {
        var full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            Write(to, Path.GetRelativePath(from, file), File.ReadAllText(file));
    }
}

internal sealed record Answered(int Status, IReadOnlyDictionary<string, string> Headers, string Body, int OrdersInOdoo)
{
    public string Header(string name) => Headers.GetValueOrDefault(name, "");

    /// <summary>The page that the problem's type leads to; empty when the answer is no problem.</summary>
    public string Problem => Header("Content-Type") == "application/problem+json" ? ((string)JsonNode.Parse(Body)!["type"]!).Split('/', '#')[^1] : "";
}
