using System.Security.Cryptography;

namespace Gateway;

/// <summary>
/// Something made of materials, which follows them: when files are replaced it is made anew, and what can't be used changes nothing and is
/// told. It outlives reloads of the workspace, so that a broken file of a later day takes nothing away that runs.
/// </summary>
/// <param name="name">For operators: <c>tls secret://file/run/tls/tls.crt</c>.</param>
public abstract class Followed(string name)
{
    public string Name { get; } = name;

    /// <summary>Until when what runs is good; null where nothing runs, or it does not end.</summary>
    public abstract DateTimeOffset? Expires { get; }

    /// <summary>What an operator must know of it at a moment: why the newest files were not taken, or what has run out. Null while all is well.</summary>
    public abstract string? TroubleAt(DateTimeOffset now);

    /// <summary>Looks at the materials. What has changed is taken when it is the same at two looks: two files are not replaced at once.</summary>
    /// <returns>Whether something else runs now.</returns>
    public abstract bool Look(DateTimeOffset now);
}

/// <summary>What came of making something: the thing, or why there is none.</summary>
public readonly record struct Made<T>(T? Value, string? Trouble) where T : class
{
    public static implicit operator Made<T>(T value) => new(value, null);

    public static Made<T> Not(string trouble) => new(null, trouble);
}

/// <inheritdoc cref="Followed"/>
/// <param name="make">Makes it of the materials' bytes, in their order, for a moment.</param>
/// <param name="expires">Until when it is good.</param>
/// <param name="complain">What has run out of it at a moment.</param>
public sealed class Followed<T>(
    string name, IReadOnlyList<Material> materials, Func<IReadOnlyList<byte[]>, DateTimeOffset, Made<T>> make, Func<T, DateTimeOffset?> expires, Func<T, DateTimeOffset, string?> complain)
    : Followed(name) where T : class
{
    private readonly Lock _one = new();
    private volatile T? _current;
    private volatile string? _trouble;
    private string _judged = "";
    private string _pending = "";

    /// <summary>What runs; null before anything could be made.</summary>
    public T? Current => _current;

    public override DateTimeOffset? Expires => _current is { } current ? expires(current) : null;

    public override string? TroubleAt(DateTimeOffset now) => _trouble ?? (_current is { } current ? complain(current, now) : null);

    public override bool Look(DateTimeOffset now)
    {
        if (!materials.All(m => m.IsAtHand)) return false;
        lock (_one)
        {
            var (contents, seen) = Read();
            // What was refused may be good later, as a certificate that is not valid yet.
            if (seen == _judged && _trouble is null) return false;
            if (seen != _judged && _judged.Length > 0 && seen != _pending)
            {
                _pending = seen;
                return false;
            }
            _judged = seen;
            var made = contents is null ? Made<T>.Not(seen) : make(contents, now);
            _trouble = made.Trouble;
            if (made.Value is null) return false;
            _current = made.Value;
            return true;
        }
    }

    /// <summary>The contents and a hash of them; or null, and why they can't be read.</summary>
    private (IReadOnlyList<byte[]>? Contents, string Seen) Read()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var contents = new List<byte[]>();
        foreach (var material in materials)
        {
            try
            {
                contents.Add(material.Read());
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                return (null, $"{material} can't be read");
            }
            hash.AppendData(SHA256.HashData(contents[^1]));
        }
        return (contents, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
