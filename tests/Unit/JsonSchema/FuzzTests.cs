using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

/// <summary>Random schemas on random documents: nothing crashes, and everything that must agree does.</summary>
public sealed class FuzzTests
{
    private const int Short = 20_000;
    private const int Long = 1_000_000;

    /// <summary>Documents that each random schema judges.</summary>
    private const int DocumentsPerSchema = 10;

    /// <summary>A name is often met again: as a member, as a requirement, as a definition.</summary>
    private static readonly Gen<string> Name = OneOf("a", "b", "c", "d/e", "é", "");

    private static readonly Gen<string> Number = Gen.OneOf(
        Gen.Int[-3, 12].Select(n => n.ToString(CultureInfo.InvariantCulture)),
        OneOf("0.1", "1.0", "-0", "1e2", "1e-2", "1E400", "12345678901234567890", "0.30000000000000004", "-1.5"));

    private static readonly Gen<string> Text = Gen.String[Gen.Char["ab1-:/.@é \0\"\\"], 0, 6].Select(Quote);

    private static readonly Gen<string> Scalar = Gen.OneOf(Number, Text, OneOf("null", "true", "false", "\"2026-11-28\"", "\"04012345000016\"", "\"\\ud83d\\ude00\""));

    private static readonly Gen<string> Count = Gen.Int[0, 4].Select(n => n.ToString(CultureInfo.InvariantCulture));

    /// <summary>Keywords by which an unknown member alone can make a document invalid.</summary>
    private static readonly string[] CountsMembers = ["additionalProperties", "unevaluatedProperties", "propertyNames", "patternProperties", "maxProperties", "\"not\"", "\"if\"", "oneOf", "const", "enum"];

    [Fact]
    public void Flag_and_list_agree() => Judge(Short);

    [Fact(Explicit = true)]
    [Trait("group", "soak")]
    public void Flag_and_list_agree_a_million_times() => Judge(Long);

    /// <summary>What is called compatible really is: no document that the older version takes is refused by the newer, or the other way round for readers.</summary>
    [Fact]
    public void A_compatible_change_breaks_no_document() => JudgeChanges(Short);

    [Fact(Explicit = true)]
    [Trait("group", "soak")]
    public void Compatible_changes_break_no_document() => JudgeChanges(Long);

    private static void JudgeChanges(int evaluations)
    {
        var judged = 0;
        Gen.Select(SchemaOf(2), SchemaOf(2), Document(3).Array[DocumentsPerSchema]).Sample((older, newer, documents) =>
        {
            var (before, after) = (Compile(older), Compile(newer));
            if (before is null || after is null) return;
            Interlocked.Add(ref judged, documents.Length);
            foreach (var document in documents) JudgeChange(older, before, newer, after, document);
        }, iter: evaluations / DocumentsPerSchema);
        // Pairs that do not compile are no evaluation; a generator that makes no others would prove nothing.
        Assert.InRange(judged, evaluations / 4, evaluations);
    }

    private static void JudgeChange(string older, Schema before, string newer, Schema after, string document)
    {
        using var json = JsonDocument.Parse(document);
        var (took, takes) = (before.IsValid(json.RootElement), after.IsValid(json.RootElement));
        if (took && !takes) Assert.Contains(Compare(older, newer, SchemaDirection.Request), c => c.Breaking);
        // Readers pass over members that they do not know, so a document that the older version refuses for those only is none of theirs.
        if (takes && !took && !CountsMembers.Any(keyword => older.Contains(keyword, StringComparison.Ordinal)))
            Assert.Contains(Compare(older, newer, SchemaDirection.Response), c => c.Breaking);
    }

    private static void Judge(int evaluations)
    {
        var judged = 0;
        Gen.Select(SchemaOf(3), Document(4).Array[DocumentsPerSchema]).Sample((schema, documents) =>
        {
            if (Compile(schema) is not { } compiled) return;
            Interlocked.Add(ref judged, documents.Length);
            foreach (var document in documents) JudgeDocument(schema, compiled, document);
        }, iter: evaluations / DocumentsPerSchema);
        Assert.InRange(judged, evaluations / 4, evaluations);
    }

    private static void JudgeDocument(string schema, Schema compiled, string document)
    {
        using var json = JsonDocument.Parse(document);
        var errors = compiled.Validate(json.RootElement);
        var valid = compiled.IsValid(json.RootElement);
        Assert.True(valid == (errors.Count == 0), $"{schema}\n{document}\n{string.Join('\n', errors)}");
        Assert.All(errors, e => Assert.StartsWith("#", e.InstancePointer, StringComparison.Ordinal));
        // One error is as good as all of them to tell that there is one.
        Assert.Equal(valid, compiled.Validate(json.RootElement, maxErrors: 1).Count == 0);
    }

