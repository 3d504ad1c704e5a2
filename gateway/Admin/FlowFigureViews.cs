using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Delivery.Flows;
using Gateway.Pipeline;

namespace Gateway.Admin;

/// <summary>What the instances of flows make up, and how their promises are kept, as operators see it.</summary>
internal sealed class FlowFigureViews(IStore store, FlowBook book, CurrentPlan plans, TimeProvider clock)
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);

    /// <summary>
    /// <c>?since=SECONDS</c> (30 days), for what lasts: each figure that is declared with its groups, and each objective with how its promises were kept over
    /// some times, the last of them its own. <c>left</c> is the part of what may be broken that was not, below 0 where more was.
    /// </summary>
    public async Task ShowAsync(HttpContext http)
    {
        var since = http.Request.Query["since"].ToString();
        var seconds = Usual.TotalSeconds;
        if (since.Length > 0 && !(double.TryParse(since, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) && seconds is > 0 and < 1e9))
        {
            await Problems.WriteAsync(http, new Refusal(Failure.MalformedRequest, "Write since as seconds before now, in digits."), plans.Current.Problem);
            return;
        }
        var now = clock.GetUtcNow();
        var sums = (await store.FlowFiguresAsync(now.AddSeconds(-seconds), http.RequestAborted)).ToLookup(s => (s.Flow, s.Figure));
        var held = book.Current.Where(f => f.Objective is not null).ToList();
        var hours = held.Count == 0 ? [] : await store.FlowHoursAsync(now - held.Max(f => f.Objective!.Over), http.RequestAborted);
        await Views.Write(http, new
        {
            figures = book.Current.SelectMany(flow => flow.Figures.Select(figure => Shown(flow, figure, [.. sums[(flow.Name, figure.Name)].Where(s => s.Lasts == figure.Lasts)], now.AddSeconds(-seconds)))),
            objectives = held.Select(flow => Shown(flow, hours, now)),
        });
    }

    private static object Shown(Flow flow, FlowFigure figure, IReadOnlyList<FigureSum> sums, DateTimeOffset since) => new
    {
        flow = flow.Name,
        figure = figure.Name,
        figure.Description,
        since = figure.Lasts ? since : (DateTimeOffset?)null,
        count = sums.Sum(s => s.Count),
        groups = sums.Select(s => new { by = JsonNode.Parse(s.Group), s.Count, s.Amount, s.Oldest }),
    };

    private static object Shown(Flow flow, IReadOnlyList<FlowHour> hours, DateTimeOffset now)
    {
        var burns = FlowBurn.Of(flow, hours, now);
        return new
        {
            flow = flow.Name,
            flow.Promise,
            flow.Objective!.Share,
            flow.Objective.Over,
            left = 1 - (burns[^1].Burn ?? 0),
            burns,
        };
    }
}
