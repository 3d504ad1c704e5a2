using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Policies.Cache;

/// <summary>Answers to GET that are given again, to the same partner.</summary>
public sealed record CacheOptions
{
    /// <summary>Of an answer, the time in which it stands in included.</summary>
    internal static readonly TimeSpan LongestLife = TimeSpan.FromDays(8);

    [Description("How long an answer is fresh. A backend that is forwarded to and says less (Cache-Control, Expires) is obeyed; one that says more is not.")]
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public required TimeSpan For { get; init; }

    [Description("How long after that it is given where the backend fails (RFC 5861 section 4): its age is told.")]
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan StaleIfError { get; init; }

    [Description("Most memory for answers, in megabytes; which were not asked for longest go first.")]
    [Range(1, 4096)]
    public int Megabytes { get; init; } = 32;
}
