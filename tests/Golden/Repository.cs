namespace Gateway.Tests.Golden;

/// <summary>Where this clone stands.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Gateway.sln"))) return at.FullName;
        throw new DirectoryNotFoundException("the tests must run inside a clone of the repository");
    }
}
