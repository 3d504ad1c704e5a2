using System.Text;
using System.Text.Json;
using Gateway.Jsonata;

namespace Gateway.Tests.Unit.Jsonata;

/// <summary>Shorthand for compiling and evaluating in tests.</summary>
internal static class Jsonatas
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    public static JsonataExpression Compile(string source, JsonataOptions? options = null)
    {
        var compiled = JsonataExpression.Compile(source, options);
        Xunit.Assert.Empty(compiled.Diagnostics);
        return compiled.Expression!;
    }

    public static (JsonataOutcome Outcome, string Text) Run(string source, string? input = null, JsonataOptions? options = null, JsonataBindings? bindings = null)
    {
        using var document = input is null ? null : JsonDocument.Parse(input);
        using var buffer = new MemoryStream();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var outcome = Compile(source, options).Evaluate(document?.RootElement, bindings ?? new JsonataBindings(Now), writer);
        writer.Flush();
        return (outcome, Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>The JSON an expression gives, "undefined" when it gives nothing, the code when it fails.</summary>
    public static string Eval(string source, string? input = null, JsonataOptions? options = null)
    {
        var (outcome, text) = Run(source, input, options);
        return outcome.Error is { } error ? error.Code : outcome.HasValue ? text : "undefined";
    }
}
