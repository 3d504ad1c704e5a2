using System.Globalization;

namespace Gateway.Delivery.Flows;

/// <summary>How fast a flow spends what its objective leaves for broken promises, over one time.</summary>
/// <param name="Window"><c>1h</c>, <c>6h</c>, <c>3d</c>, or the days of the objective. By whole hours, the one that has begun too.</param>
/// <param name="Burn">1 spends all of it in the time of the objective; null where nothing has ended.</param>
public sealed record FlowBurn(string Window, long Kept, long Broken, double? Burn)
{
    /// <summary>From short to long: the first tell of what goes wrong now, the last of what is left.</summary>
    private static readonly TimeSpan[] Windows = [TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromDays(3)];

    /// <summary>Of a flow that has an objective.</summary>
    /// <param name="hours">Of all flows, as far back as the objective goes.</param>
    public static IReadOnlyList<FlowBurn> Of(Flow flow, IEnumerable<FlowHour> hours, DateTimeOffset now)
    {
        var (objective, own) = (flow.Objective!, hours.Where(h => h.Flow == flow.Name).ToList());
        return [.. Windows.Where(w => w < objective.Over).Append(objective.Over).Select(window =>
        {
            var within = own.Where(h => h.Hour > now - window - TimeSpan.FromHours(1)).ToList();
            var (kept, broken) = (within.Sum(h => h.Kept), within.Sum(h => h.Broken));
            return new FlowBurn(NameOf(window), kept, broken, objective.Burn(kept, broken));
        })];
    }

    private static string NameOf(TimeSpan window) => window.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{window.TotalDays:0.##}d")
        : string.Create(CultureInfo.InvariantCulture, $"{window.TotalHours:0}h");
}
