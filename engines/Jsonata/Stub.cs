using System.Text.Json;
namespace Gateway.Jsonata;
public sealed class JsonataExpression { public static JsonataCompilation Compile(string s, JsonataOptions? o=null)=>new(new(),[]); public JsonataOutcome Evaluate(JsonElement? i, JsonataBindings b, Utf8JsonWriter o){ i!.Value.WriteTo(o); return new(true,null);} }
public sealed record JsonataCompilation(JsonataExpression? Expression, IReadOnlyList<JsonataDiagnostic> Diagnostics);
public sealed record JsonataDiagnostic(string Code, int Line, int Column, string Message, string Cure);
public sealed record JsonataOptions { public IReadOnlyList<string>? Variables {get;init;} }
public sealed class JsonataBindings(DateTimeOffset now) { public DateTimeOffset Now=>now; public void Set(string n, JsonElement v){} public void Set(string n, string? v){} }
public readonly record struct JsonataOutcome(bool HasValue, JsonataError? Error);
public sealed record JsonataError(string Code, int Position, string Message, string? Token, int Line, int Column);
