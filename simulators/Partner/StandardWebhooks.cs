using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Simulators;

/// <summary>
/// Standard Webhooks 1.0, symmetric scheme <c>v1</c>: HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c>, base64,
/// in <c>webhook-signature</c> as space-separated <c>v1,&lt;signature&gt;</c>. https://www.standardwebhooks.com
/// </summary>
public static class StandardWebhooks
{
    /// <summary>How far a timestamp may lie from the receiver's clock, either way.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The header value for a message.</summary>
    /// <param name="secret"><c>whsec_</c> and the key in base64.</param>
    /// <param name="id">The <c>webhook-id</c>.</param>
    /// <param name="timestamp">Unix seconds, as in <c>webhook-timestamp</c>.</param>
    /// <param name="body">The bytes as sent.</param>
    /// <returns><c>v1,&lt;base64&gt;</c>.</returns>
    public static string Sign(string secret, string id, string timestamp, ReadOnlySpan<byte> body) =>
        "v1," + Convert.ToBase64String(Mac(secret, id, timestamp, body));

    /// <summary>Puts id, time, signature and topic on a message that is sent.</summary>
    internal static void Sign(System.Net.Http.Headers.HttpRequestHeaders headers, HookToSign hook)
    {
        var timestamp = hook.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        headers.Add("webhook-id", hook.Id);
        headers.Add("webhook-timestamp", timestamp);
        headers.Add("webhook-signature", Sign(hook.Secret, hook.Id, timestamp, hook.Body));
        if (hook.Topic is { } topic)
            headers.Add("x-webhook-topic", topic);
    }

    /// <summary>Checks a message.</summary>
    /// <returns>Null where one of the signatures fits and the timestamp is recent, else what is wrong.</returns>
    public static string? WhatIsWrong(string secret, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body,
        DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(timestamp) || string.IsNullOrEmpty(signatures))
            return "one of the headers webhook-id, webhook-timestamp, webhook-signature is missing";
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return "webhook-timestamp is not a number of seconds";
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
            return "webhook-timestamp is more than five minutes away";
        var wanted = Mac(secret, id, timestamp, body);
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            if (signature.StartsWith("v1,", StringComparison.Ordinal) && Fits(signature["v1,".Length..], wanted))
                return null;
        return "no signature in webhook-signature fits";
    }

    private static bool Fits(string base64, byte[] wanted)
    {
        Span<byte> given = stackalloc byte[64];
        return Convert.TryFromBase64String(base64, given, out var length)
            && CryptographicOperations.FixedTimeEquals(given[..length], wanted);
    }

    private static byte[] Mac(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        var key = Convert.FromBase64String(secret.StartsWith("whsec_", StringComparison.Ordinal) ? secret["whsec_".Length..]
            : secret);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return HMACSHA256.HashData(key, signed);
    }
}
