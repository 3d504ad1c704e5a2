using System.Buffers;
using System.Text;

namespace Gateway.Adapters.Credentials;

/// <summary>What stands in a header of every request to a backend.</summary>
internal abstract class HeaderValue : IDisposable
{
    /// <summary>What a header's value can hold here: visible ASCII and spaces (RFC 9110 section 5.5, without obs-text).</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)]);

    /// <inheritdoc cref="Credential.ShowAsync"/>
    public abstract ValueTask<Shown> ShowAsync(CancellationToken cancellation);

    /// <inheritdoc cref="Credential.Renew"/>
    public abstract bool Renew(string refused);

    public virtual void Dispose()
    {
    }

    /// <summary>Whether a header can carry a value. Others would break the request, or be two headers.</summary>
    public static bool IsPlain(string value) => !value.AsSpan().ContainsAnyExcept(Plain);
}

/// <summary>A secret in its scheme, as it is now.</summary>
/// <param name="compose">The header's value of the secret's.</param>
internal sealed class SecretValue(Secret secret, Func<string, string> compose, Outside outside) : HeaderValue
{
    private volatile Composed _last = Compose(secret, compose, outside);

    public override ValueTask<Shown> ShowAsync(CancellationToken cancellation) => new(Now());

    public override bool Renew(string refused)
    {
        secret.Refresh();
        return Now().Value is { } value && value != refused;
    }

    /// <summary>Composed once for each value of the secret.</summary>
    public Shown Now()
    {
        var last = _last;
        if (!ReferenceEquals(secret.Reveal(), last.Secret)) _last = last = Compose(secret, compose, outside);
        return last.Shown;
    }

    public static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static Composed Compose(Secret secret, Func<string, string> compose, Outside outside)
    {
        var revealed = secret.Reveal();
        var value = compose(revealed.Length > 0 ? revealed : outside.Unknown(secret));
        return new Composed(revealed, IsPlain(value) ? new Shown(value) : new Shown { Trouble = $"{secret} holds characters that no header can carry" });
    }

    private sealed record Composed(string Secret, Shown Shown);
}
