using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

/// <summary>What the data of an API are, and so how they are to be handled.</summary>
public enum DataClass
{
    /// <summary>Anybody may see them.</summary>
    Public,

    /// <summary>For us and the partners we trade with.</summary>
    Internal,

    /// <summary>For the partner they concern, and nobody else: prices, stock, orders.</summary>
    Confidential,

    /// <summary>They are about a person: names, addresses.</summary>
    Personal,
}

/// <summary>The four-way classification of a flow: how bad its loss is, how long it may take, how much of it there is, how it is made good.</summary>
public sealed record FlowDocument
{
    [Description("What it means for the business when it stands still.")]
    public Criticality? Criticality { get; init; }

    [Description("How long the business can wait for one call to have its effect.")]
    [Range(typeof(TimeSpan), "00:00:00.001", "36500.00:00:00")]
    public TimeSpan? LatencyTolerance { get; init; }

    [Description("Calls on a usual day.")]
    [Range(0, int.MaxValue)]
    public int? Volume { get; init; }

    [Description("What is done about calls that failed.")]
    public FlowRecovery? Recovery { get; init; }
}

/// <summary>What it means for the business when a flow stands still.</summary>
public enum Criticality
{
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>What is done about calls that failed.</summary>
public enum FlowRecovery
{
    /// <summary>Nothing: the next call brings what is needed.</summary>
    None,

    /// <summary>The caller sends the same request again.</summary>
    Retry,

    /// <summary>What happened is delivered again from the event log.</summary>
    Replay,

    /// <summary>A person puts it right.</summary>
    Manual,
}

/// <summary>A version of an API that shares its paths with other versions: a header of the request chooses.</summary>
public sealed record VersionDocument
{
    [Description("The header of the request that names the version: Api-Version.")]
    [RegularExpression("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
    public required string Header { get; init; }

    [Description("What the header must say.")]
    [RegularExpression("^[A-Za-z0-9._-]{1,64}$")]
    public required string Value { get; init; }

    [Description("Whether requests without the header get this version.")]
    public bool Default { get; init; }
}

/// <summary>What the owner promises of an API.</summary>
public sealed record SloDocument
{
    [Description("Calls that are answered without a fault of ours, in percent of a month's.")]
    [Range(typeof(decimal), "50", "100")]
    public decimal? Availability { get; init; }

    [Description("Time in which 95 of 100 answers are there.")]
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan? Latency { get; init; }
}
