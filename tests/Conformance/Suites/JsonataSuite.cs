using System.Text;
using System.Text.Json;
using Gateway.Jsonata;
using Xunit;

namespace Gateway.Tests.Conformance.Suites;

/// <summary>The suite of jsonata.js, run in double mode; it settles what the language is.</summary>
[Trait("group", "suites")]
public sealed class JsonataSuite
{
    /// <summary>Cases that are known to fail, each with the reason.</summary>
    private static readonly Dictionary<string, string> KnownFailures = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_case_gives_what_the_suite_says_whether_somebody_watches_or_not(bool watched)
    {
        if (JsonataSuiteCases.Folder() is not { } folder)
        {
            Assert.Skip("the JSONata suite is not here; set SUITES to the folder that holds jsonata/groups");
            return;
        }
        int passed = 0, skipped = 0;
        var failures = new List<string>();
        foreach (var test in JsonataSuiteCases.Read(folder))
        {
            var options = OptionsFor(test.Definition);
            var fault = Run(test, watched ? options with { Watch = static (_, _) => static () => { } } : options);
            if (fault is null)
            {
                passed++;
            }
            else if (KnownFailures.ContainsKey(test.Name))
            {
                skipped++;
            }
            else
            {
                failures.Add($"{test.Name}: {fault}\n    {test.Expression.ReplaceLineEndings(" ")}");
            }
        }
        using (var output = new StreamWriter(Console.OpenStandardOutput()))
        {
            output.WriteLine($"\njsonata: {passed} passed, {failures.Count} failed, {skipped} skipped");
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.NotEqual(0, passed);
    }

    /// <summary>What is wrong with the outcome; null when it is right.</summary>
    private static string? Run(JsonataSuiteCase test, JsonataOptions options)
    {
        var definition = test.Definition;
        var compiled = JsonataExpression.Compile(test.Expression, options);
        var expectedCode = ExpectedCode(definition, out var expectedMessage);
        if (compiled.Expression is null)
        {
            var diagnostic = compiled.Diagnostics[0];
            return diagnostic.Code == expectedCode ? null : $"does not compile: {diagnostic.Code} {diagnostic.Message}";
        }
        var bindings = new JsonataBindings(new DateTimeOffset(2026, 3, 4, 5, 6, 7, 8, TimeSpan.Zero));
        if (definition.TryGetProperty("bindings", out var variables))
        {
            foreach (var variable in variables.EnumerateObject())
            {
                bindings.Set(variable.Name, variable.Value);
            }
        }
        var buffer = new MemoryStream();
        using var writer = new Utf8JsonWriter(buffer);
        var outcome = compiled.Expression.Evaluate(test.Input, bindings, writer);
        if (outcome.Error is { } error)
        {
            var isExpected = error.Code == expectedCode && (expectedMessage is null || expectedMessage == error.Message);
            return isExpected ? null : $"fails with {error.Code} {error.Message}, expected {expectedCode ?? "no error"}";
        }
        writer.Flush();
        return Compare(definition, expectedCode, outcome.HasValue, Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static string? ExpectedCode(JsonElement definition, out string? message)
    {
        message = null;
        if (definition.TryGetProperty("code", out var code))
        {
            return code.GetString();
        }
        if (!definition.TryGetProperty("error", out var error))
        {
            return null;
        }
        message = error.TryGetProperty("message", out var text) && error.GetProperty("code").GetString() is "D3137" or "D3141" ? text.GetString() : null;
        return error.GetProperty("code").GetString();
    }

    private static JsonataOptions OptionsFor(JsonElement definition)
    {
        var options = new JsonataOptions { Numbers = NumberMode.Double, MaxSteps = 50_000_000 };
        return definition.TryGetProperty("depth", out var depth) ? options with { MaxDepth = depth.GetInt32() } : options;
    }

    private static string? Compare(JsonElement definition, string? expectedCode, bool hasValue, string actual)
    {
        if (expectedCode is not null)
        {
            return $"gives {(hasValue ? actual : "nothing")}, expected error {expectedCode}";
        }
        if (!definition.TryGetProperty("result", out var expected))
        {
            return hasValue ? $"gives {actual}, expected nothing" : null;
        }
        if (!hasValue)
        {
            return $"gives nothing, expected {expected.GetRawText()}";
        }
        var unordered = definition.TryGetProperty("unordered", out var flag) && flag.GetBoolean();
        return Matches(expected, JsonDocument.Parse(actual).RootElement, unordered) ? null : $"gives {actual}, expected {expected.GetRawText()}";
    }

    private static bool Matches(JsonElement expected, JsonElement actual, bool unordered)
    {
        if (!unordered || expected.ValueKind != JsonValueKind.Array || actual.ValueKind != JsonValueKind.Array)
        {
            return JsonElement.DeepEquals(expected, actual) || NumbersMatch(expected, actual);
        }
        var left = expected.EnumerateArray().Select(item => JsonSerializer.Serialize(item)).Order(StringComparer.Ordinal);
        var right = actual.EnumerateArray().Select(item => JsonSerializer.Serialize(item)).Order(StringComparer.Ordinal);
        return left.SequenceEqual(right);
    }

    /// <summary>Compares numbers as doubles, since the suite's file may write one in another form than the engine does.</summary>
    private static bool NumbersMatch(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != actual.ValueKind)
        {
            return false;
        }
        return expected.ValueKind switch
        {
            JsonValueKind.Number => expected.GetDouble() == actual.GetDouble(),
            JsonValueKind.Array => expected.GetArrayLength() == actual.GetArrayLength()
                && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => NumbersMatch(pair.First, pair.Second)),
            JsonValueKind.Object => expected.GetPropertyCount() == actual.GetPropertyCount()
                && expected.EnumerateObject().All(field => actual.TryGetProperty(field.Name, out var other) && NumbersMatch(field.Value, other)),
            _ => JsonElement.DeepEquals(expected, actual),
        };
    }
}
