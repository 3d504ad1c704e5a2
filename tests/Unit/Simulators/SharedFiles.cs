using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>The folder of recorded conversations beside the repository, or in the environment variable SHARED.</summary>
internal static class SharedFiles
{
    /// <summary>The transcripts' folder, or null where they are not at hand.</summary>
    public static string? Transcripts { get; } = Find("odoo/transcripts");

    /// <summary>The transcripts' folder; skips the running test where there is none.</summary>
    public static string TranscriptsOrSkip()
    {
        Assert.SkipWhen(Transcripts is null,
            "The recorded Odoo transcripts are neither in $SHARED nor in ../shared beside the repository.");
        return Transcripts!;
    }

    private static string? Find(string below)
    {
        var folder = Environment.GetEnvironmentVariable("SHARED") is { Length: > 0 } shared ? shared : Beside();
        return folder is not null && Directory.Exists(Path.Combine(folder, below)) ? Path.Combine(folder, below) : null;
    }

    private static string? Beside()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Gateway.sln")))
                return Path.Combine(at.FullName, "..", "shared");
        return null;
    }
}
