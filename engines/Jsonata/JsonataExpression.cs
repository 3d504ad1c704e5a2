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

    /// <summary>
    /// Evaluates against an input, or against none. Writes the result as one JSON value, or nothing when it is
    /// undefined. Never throws: errors, also those of limits, are in the outcome, and the output then holds a piece of
    /// JSON that is of no use.
    /// </summary>
    public JsonataOutcome Evaluate(JsonElement? input, JsonataBindings bindings, Utf8JsonWriter output)
    {
        try
        {
            var (run, context) = Begin(input, bindings);
            run.Output = new Output(run, output);
            var result = _root.EvalWholeInto(run, context, Outermost());
            run.Output.Put(result);
            return new JsonataOutcome(!result.IsUndefined, null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return new JsonataOutcome(false, ErrorOf(failure));
        }
    }

    /// <summary>
    /// Evaluates to a value that is looked at and not written, as a condition is. The value is good as long as the documents of the input and
    /// of the bindings are. Never throws; with an error there is no value.
    /// </summary>
    public (JsonataValue Value, JsonataError? Error) Evaluate(JsonElement? input, JsonataBindings bindings)
    {
        try
        {
            var (run, context) = Begin(input, bindings);
            return (_root.Eval(run, context, Outermost()), null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return (default, ErrorOf(failure));
        }
    }

    private (Evaluation Run, Value Context) Begin(JsonElement? input, JsonataBindings bindings)
    {
        var root = input is { } element ? Value.From(element) : default;
        var context = root.Kind == JsonataKind.Array ? Value.From(new ValueList([root]) { IsSequence = true, IsOuterWrapper = true }) : root;
        return (new Evaluation(_options, bindings, root), context);
    }

    private Frame? Outermost() => _slots == 0 ? null : new Frame(null, new Value[_slots]);

    /// <summary>A caller's element may be disposed, its writer closed, its function throw: none of that may take a request down.</summary>
    private JsonataError ErrorOf(Exception failure)
    {
        var (code, position, token) = failure is JsonataFailure known ? (known.Code, known.Position, known.Token) : ("U1002", 0, null);
        var (line, column) = SourceText.Locate(_source, position);
        return new JsonataError(code, position, failure.Message, token, line, column);
    }
}
