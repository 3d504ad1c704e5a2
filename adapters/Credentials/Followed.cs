using System.Security.Cryptography;

namespace Gateway.Adapters.Credentials;

/// <summary>Something made of secrets, made anew when one of them has changed; what can't be made leaves what was.</summary>
/// <exception cref="ArgumentException">It can't be made to begin with.</exception>
internal sealed class Followed<T> where T : class
{
    private readonly IReadOnlyList<Secret> _secrets;
    private readonly Func<T> _make;
    private readonly Lock _one = new();
    private volatile Made _made;

    /// <param name="make">Throws <see cref="ArgumentException"/> or <see cref="CryptographicException"/> for what can't be made.</param>
    public Followed(IEnumerable<Secret?> secrets, Func<T> make)
    {
        (_secrets, _make) = ([.. secrets.OfType<Secret>()], make);
        var revealed = Revealed();
        try
        {
            _made = new Made(revealed, make(), null);
        }
        catch (CryptographicException broken)
        {
            throw new ArgumentException($"{_secrets[0]}: {broken.Message}", broken);
        }
    }

    /// <summary>The same instance until a change.</summary>
    public T Now => Current().Value;

    /// <summary>Why the secrets as they are can't be used; null where they are.</summary>
    public string? Trouble => Current().Trouble;

    private Made Current()
    {
        var made = _made;
        return IsOf(made) ? made : Make();
    }

    private Made Make()
    {
        lock (_one)
        {
            if (IsOf(_made)) return _made;
            var revealed = Revealed();
            try
            {
                return _made = new Made(revealed, _make(), null);
            }
            catch (Exception broken) when (broken is ArgumentException or CryptographicException)
            {
                // Of a pair that is replaced, the one may come before the other.
                return _made = _made with { Revealed = revealed, Trouble = $"{_secrets[0]} can't be used as it is now; the one before is shown" };
            }
        }
    }

    private bool IsOf(Made made)
    {
        for (var i = 0; i < _secrets.Count; i++)
        {
            if (!ReferenceEquals(_secrets[i].Reveal(), made.Revealed[i])) return false;
        }
        return true;
    }

    private string[] Revealed() => [.. _secrets.Select(s => s.Reveal())];

    private sealed record Made(string[] Revealed, T Value, string? Trouble);
}
