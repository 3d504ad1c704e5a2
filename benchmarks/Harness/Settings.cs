namespace Gateway.Benchmarks;

/// <summary>How long and how often is measured, and where things are.</summary>
internal sealed record Settings
{
    private readonly int? _rounds;

    /// <summary>A rough answer soon: no figure of it is worth a decision.</summary>
    public bool Quick { get; init; }

    /// <summary>Paired rounds; every variant is measured once in each.</summary>
    public int Rounds
    {
        get => _rounds ?? (Quick ? 1 : 15);
        init => _rounds = value;
    }

    /// <summary>Length of one measurement.</summary>
    public TimeSpan Round => Quick ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(3);

    /// <summary>Load before the first round, per variant: long enough for tiered compilation to have come to its end.</summary>
    public TimeSpan WarmUp => Quick ? TimeSpan.FromSeconds(0.5) : TimeSpan.FromSeconds(8);

    /// <summary>Root of the repository: where <c>benchmarks/run</c> has gone before it started us.</summary>
    public string Repository { get; } = Environment.CurrentDirectory;

    /// <summary>Where the Release build of a project lies.</summary>
    public string Built(string project, string assembly) => Path.Combine(Repository, "artifacts", "bin", project, "release", assembly + ".dll");

    /// <summary>Folder with the node packages ajv, ajv-formats and jsonata.</summary>
    public string Node { get; } = Environment.GetEnvironmentVariable("BENCHMARKS_NODE") ?? "";
}
