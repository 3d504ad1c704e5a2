using System.Text.Json;
using Gateway.Jsonata.Nodes;
using Gateway.Jsonata.Syntax;

namespace Gateway.Jsonata;

/// <summary>
/// A compiled JSONata 2 expression (docs.jsonata.org). It is immutable and serves any number of evaluations at a time;
/// compile once, evaluate often.
/// </summary>
public sealed class JsonataExpression
{
    private readonly string _source;
    private readonly JsonataOptions _options;
    private readonly Node _root;
    private readonly int _slots;

    private JsonataExpression(string source, JsonataOptions options, Node root, int slots)
    {
        _source = source;
        _options = options;
        _root = root;
        _slots = slots;
    }

    /// <summary>Compiles source. Never throws: the expression is null when there are diagnostics.</summary>
    public static JsonataCompilation Compile(string source, JsonataOptions? options = null)
    {
        options ??= JsonataOptions.Default;
        var findings = new List<JsonataDiagnostic>();
        try
        {
            var tree = PathShaper.Shape(Parser.Parse(source));
            var root = Compiler.Compile(source, tree, options with { Watch = null }, findings, out var slots);
            // Nobody watches a function that is not used.
            if (findings.Count == 0 && (UnusedFunctions.Remove(tree) || options.Watch is not null))
            {
                root = Compiler.Compile(source, tree, options, findings, out slots);
            }
            var expression = findings.Count == 0 ? new JsonataExpression(source, options, root, slots) : null;
            return new JsonataCompilation(expression, findings);
        }
        catch (SyntaxFailure failure)
        {
            var (line, column) = SourceText.Locate(source, failure.Position);
            return new JsonataCompilation(null, [.. findings, new JsonataDiagnostic(failure.Code, line, column, failure.Message, failure.Cure)]);
        }
    }

    /// <summary>Whether two sources say the same: they differ in blanks and comments alone. What is no expression says the same as itself only.</summary>
    public static bool SaysTheSame(string one, string other)
    {
        if (one == other)
        {
            return true;
        }
        try
        {
            return Parser.Pieces(one).SequenceEqual(Parser.Pieces(other));
        }
        catch (SyntaxFailure)
        {
            return false;
        }
    }

    /// <summary>
    /// Evaluates against an input, or against none. Writes the result as one JSON value, or nothing when it is
    /// undefined. Never throws: errors, also those of limits, are in the outcome, and the output then holds a piece of
    /// JSON that is of no use.
    /// </summary>
    public JsonataOutcome Evaluate(JsonElement? input, JsonataBindings bindings, Utf8JsonWriter output)
    {
        Evaluation? run = null;
        try
        {
            var root = input is { } element ? Value.From(element) : default;
            run = new Evaluation(_options, bindings, root);
            var context = root.Kind == JsonataKind.Array ? Value.From(new ValueList([root]) { IsSequence = true, IsOuterWrapper = true }) : root;
            run.Output = new Output(run, output);
            var result = _root.EvalWholeInto(run, context, _slots == 0 ? null : new Frame(null, new Value[_slots]));
            run.Output.Put(result);
            return new JsonataOutcome(!result.IsUndefined, null);
        }
        catch (JsonataFailure failure)
        {
            return Failed(failure.Code, failure.Message, failure.Position, failure.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A caller's element may be disposed, its writer closed, its function throw: none of that may take a request down. The last call is
            // the function that threw, or the nearest place that is known.
            return Failed("U1002", exception.Message, run?.Site.Position ?? 0, run?.Site.Name);
        }
    }

    private JsonataOutcome Failed(string code, string message, int position, string? token)
    {
        var (line, column) = SourceText.Locate(_source, position);
        return new JsonataOutcome(false, new JsonataError(code, position, message, token, line, column));
    }
}
