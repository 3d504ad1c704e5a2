namespace Gateway;

/// <summary>
/// A secret by reference: <c>secret://env/NAME</c>, <c>secret://file/PATH</c>, and in the demo only <c>secret://demo/VALUE</c>.
/// Its value is never printed, logged or part of the revision.
/// </summary>
public sealed class Secret(string reference, string value)
{
    public string Reference { get; } = reference.StartsWith("secret://demo/", StringComparison.Ordinal) ? "secret://demo/***" : reference;

    /// <summary>The value itself. Call it where it is used, and keep it nowhere.</summary>
    public string Reveal() => value;

    public override string ToString() => Reference;
}
