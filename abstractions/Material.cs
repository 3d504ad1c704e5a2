namespace Gateway;

/// <summary>
/// Certificates, keys or revocation lists by reference, as bytes: <c>secret://file/PATH</c>, <c>secret://env/NAME</c> (PEM, or base64 of
/// anything), or <c>certificates/NAME.pem</c> of the workspace. Read whenever it is asked for: files are replaced while the gateway runs.
/// </summary>
/// <param name="reference">As it was written.</param>
/// <param name="read">Reads it; null where no secret is at hand, as for <c>validate</c>.</param>
public sealed class Material(string reference, Func<byte[]>? read)
{
    public string Reference { get; } = reference.StartsWith("secret://demo/", StringComparison.Ordinal) ? "secret://demo/***" : reference;

    /// <summary>The same for materials that are the same now and later: a file of the workspace is another one with other content.</summary>
    public string Identity { get; init; } = reference;

    public bool IsAtHand => read is not null;

    /// <exception cref="InvalidOperationException">It is not at hand.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public byte[] Read() => (read ?? throw new InvalidOperationException($"{Reference} is not at hand"))();

    public override string ToString() => Reference;
}
