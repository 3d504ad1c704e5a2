using System.Text;

namespace Gateway.Delivery.Flows;

/// <summary>A flow as a Mermaid flowchart (mermaid.js.org), for people.</summary>
public static class FlowPicture
{
    public static string Of(Flow flow)
    {
        var picture = new Picture();
        picture.Node("start", $"([\"{flow.Trigger.Event}\"])");
        var last = picture.Chain(["start"], flow.Steps);
        picture.Node("done", "([done])");
        picture.Join(last, "done");
        if (flow.Cancellation is { } cancellation) picture.Aside("cancelled", cancellation.Event, cancellation.Steps);
        if (flow.AfterFailure.Count > 0) picture.Aside("failed", "a step has failed, and all is undone", flow.AfterFailure);
        return picture.ToString();
    }

    private sealed class Picture
    {
        private readonly StringBuilder _text = new("flowchart TD\n");

        public void Node(string id, string shape) => _text.Append("    ").Append(id).Append(shape).Append('\n');

        public void Join(IEnumerable<string> from, string to, string? label = null)
        {
            foreach (var one in from) _text.Append("    ").Append(one).Append(" -->").Append(label is null ? " " : $"|\"{label}\"| ").Append(to).Append('\n');
        }

        /// <returns>Where it goes on from.</returns>
        public IReadOnlyList<string> Chain(IReadOnlyList<string> from, IReadOnlyList<FlowStep> steps, string? label = null)
        {
            foreach (var step in steps)
            {
                Node(step.Name, ShapeOf(step));
                Join(from, step.Name, label);
                label = null;
                from = step switch
                {
                    FlowStep.Choose choose => [.. choose.Ways.SelectMany((way, i) => Chain([step.Name], way.Steps, way.When is null ? "else" : $"{i + 1}")), .. choose.Ways.All(w => w.When is not null) ? [step.Name] : Array.Empty<string>()],
                    FlowStep.Repeat repeat => Again(repeat),
                    FlowStep.Parallel parallel => [.. parallel.Ways.SelectMany(way => Chain([step.Name], way.Steps))],
                    _ => [step.Name],
                };
            }
            return from;
        }

        /// <summary>Back to its beginning, and on from there.</summary>
        private IReadOnlyList<string> Again(FlowStep.Repeat repeat)
        {
            var last = Chain([repeat.Name], repeat.Steps);
            Join(last, repeat.Name, "again");
            return last;
        }

        public void Aside(string end, string why, IReadOnlyList<FlowStep> steps)
        {
            Node($"to_{end}", $"([\"{why}\"])");
            var last = Chain([$"to_{end}"], steps);
            Node(end, $"([{end}])");
            Join(last, end);
        }

        public override string ToString() => _text.ToString();

        private static string ShapeOf(FlowStep step) => step switch
        {
            FlowStep.Call call => $"[\"{step.Name}: {call.Operation.FullName}{(call.Undo is { } undo ? $"<br/>undone by {undo.Operation.FullName}" : "")}\"]",
            FlowStep.Await wait => $"[/\"{step.Name}: {wait.Event}\"/]",
            FlowStep.Emit emit => $"[\\\"{step.Name}: {emit.Event}\"\\]",
            FlowStep.Choose => $"{{\"{step.Name}\"}}",
            FlowStep.Repeat repeat => $"[[\"{repeat.Name}: again, up to {repeat.Most} times\"]]",
            FlowStep.Parallel => $"[[\"{step.Name}\"]]",
            FlowStep.Approve approve => $"{{{{\"{step.Name}: {approve.Count} × {approve.Role.ToString().ToLowerInvariant()}\"}}}}",
            _ => $"(\"{step.Name}\")",
        };
    }
}
