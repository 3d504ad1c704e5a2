using System.Text;

namespace Gateway;

/// <summary>
/// A secret by reference: <c>secret://env/NAME</c>, <c>secret://file/PATH</c>, and in the demo only <c>secret://demo/VALUE</c>.
/// Its value is never printed, logged or part of the revision.
/// </summary>
/// <param name="value">Empty where nobody looked for it: <c>validate</c> and cases do without secrets.</param>
public class Secret(string reference, string value)
{
    public string Reference { get; } = reference.StartsWith("secret://demo/", StringComparison.Ordinal) ? "secret://demo/***" : reference;

    /// <summary>The value as it is now; the same instance as long as it is the same. Call it where it is used, and keep it nowhere.</summary>
    public virtual string Reveal() => value;

    /// <summary>The value as it is now, byte for byte, for what is no text.</summary>
    public virtual ReadOnlyMemory<byte> RevealBytes() => Encoding.UTF8.GetBytes(value);

    /// <summary>Looks at once whether it has changed, where it can change.</summary>
    public virtual void Refresh()
    {
    }

    public override string ToString() => Reference;
}
