namespace Gateway.Import;

/// <summary>A route as it will be written.</summary>
internal sealed record RouteDraft(string Name, string Method, string Path)
{
    /// <summary>One line for callers; empty where the document says nothing.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Path at the backend; null for the caller's.</summary>
    public string? TargetPath { get; init; }

    public string? PathContract { get; init; }

    public string? QueryContract { get; init; }

    public string? HeaderContract { get; init; }

    public RequestDraft Request { get; init; } = new(null, []);

    public AnswersDraft Answers { get; init; } = new(null, []);

    /// <summary>What did not go over, as comments at the route.</summary>
    public IReadOnlyList<string> Comments { get; init; } = [];

    /// <summary>Names of all contracts of the route.</summary>
    public IEnumerable<string> Contracts =>
        new[] { PathContract, QueryContract, HeaderContract, Request.Contract, Answers.Success }.OfType<string>().Concat(Answers.ByStatus.Values);
}

/// <param name="MediaTypes">Types beside application/json and those that end in +json.</param>
/// <param name="Optional">Whether there may be no body.</param>
internal sealed record RequestDraft(string? Contract, IReadOnlyList<string> MediaTypes, bool Optional = false);

/// <param name="Success">Contract of every success without one of its own.</param>
internal sealed record AnswersDraft(string? Success, SortedDictionary<string, string> ByStatus);
