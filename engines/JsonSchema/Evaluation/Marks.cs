namespace Gateway.JsonSchema.Evaluation;

/// <summary>
/// A range of bits in <see cref="Run"/>, one for each member or item of the current instance: those already evaluated, for the
/// <c>unevaluated…</c> keywords. The default value means that nobody asks.
/// </summary>
internal readonly record struct Marks(int Start, int Length)
{
    public bool Wanted => Length != 0;
}
