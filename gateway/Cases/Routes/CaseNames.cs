using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.Pipeline;

namespace Gateway.Cases.Routes;

/// <summary>
/// Looks for what a file of cases names and nobody has: consumers, backends, problems. Such a case may hold and prove nothing, for nobody shows
/// no credentials, and a backend that there is not is never asked.
/// </summary>
internal sealed class CaseNames(RouteCasesDocument file, WorkspaceDocument workspace, Places places)
{
    private readonly List<string> _consumers = [.. workspace.Partners.Values.SelectMany(p => p.Consumers.Keys)];

    private IEnumerable<StepDocument> Steps => file.Cases.SelectMany(c => c.Steps.Prepend(c));

    public IEnumerable<Diagnostic> Unknown() => Backends(file.Backends).Concat(file.Cases.SelectMany(c => Backends(c.Backends))).Concat(Steps.SelectMany(Step));

    private IEnumerable<Diagnostic> Step(StepDocument step)
    {
        if (step.Consumer is { } consumer && !_consumers.Contains(consumer))
            yield return Unknown("GW4010", places.Of(step, nameof(step.Consumer)), "consumer", consumer, _consumers);
        foreach (var backend in Backends(step.Calls)) yield return backend;
        if (step.Answer is { Problem: { } problem } answer && !Problems.Pages.Contains(problem) && !IsSaidByBackend(problem))
            yield return Unknown("GW4012", places.Of(answer, nameof(answer.Problem)), "problem", problem, Problems.Pages);
    }

    private IEnumerable<Diagnostic> Backends(IReadOnlyDictionary<string, IReadOnlyList<CallDocument>>? calls) =>
        (calls?.Keys ?? []).Except(workspace.Backends.Keys).Select(name => Unknown("GW4011", places.Of(calls!, name), "backend", name, workspace.Backends.Keys));

    /// <summary>A refusal of a backend that requests are forwarded to is given on as it came, with a problem type of the backend's.</summary>
    private bool IsSaidByBackend(string problem) =>
        new[] { file.Backends }.Concat(file.Cases.Select(c => c.Backends)).Concat(Steps.Select(s => s.Calls).OfType<IReadOnlyDictionary<string, IReadOnlyList<CallDocument>>>())
            .SelectMany(calls => calls.Values).SelectMany(calls => calls)
            .Any(call => (call.Answer.Body?.GetRawText() ?? call.Answer.Text)?.Contains(problem, StringComparison.Ordinal) == true);

    private static Diagnostic Unknown(string code, Place place, string kind, string name, IEnumerable<string> known) =>
        new(code, Severity.Error, place, $"there is no {kind} '{name}'", Nearest.Cure(name, known));
}