    /// <summary>Null for what is no schema, and for what strict mode refuses because it goes round in circles: its errors would be those of a limit.</summary>
    private static Schema? Compile(string schema)
    {
        var bytes = Encoding.UTF8.GetBytes(schema);
        var endless = Schema.Compile(bytes, new SchemaOptions { Strict = true }).Diagnostics.Any(d => d.Message.Contains("refers back to itself", StringComparison.Ordinal));
        return endless ? null : Schema.Compile(bytes, new SchemaOptions { AssertFormats = true }).Schema;
    }

    private static IReadOnlyList<SchemaChange> Compare(string older, string newer, SchemaDirection direction) =>
        SchemaComparison.Compare(Encoding.UTF8.GetBytes(older), new SchemaOptions(), Encoding.UTF8.GetBytes(newer), new SchemaOptions(), direction);

    private static Gen<string> Document(int depth) => depth == 0 ? Scalar : Gen.OneOf(
        Scalar,
        Document(depth - 1).Array[0, 4].Select(items => $"[{string.Join(',', items)}]"),
        Members(Document(depth - 1)));

    /// <summary>A schema, or nearly one: keywords of all groups, references that lead back up among them.</summary>
    private static Gen<string> SchemaOf(int depth) => depth == 0
        ? Gen.OneOf(OneOf("true", "false", "{}", """{"$ref":"#"}"""), Assertion.Select(a => $"{{{a}}}"))
        : Gen.OneOf(Assertion, Applicator(depth - 1)).Array[0, 4].Select(keywords => $"{{{string.Join(',', keywords.DistinctBy(k => k[..k.IndexOf(':')]))}}}");

    private static Gen<string> Assertion => Gen.OneOf(
        OneOf("string", "number", "integer", "object", "array", "boolean", "null").Array[1, 3].Select(types => $"\"type\":[{string.Join(',', types.Distinct().Select(Quote))}]"),
        Scalar.Array[1, 3].Select(values => $"\"enum\":[{string.Join(',', values)}]"),
        Document(2).Select(value => $"\"const\":{value}"),
        Gen.Select(OneOf("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), Number, (keyword, number) => $"\"{keyword}\":{number}"),
        OneOf("1", "0.1", "2", "1e-3").Select(step => $"\"multipleOf\":{step}"),
        Gen.Select(OneOf("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"), Count, (keyword, count) => $"\"{keyword}\":{count}"),
        OneOf("^a", "[ab]+$", "(a|b)*c", "^.{2}$", "\\\\d").Select(pattern => $"\"pattern\":\"{pattern}\""),
        OneOf("date", "date-time", "email", "uri", "gtin", "ipv4").Select(format => $"\"format\":\"{format}\""),
        OneOf("\"uniqueItems\":true", "\"uniqueItems\":false"),
        Name.Array[0, 2].Select(names => $"\"required\":[{string.Join(',', names.Distinct().Select(Quote))}]"));

    private static Gen<string> Applicator(int depth)
    {
        var one = SchemaOf(depth);
        var some = one.Array[1, 3].Select(schemas => $"[{string.Join(',', schemas)}]");
        return Gen.OneOf(
            Gen.Select(OneOf("not", "if", "then", "else", "contains", "additionalProperties", "propertyNames", "items", "unevaluatedItems", "unevaluatedProperties"), one, (keyword, schema) => $"\"{keyword}\":{schema}"),
            Gen.Select(OneOf("allOf", "anyOf", "oneOf", "prefixItems"), some, (keyword, schemas) => $"\"{keyword}\":{schemas}"),
            Gen.Select(OneOf("properties", "dependentSchemas", "$defs"), Members(one), (keyword, schemas) => $"\"{keyword}\":{schemas}"),
            one.Select(schema => $"\"patternProperties\":{{\"^[a-c]\":{schema}}}"),
            OneOf("#", "#/$defs/a", "#/properties/a").Select(reference => $"\"$ref\":\"{reference}\""));
    }

    private static Gen<string> Members(Gen<string> value) => Gen.Select(Name, value, (name, text) => (name, text)).Array[0, 4]
        .Select(members => $"{{{string.Join(',', members.DistinctBy(m => m.name).Select(m => $"{Quote(m.name)}:{m.text}"))}}}");

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
