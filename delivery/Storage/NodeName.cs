using System.Security.Cryptography;

namespace Gateway.Delivery.Storage;

/// <summary>What a node is called in the audit.</summary>
internal static class NodeName
{
    private const string FileName = "node";

    /// <summary>The machine's name for people, and four random bytes for the rest.</summary>
    public static string New()
    {
        var machine = string.Concat(Environment.MachineName.ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        return $"{machine}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
    }

    /// <summary>The name that a directory was given when it was first used: where it stays, a node goes on under its name after a restart.</summary>
    /// <exception cref="IOException">The directory can't be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory can't be used.</exception>
    public static string Of(string directory)
    {
        KeyRing.MakePrivateDirectory(directory);
        var file = Path.Combine(directory, FileName);
        if (!File.Exists(file))
        {
            // Whole or not at all: what is cut off while it is written leaves no half a name.
            var written = Path.Combine(directory, $"{FileName}.{Guid.NewGuid():N}");
            File.WriteAllText(written, New());
            File.Move(written, file, overwrite: true);
        }
        return File.ReadAllText(file).Trim();
    }
}
