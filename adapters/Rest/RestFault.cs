namespace Gateway.Adapters.Rest;

/// <summary>Whose fault an error is, and so what is certain about a change that it answers.</summary>
internal enum FaultKind
{
    /// <summary>The business rules said no; nothing was changed.</summary>
    Rules,

    /// <summary>What we sent is not what the API takes: our mapping's fault; nothing was changed.</summary>
    Input,

    /// <summary>It has another object under the external id; nothing was changed.</summary>
    Known,

    /// <summary>There is no such object.</summary>
    Missing,

    /// <summary>Our credential, our rights or our account are refused; nothing was changed.</summary>
    Access,

    /// <summary>Too many calls, or closed for a while, and it says so before it works.</summary>
    Busy,

    /// <summary>It failed itself; a change may have been made.</summary>
    Own,

    /// <summary>Somebody behind it failed, a carrier; a change may have been made, and the system itself is well.</summary>
    Behind,
}

/// <summary>An error in the API's own words.</summary>
/// <param name="Code">The exact reason, for the log.</param>
/// <param name="Message">For people there; shown to callers of what the rules refuse, if nothing of anybody's inside is in it.</param>
internal sealed record RestFault(FaultKind Kind, string Code, string Message);

/// <summary>How one API words its errors, and what its system is called towards callers.</summary>
/// <param name="who">Begins sentences: <c>The warehouse system</c>.</param>
internal abstract class RestDialect(string who)
{
    /// <summary>What a caller reads when it can't be asked.</summary>
    public string NotAvailable { get; } = $"{who} is not available; nothing was changed.";

    /// <summary>What a caller reads when the outcome is open.</summary>
    public string NotKnown { get; } = $"{who} was asked, but its answer did not arrive; it is not known yet what it did.";

    /// <summary>What a caller reads when an answer makes no sense.</summary>
    public string NoSense { get; } = $"{who} gave an answer that can't be used.";

    /// <summary>What a caller reads of a refusal whose words are not for him.</summary>
    public string Refuses { get; } = $"{who} refuses the request.";

    /// <summary>What a caller reads when a read took too long.</summary>
    public string TooLate { get; } = $"{who} did not answer in time.";

    /// <summary>The error that a body is; null where it is none of this API: somebody else answered.</summary>
    public abstract RestFault? FaultOf(int status, System.Text.Json.JsonElement body);
}
