namespace Gateway.Delivery.Storage;

/// <summary>How promises and amounts of figures are stored.</summary>
internal static class FlowHours
{
    /// <summary>Rows for each flow and hour.</summary>
    private const int Shards = 8;

    private static readonly decimal Unit = (decimal)Math.Pow(10, FlowFigure.Digits);

    /// <summary>The beginning of a moment's hour, UTC.</summary>
    public static DateTimeOffset Of(DateTimeOffset moment) => new(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    public static int ShardOf(FlowInstance instance) => instance.Shard % Shards;

    /// <summary>From the units that are stored.</summary>
    public static decimal Amount(decimal units) => units / Unit;
}
