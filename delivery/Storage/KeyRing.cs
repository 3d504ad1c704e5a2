using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;

namespace Gateway.Delivery.Storage;

/// <summary>The key ring that encrypts payloads at rest: key files of ASP.NET Core Data Protection in a directory of their own.</summary>
public static class KeyRing
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersToo = ~OwnerOnly;

    /// <summary>One pass over the data, where the default (CBC and HMAC) takes two. Each key says what it is for, so older keys still open what they sealed.</summary>
    private static readonly AuthenticatedEncryptorConfiguration Algorithm = new() { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM };

    /// <summary>
    /// Opens the ring, making directory and first key when there are none. Keys are never deleted: what they encrypted may still be there.
    /// </summary>
    /// <param name="directory">Where the keys are; owner-readable only, and tightened to that where it is not.</param>
    /// <param name="dataDirectory">Where the data are. A copy of the data must not bring the keys along, so the keys may not lie inside.</param>
    /// <exception cref="StoreUnavailableException">The directory lies inside the data directory, or can't be made, read or tightened.</exception>
    public static IDataProtectionProvider Open(string directory, string dataDirectory)
    {
        var keys = RealPath(directory);
        var data = RealPath(dataDirectory);
        if (IsInside(keys, data))
        {
            throw Refused($"The key directory '{directory}' lies inside the data directory '{dataDirectory}': "
                + "a copy of the data would carry its keys. Give the keys a directory of their own.");
        }

        try
        {
            MakePrivate(keys);
            var provider = DataProtectionProvider.Create(new DirectoryInfo(keys), ring => ring.SetApplicationName("gateway").UseCryptographicAlgorithms(Algorithm));
            // The first use writes a missing key: it must fail here rather than in a request, and its file must be seen below.
            provider.CreateProtector("Gateway.KeyRing").Protect([]);
            foreach (var file in Directory.EnumerateFiles(keys)) Tighten(file);
            return provider;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new StoreUnavailableException($"The key directory '{directory}' can't be used: {cause.Message}", cause);
        }
    }

    /// <summary>Makes a directory readable by its owner only; one that exists keeps its mode.</summary>
    internal static void MakePrivateDirectory(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else if (!Directory.Exists(directory)) Directory.CreateDirectory(directory, OwnerOnly);
    }

    private static void MakePrivate(string directory)
    {
        MakePrivateDirectory(directory);
        Tighten(directory);
    }

    private static void Tighten(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & OthersToo) != 0) File.SetUnixFileMode(path, mode & OwnerOnly);
    }

    private static bool IsInside(string path, string parent) =>
        path == parent || path.StartsWith(Path.TrimEndingDirectorySeparator(parent) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path with every link on it followed, so that a link can't hide that one directory lies in the other.</summary>
    private static string RealPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent) return full;
        var here = Path.Combine(RealPath(parent), Path.GetFileName(full));
        if (!Directory.Exists(here)) return here;
        return Directory.ResolveLinkTarget(here, returnFinalTarget: true) is { } target ? RealPath(target.FullName) : here;
    }

    private static StoreUnavailableException Refused(string message) => new(message, new InvalidOperationException(message));
}
