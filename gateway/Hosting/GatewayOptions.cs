using System.Net;
using Gateway.Adapters;
using Gateway.Configuration;

namespace Gateway.Hosting;

/// <summary>What a node is for.</summary>
public enum NodeRole
{
    /// <summary>Requests and the work beside them.</summary>
    All,

    /// <summary>Requests alone, at the public port. It sends no webhooks, forwards nothing that was accepted, and looks for nobody else's work.</summary>
    Edge,

    /// <summary>The work beside requests alone: it has no public port.</summary>
    Worker,
}

/// <summary>How one gateway is started.</summary>
public sealed record GatewayOptions
{
    /// <summary>Directory of the workspace.</summary>
    public required string Workspace { get; init; }

    /// <summary>Where the durable state lies.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where the keys lie that encrypt it; never inside <see cref="DataDirectory"/>.</summary>
    public required string KeyDirectory { get; init; }

    /// <summary>Addresses of the public port; port 0 takes a free one.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Addresses of the admin port: health, metrics, the Plan, operations.</summary>
    public string AdminUrls { get; init; } = "http://127.0.0.1:8081";

    /// <summary>What this node is for; anything but all wants a store that nodes share.</summary>
    public NodeRole Role { get; init; }

    /// <summary>Where the other nodes of <c>state.cluster</c> reach this one; it listens there and nowhere else.</summary>
    public IPEndPoint ClusterAddress { get; init; } = new(IPAddress.Loopback, 11111);

    /// <summary>State is kept in <see cref="DataDirectory"/>, whatever the workspace says: for what is gone when it ends.</summary>
    public bool Embedded { get; init; }

    public LoadOptions Load { get; init; } = new();

    /// <summary>What makes it take over a changed workspace; null for what the workspace says (<c>governance.reload</c>) at start.</summary>
    public ReloadMode? Reload { get; init; }

    /// <summary>Logs as JSON lines, for a collector; else for a person.</summary>
    public bool JsonLogs { get; init; } = true;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The way out: the network, but for who stands in its place.</summary>
    public Outside Outside { get; init; } = Outside.World;

    /// <summary>What stands between the gateway and its store: nothing, but for tests that take the store away or share one.</summary>
    internal Func<IStore, IStore> AroundStore { get; init; } = static store => store;

    /// <summary>The backend protocols; tests put others in their place.</summary>
    internal AdapterList Adapters { get; init; } = Gateway.Adapters.Adapters.With;
}

/// <summary>The gateway would be open to whoever comes by, so it did not start.</summary>
public sealed class StartRefusedException(string message) : Exception(message);

/// <summary>The workspace has errors, so the gateway did not start.</summary>
public sealed class WorkspaceRefusedException(IReadOnlyList<Diagnostic> diagnostics) : Exception("the workspace has errors")
{
    public IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}
