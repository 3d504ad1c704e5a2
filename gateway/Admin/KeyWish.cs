using Gateway.Configuration.Yaml;

namespace Gateway.Admin;

/// <summary>What an operator says of a key that is to be issued or rotated; the reason is read elsewhere.</summary>
internal sealed record KeyWish
{
    public string? Consumer { get; init; }

    /// <summary>What the key may do at most; null for all that its consumer may.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>A duration (<c>90d</c>), a date, or <c>never</c>.</summary>
    public string? Expires { get; init; }

    /// <summary>How long the key that is replaced holds on: a duration or a date.</summary>
    public string? Overlap { get; init; }

    public string? Reason { get; init; }

    /// <summary>When a time that was written down comes; an error says what is wrong with it.</summary>
    /// <param name="otherwise">Where nothing was written; null for never.</param>
    public static string? Until(string? written, DateTimeOffset now, TimeSpan? otherwise, out DateTimeOffset? until)
    {
        var scalar = new Node.Scalar(written ?? "", Plain: true, new Place("", 0, 0));
        until = written switch
        {
            null => now + otherwise,
            "never" => null,
            _ when Scalars.Parse(scalar, typeof(TimeSpan)) is TimeSpan duration => now + duration,
            _ => Scalars.Parse(scalar, typeof(DateTimeOffset)) as DateTimeOffset?,
        };
        if (until is null && written is not (null or "never")) return $"'{written}' is no time: write a duration (90d, 12h), a date (2027-06-30), or never.";
        return until <= now ? "The time is not in the future." : null;
    }
}
