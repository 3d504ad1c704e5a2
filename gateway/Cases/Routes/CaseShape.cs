using Gateway.Configuration.Yaml;

namespace Gateway.Cases.Routes;

/// <summary>Looks for cases that are not made so that they could prove something: no request, nothing expected, two of one name.</summary>
internal sealed class CaseShape(RouteCasesDocument file, Places places)
{
    /// <summary>What is wrong with each of a file's cases, and with the file where it has none.</summary>
    /// <param name="path">The file's.</param>
    public IEnumerable<Diagnostic> Findings(string path) =>
    [
        .. file.Cases.Count > 0 ? [] : (Diagnostic[])[CaseFinding.OfNoCases(path)],
        .. file.Cases.SelectMany(Findings),
        .. CaseFinding.Twice(file.Cases, one => one.Name, one => places.Of(one, nameof(one.Name))),
    ];

    private IEnumerable<Diagnostic> Findings(RouteCaseDocument one)
    {
        var steps = one.Steps.Count > 0 ? one.Steps : [one];
        if (one.Request is null && one.Steps.Count == 0)
            yield return CaseFinding.Of(places.Of(one), "a case is a request, or steps:", "write request: GET /v1/…, or steps: […]");
        else if (one.Steps.Count > 0 && OfSteps(one).FirstOrDefault(m => m.IsSet).Name is { } member)
            yield return CaseFinding.Of(places.Of(one), $"{member} belongs to a step; of a case with steps: only at:, consumer: and backends: hold for all", "move it to the step that it is meant for");
        else if (!steps.Any(Expects))
            yield return CaseFinding.Of(places.Of(one), $"'{one.Name}' expects nothing, so it holds whatever happens", "say what must come of it: answer:, calls: or events:");
        foreach (var step in steps.Where(s => s.Request is { } request && request.Split(' ') is not [_, ['/', ..]]))
            yield return CaseFinding.Of(places.Of(step, nameof(step.Request)), $"'{step.Request}' is not a method and a path", "write it like GET /v1/orders/${order}");
    }

    private static bool Expects(StepDocument step) => step.Answer is not null || step.Calls is not null || step.Events is not null;

    private static IEnumerable<(string Name, bool IsSet)> OfSteps(RouteCaseDocument one) =>
    [
        ("request:", one.Request is not null), ("headers:", one.Headers.Count > 0), ("body:", one.Body is not null), ("text:", one.Text is not null),
        ("credentials:", one.Credentials is not null), ("claims:", one.Claims.Count > 0), ("after:", one.After is not null), ("times:", one.Times > 1),
        ("answer:", one.Answer is not null), ("calls:", one.Calls is not null), ("events:", one.Events is not null), ("step:", one.Step is not null),
    ];
}
