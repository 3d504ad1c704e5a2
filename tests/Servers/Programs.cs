namespace Gateway.Tests.Servers;

/// <summary>Programs of Debian's packages, in the path and where Debian puts what is not for everybody.</summary>
internal static class Programs
{
    private const string Postgresql = "/usr/lib/postgresql";

    /// <summary>Full path; null where it is not installed.</summary>
    public static string? Find(string name) => Directories().Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Directories() =>
    [
        .. (Directory.Exists(Postgresql) ? Directory.GetDirectories(Postgresql) : []).OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")),
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'),
        "/usr/sbin",
    ];
}
