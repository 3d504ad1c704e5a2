namespace Gateway;

/// <summary>
/// A figure of the business that the instances of a flow make up: how many are shipped and not invoiced, by company, and over how much. It is no part of how a flow runs,
/// so what is declared now is good for all instances, whatever revision they go by.
/// </summary>
/// <param name="Name">No other figure of the flow has it.</param>
/// <param name="While">Over what is known, with how the instance stands as <c>$instance</c>: it counts while this gives true.</param>
public sealed record FlowFigure(string Name, FlowExpression While)
{
    /// <summary>Groups of a figure that are told apart in the metrics; what stands in others is told together.</summary>
    public const int MostGroups = 50;

    /// <summary>Digits behind the decimal point that are kept of an amount.</summary>
    public const int Digits = 4;

    /// <summary>Of one instance, so that the sum of all can be told.</summary>
    public const decimal MostAmount = 10_000_000_000;

    public string Description { get; init; } = "";

    /// <summary>By name, what it is counted apart by: texts or numbers. Nothing stands for what gives nothing.</summary>
    public IReadOnlyDictionary<string, FlowExpression> By { get; init; } = new Dictionary<string, FlowExpression>();

    /// <summary>What the instance adds to the sum; null where only instances are counted.</summary>
    public FlowExpression? Amount { get; init; }

    /// <summary>What has counted once counts for good, also when the instance has ended: how often something has happened, and when.</summary>
    public bool Lasts { get; init; }
}

/// <summary>How many of a flow's instances are to keep its promise.</summary>
/// <param name="Share">Of those that come to an end by themselves: more than 0, less than 1.</param>
/// <param name="Over">Days that it is looked at over.</param>
public sealed record FlowObjective(decimal Share, TimeSpan Over)
{
    /// <summary>How long the hours of promises are kept, at least: the longest time that an objective is looked at over.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    /// <summary>How fast the budget of broken promises is spent: 1 spends all of it in <see cref="Over"/>, 0 none. Null where no instance has ended.</summary>
    public double? Burn(long kept, long broken) => kept + broken == 0 ? null : broken / (double)(kept + broken) / (double)(1 - Share);
}

/// <summary>That an instance counts for a figure from now on, or does not any more.</summary>
/// <param name="Group">Canonical JSON of <see cref="FlowFigure.By"/>, <c>{"company":1}</c>; null where it does not count any more.</param>
/// <param name="Amount">In units of ten to the power of minus <see cref="FlowFigure.Digits"/>.</param>
public sealed record FigureChange(string Figure, string? Group, long? Amount, bool Lasts);

/// <summary>What the instances of a flow make up that stand in one group of a figure.</summary>
/// <param name="Group">Canonical JSON, <c>{"company":1}</c>.</param>
/// <param name="Amount">Null where nothing adds to it.</param>
/// <param name="Oldest">Since when the one counts that does longest, or for what lasts: when the first did of those that are asked for.</param>
public sealed record FigureSum(string Flow, string Figure, bool Lasts, string Group, long Count, decimal? Amount, DateTimeOffset Oldest);

/// <summary>How many instances of a flow have kept its promise in an hour, and how many have not.</summary>
/// <param name="Hour">Its beginning.</param>
/// <param name="Broken">They were late, or have failed; of each it counts when it is known first.</param>
public sealed record FlowHour(string Flow, DateTimeOffset Hour, long Kept, long Broken);
