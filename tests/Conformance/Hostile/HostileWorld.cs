using Gateway.Tests.Conformance.PolicyKinds;

namespace Gateway.Tests.Conformance.Hostile;

/// <summary>A gateway before a backend that keeps its bytes, and one that echoes.</summary>
internal sealed class HostileWorld : IAsyncDisposable
{
    private HostileWorld(RawBackend backend, KindWorld world) => (Backend, World) = (backend, world);

    public RawBackend Backend { get; }

    public KindWorld World { get; }

    public Uri Url => World.Url;

    /// <param name="routes">The routes of an API, indented by six.</param>
    public static async Task<HostileWorld> StartAsync(string routes, string governance = "", params (string Path, string Content)[] files)
    {
        var backend = RawBackend.Start();
        var overlay = $"backends:\n  raw: {{ adapter: http, url: \"{backend.Url}\" }}\n{(governance.Length > 0 ? $"governance: {governance}\n" : "")}";
        var world = await KindWorld.StartAsync(
        [
            new CaseWorkspaceFile { Path = "routes/cases.yaml", Content = "apis:\n  cases:\n    owner: us\n    routes:\n" + routes },
            new CaseWorkspaceFile { Path = "policies.demo.yaml", Content = overlay },
            .. files.Select(f => new CaseWorkspaceFile { Path = f.Path, Content = f.Content }),
        ]);
        return new HostileWorld(backend, world);
    }

    public Task<RawAnswer> SendAsync(string request) => RawCaller.SendAsync(Url, request);

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        await Backend.DisposeAsync();
    }
}
