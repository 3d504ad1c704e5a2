using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks;

/// <summary>How long and how often is measured, and where things are.</summary>
internal sealed record Settings
{
    /// <summary>Rounds of a whole run.</summary>
    public const int WholeRounds = 15;

    private readonly int? _rounds;

    /// <summary>A rough answer soon: no figure of it is worth a decision.</summary>
    public bool Quick { get; init; }

    /// <summary>Paired rounds; every variant is measured once in each.</summary>
    public int Rounds
    {
        get => _rounds ?? (Quick ? 1 : WholeRounds);
        init => _rounds = value;
    }

    /// <summary>How long a variant is measured in a round.</summary>
    public TimeSpan Round => Slice * SlicesPerRound;

    /// <summary>
    /// A round goes over all variants so many times, a slice of it each, so that variants that are compared are never far apart: what other
    /// guests of the machine do changes within seconds.
    /// </summary>
    public int SlicesPerRound => Quick ? 1 : 3;

    /// <summary>wrk knows whole seconds only.</summary>
    public TimeSpan Slice => TimeSpan.FromSeconds(1);

    /// <summary>Load before the first round, per variant: long enough for tiered compilation to have come to its end.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 1 : 8);

    /// <summary>Part of a variant's name: it alone is loaded, under perf(1); nothing is measured.</summary>
    public string? Profile { get; init; }

    /// <summary>What servers are started with besides their own environment.</summary>
    public IReadOnlyDictionary<string, string> ServerEnvironment => this switch
    {
        { Profile: not null } => Profiler.Environment,
        // Compiles what is called often without waiting for calm, for which there is no time.
        { Quick: true } => new Dictionary<string, string> { ["DOTNET_TC_CallCountingDelayMs"] = "0" },
        _ => new Dictionary<string, string>(),
    };

    /// <summary>Root of the repository: where <c>benchmarks/run</c> has gone before it started us.</summary>
    public string Repository { get; } = Environment.CurrentDirectory;

    /// <summary>Where the Release build of a project lies.</summary>
    public string Built(string project, string assembly) => Path.Combine(Repository, "artifacts", "bin", project, "release", assembly + ".dll");

    /// <summary>Folder with the node packages ajv, ajv-formats and jsonata.</summary>
    public string Node { get; } = Environment.GetEnvironmentVariable("BENCHMARKS_NODE") ?? "";
}
