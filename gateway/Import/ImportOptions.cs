namespace Gateway.Import;

/// <summary>What to import, and how it is to be named in the workspace.</summary>
public sealed record ImportOptions
{
    /// <summary>Path of the OpenAPI document, JSON or YAML.</summary>
    public required string File { get; init; }

    /// <summary>Directory of the workspace.</summary>
    public required string Workspace { get; init; }

    /// <summary>Name of the API, of its file and of its contracts; null takes the document's title.</summary>
    public string? Name { get; init; }

    /// <summary>The backend that requests go to; null gives it the API's name. One that the workspace has not is written.</summary>
    public string? Backend { get; init; }

    /// <summary>Who answers for the API.</summary>
    public string Owner { get; init; } = "platform";

    /// <summary>Put before the paths that callers use; the backend does not see it.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Named policies for every route; null takes the one that authenticates, if the workspace has exactly one.</summary>
    public IReadOnlyList<string>? Policies { get; init; }

    /// <summary>Contracts only report what breaks them.</summary>
    public bool Report { get; init; }

    /// <summary>Overwrite files that are there already.</summary>
    public bool Force { get; init; }
}

/// <summary>Why nothing was imported, for people.</summary>
public sealed class ImportRefusedException(string message) : Exception(message);
