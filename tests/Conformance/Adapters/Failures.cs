using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>What a result may tell.</summary>
internal static class Failures
{
    /// <summary>Words that only somebody inside knows.</summary>
    private static readonly string[] Inside = ["127.0.0.1", "localhost", "://", "Traceback", "   at ", "Exception", "System.", "/usr/", "psycopg", "SELECT "];

    /// <summary>No address, no secret and nothing of anybody's inside is shown to callers; no secret stands in a log.</summary>
    public static void TellNothing(OperationResult result, SampleWorld world)
    {
        Assert.All(Inside, word => Assert.DoesNotContain(word, result.Detail, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(world.Url.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Key, result.Detail + result.Reason, StringComparison.Ordinal);
    }

    /// <summary>A failure says something to the caller, and to the log, and gives nothing that only a success has.</summary>
    public static void IsTold(OperationResult result, SampleWorld world)
    {
        Assert.NotEmpty(result.Detail);
        Assert.False(string.IsNullOrEmpty(result.Reason));
        Assert.True(result.Record.IsEmpty && result.Facts.IsEmpty && result.Reference is null);
        TellNothing(result, world);
    }
}
