using System.Text.Json;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Recorded answers of a real Odoo: <c>$SHARED</c>, else <c>../shared</c> beside the repository. Tests without them are skipped.</summary>
internal static class Transcripts
{
    public static JsonElement Response(string number)
    {
        var folder = Path.Combine(Environment.GetEnvironmentVariable("SHARED") ?? Path.Combine(Root(), "..", "shared"), "odoo", "transcripts");
        if (!Directory.Exists(folder))
            Assert.Skip("recorded answers of a real Odoo are not here; name their folder in SHARED");
        var file = Assert.Single(Directory.GetFiles(folder, number + "-*.json"));
        return JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(file)).GetProperty("response");
    }

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Gateway.sln")))
                return folder;
        throw new DirectoryNotFoundException("no Gateway.sln above the tests");
    }
}
