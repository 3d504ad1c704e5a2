using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Adapters.Rest;

/// <summary>A system that is spoken to over REST, with JSON.</summary>
public record RestOptions : BackendOptions
{
    [Description("Time for a TCP and TLS connection.")]
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    [Description("Calls on the wire at once. As many operations are under way at a time (limits: { concurrent }); more wait in turns.")]
    [Range(1, 1_000)]
    public int MaxConnections { get; init; } = 16;

    [Description("Longest answer taken, bytes.")]
    [Range(1_000, 1 << 30)]
    public int MaxAnswerBytes { get; init; } = 8 << 20;

    [Description("Its webhooks, which come to POST /hooks/NAME of the public port, NAME being this backend's. Without it, none are taken.")]
    public HookOptions? Webhooks { get; init; }

    public override int? AtOnce => MaxConnections;

    public override HookOptions? Hooks => Webhooks;

    /// <summary>What paths of its operations stand below.</summary>
    internal virtual string Root => Url.AbsoluteUri.TrimEnd('/') + "/";

    /// <summary>Headers that every request to it has.</summary>
    internal virtual IEnumerable<(string Name, string Value)> Headers => [];
}
