using System.Text.RegularExpressions;

namespace Gateway.Configuration.Flows;

/// <summary>What instances are counted for, and how many are to keep the promise.</summary>
internal sealed partial class FlowReader
{
    private const string NoFigure = "GW5414";

    /// <summary>Names that a figure is counted by.</summary>
    private const int MostNames = 5;

    /// <summary>What the metrics of figures are told apart by already.</summary>
    private static readonly string[] Taken = ["flow", "figure"];

    private List<FlowFigure> Figures(FlowDeclaration flow)
    {
        if (flow is { Objective: { } objective, Promise: null })
            Error(NoFigure, places.Of(objective), "an objective is about a promise, and the flow has none", "add promise: to the flow, the time that an instance takes at most");
        return [.. flow.Figures.Select(f => Figure(flow, f.Key, f.Value)).OfType<FlowFigure>()];
    }

    private FlowFigure? Figure(FlowDeclaration flow, string name, FigureDocument figure)
    {
        if (!FigureName().IsMatch(name))
            Error(NoFigure, places.Of(flow.Figures, name), $"'{name}' is no name of a figure", "write small letters, digits and hyphens, a letter first, 60 at most: shipped-not-invoiced");
        if (figure.While is null == figure.Once is null)
            Error(NoFigure, places.Of(flow.Figures, name), $"the figure '{name}' counts {(figure.While is null ? "nothing" : "for a while and for good")}", "write while: or once:");
        if (figure.By.Count > MostNames) Error(NoFigure, places.Of(figure, nameof(figure.By)), $"the figure '{name}' is counted by {figure.By.Count} names", $"leave {MostNames}: each of their values makes a row");
        foreach (var wrong in figure.By.Keys.Where(by => !GroupName().IsMatch(by) || Taken.Contains(by)))
            Error(NoFigure, places.Of(figure.By, wrong), $"'{wrong}' is no name that a figure is counted by", "write small letters, digits and underscores, a letter first, 40 at most, and neither flow nor figure");
        var counts = Expression(figure, figure.While is null ? nameof(figure.Once) : nameof(figure.While), figure.While ?? figure.Once, forFigure: true);
        var by = figure.By.OrderBy(b => b.Key, StringComparer.Ordinal)
            .Select(b => (b.Key, Value: Expression(figure.By, b.Key, b.Value, forFigure: true))).Where(b => b.Value is not null).ToDictionary(b => b.Key, b => b.Value!);
        var amount = Expression(figure, nameof(figure.Amount), figure.Amount, forFigure: true);
        return counts is null ? null : new FlowFigure(name, counts) { Description = figure.Description, By = by, Amount = amount, Lasts = figure.Once is not null };
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,59}$")]
    private static partial Regex FigureName();

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$")]
    private static partial Regex GroupName();
}
