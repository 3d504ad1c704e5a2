using Gateway.Configuration.Yaml;

namespace Gateway.Admin;

/// <summary>Moments as operators write them down.</summary>
internal static class Moment
{
    /// <summary>A time (<c>2026-11-29T08:00:00Z</c>), or how long ago (<c>6h</c>); null where it is neither.</summary>
    public static DateTimeOffset? Of(string written, DateTimeOffset now)
    {
        var scalar = new Node.Scalar(written, Plain: true, new Place("", 0, 0));
        return Scalars.Parse(scalar, typeof(TimeSpan)) is TimeSpan ago ? now - ago : Scalars.Parse(scalar, typeof(DateTimeOffset)) as DateTimeOffset?;
    }
}
