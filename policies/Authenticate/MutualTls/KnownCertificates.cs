using System.Collections.Concurrent;

namespace Gateway.Policies.Authenticate;

/// <summary>
/// Certificates that were found to hold, by thumbprint, each until it ends or its authority's files change. Only such: what was refused may be
/// mended by what is sent along with it. Bounded: when it is full, it begins anew.
/// </summary>
internal sealed class KnownCertificates(TimeProvider clock)
{
    internal const int Most = 8 * 1024;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private int _count;

    public Consumer? Find(PeerCertificate certificate) =>
        _known.TryGetValue(certificate.Thumbprint, out var known) && ReferenceEquals(known.Trust, known.Authority.Trust.Current) && known.Until > clock.GetUtcNow() ? known.Consumer : null;

    public void Keep(PeerCertificate certificate, Consumer consumer, Authority authority, Trust trust, DateTimeOffset until)
    {
        if (Interlocked.Increment(ref _count) > Most)
        {
            _known.Clear();
            Volatile.Write(ref _count, 1);
        }
        _known[certificate.Thumbprint] = new Known(consumer, authority, trust, until);
    }

    /// <param name="Trust">What it was judged by; it is good while that is the authority's.</param>
    private sealed record Known(Consumer Consumer, Authority Authority, Trust Trust, DateTimeOffset Until);
}
