using System.Globalization;

namespace Gateway.Cli;

/// <summary>Figures in sentences.</summary>
internal static class Count
{
    /// <summary><c>1 case</c>, <c>2 cases</c>, <c>0 cases</c>.</summary>
    public static string Of(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
