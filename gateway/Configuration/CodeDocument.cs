using System.ComponentModel;

namespace Gateway.Configuration;

/// <summary>A code table as it is written: entries of one side with the code of the other.</summary>
public sealed record CodeTableDocument
{
    [Description("What the codes are, for people.")]
    public string Description { get; init; } = "";

    [Description("Where they are defined: a standard, an API's documentation.")]
    public string Source { get; init; } = "";

    [Description("Name of the side whose values stand before the colons.")]
    public required string From { get; init; }

    [Description("Name of the side whose codes stand behind the colons; meant where a mapping names no side.")]
    public required string To { get; init; }

    [Description("Value: code.")]
    public required CodePairs Values { get; init; }

    [Description("The way back, where several values have one code: which of them it becomes.")]
    public CodePairs Back { get; init; } = CodePairs.None;

    [Description("Code for a value that is not here. Default: it is an error.")]
    public string? Default { get; init; }

    [Description("Value for a code that is not here. Default: it is an error.")]
    public string? BackDefault { get; init; }

    [Description("A value that is not here has no code, which is no error.")]
    public bool Optional { get; init; }

    [Description("Never read from code to value.")]
    public bool OneWay { get; init; }
}

/// <summary>What a partner has of its own in a code table; what it doesn't have is everybody's.</summary>
public sealed record OwnCodesDocument
{
    [Description("Value: code.")]
    public CodePairs Values { get; init; } = CodePairs.None;

    [Description("The way back, where several of the partner's values have one code.")]
    public CodePairs Back { get; init; } = CodePairs.None;

    [Description("Code for a value that is neither here nor in the table.")]
    public string? Default { get; init; }

    [Description("Value for a code that is neither here nor in the table.")]
    public string? BackDefault { get; init; }
}

/// <summary>Codes as they are written, in their order. Unlike other names, they may hold any character.</summary>
public sealed record CodePairs(IReadOnlyList<CodePair> Items)
{
    public static readonly CodePairs None = new([]);
}

/// <summary>One line of a table; <paramref name="Place"/> is the value's.</summary>
public sealed record CodePair(string Value, string Code, Place Place);
