namespace Gateway.Adapters.Odoo.Wire;

/// <summary>One call of a method of a model, whichever way it goes to Odoo.</summary>
/// <param name="Effect">What the method does; decides what a lost answer means.</param>
/// <param name="Body">The method's arguments by name, with <c>ids</c> and <c>context</c> where it takes them: a JSON object.</param>
internal sealed record OdooRequest(string Model, string Method, Effect Effect, ReadOnlyMemory<byte> Body)
{
    public string? CorrelationId { get; init; }

    /// <summary>How long somebody waits for it still.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>From here on it is not sent any more.</summary>
    public DateTimeOffset? Until { get; init; }
}
