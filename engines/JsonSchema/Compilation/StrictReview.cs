using System.Text.Json;
using Gateway.JsonSchema.Evaluation;
using Gateway.JsonSchema.Formats;

namespace Gateway.JsonSchema.Compilation;

/// <summary>
/// What only strict mode refuses: unknown keywords, schemas nothing can match, references that go round in circles.
/// </summary>
internal sealed class StrictReview(IReadOnlyList<(SchemaNode Node, SchemaLocation At)> nodes, Findings findings, SchemaOptions options)
{
    private static readonly (string Keyword, string Needs)[] Companions =
        [("then", "if"), ("else", "if"), ("minContains", "contains"), ("maxContains", "contains")];

    public void Check(SchemaLocation root)
    {
        Dictionary<SchemaNode, SchemaLocation> places = nodes.ToDictionary(entry => entry.Node, entry => entry.At);
        HashSet<SchemaNode> looping = LoopSearch.Find(nodes.Select(entry => entry.Node));
        foreach (SchemaNode node in looping)
            findings.Add(places[node], "this schema refers back to itself without looking at a smaller part of the value", "break the circle of references");
        MatchSearch matches = new(options);
        foreach ((SchemaNode node, SchemaLocation at) in nodes)
        {
            if (PublishedSchemas.Find(at.Document.Uri) is not null)
                continue;
            CheckKeywords(at);
            CheckEffects(at);
            // The schema false is written on purpose, where it is not the whole document.
            if (looping.Count == 0 && (at.Value.ValueKind == JsonValueKind.Object || at.Pointer.Length == 0)
                && matches.WhyNever(node) is { } reason)
                findings.Add(at, $"no value can ever match this schema: {reason}", "correct the contradiction, or write false if that is meant");
        }
    }

    private void CheckKeywords(SchemaLocation at)
    {
        if (at.Value.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty member in at.Value.EnumerateObject())
        {
            string keyword = member.Name;
            if (keyword.StartsWith("x-", StringComparison.Ordinal) || at.Resource.Dialect.Knows(keyword))
                continue;
            string? close = NearestName.Find(keyword, KeywordCatalogue.Names.Where(at.Resource.Dialect.Knows));
            bool elsewhere = KeywordCatalogue.Find(keyword) is not null;
            findings.Add(at, keyword,
                elsewhere ? $"'{keyword}' is a keyword of another draft and means nothing in this one" : $"'{keyword}' is not a keyword",
                close is null ? "remove it, or let its name start with x-" : $"did you mean '{close}'?");
        }
    }

    /// <summary>What is a keyword and yet does nothing where it stands.</summary>
    private void CheckEffects(SchemaLocation at)
    {
        if (at.Value.ValueKind != JsonValueKind.Object)
            return;
        foreach (string text in new[] { "title", "description" })
        {
            if (at.Value.TryGetProperty(text, out JsonElement value) && value.ValueKind != JsonValueKind.String)
                findings.Add(at, text, $"'{text}' must be a string", "write text for readers, or remove it");
        }
        if (at.Resource.Dialect.Draft == SchemaDraft.Draft7 && at.Value.TryGetProperty("$ref", out _))
        {
            foreach (JsonProperty idle in at.Value.EnumerateObject().Where(member => member.Name != "$ref" && !IsAnnotation(member.Name)))
                findings.Add(at, idle.Name, $"'{idle.Name}' means nothing beside $ref in draft-07", "put both into allOf, or use draft 2020-12");
            return;
        }
        foreach ((string keyword, string needs) in Companions)
        {
            if (at.Resource.Dialect.Knows(keyword) && at.Value.TryGetProperty(keyword, out _) && !at.Value.TryGetProperty(needs, out _))
                findings.Add(at, keyword, $"'{keyword}' means nothing without '{needs}'", $"add '{needs}', or remove it");
        }
        if (options.AssertFormats && at.Value.TryGetProperty("format", out JsonElement format) && format.ValueKind == JsonValueKind.String
            && FormatCatalogue.Find(format.GetString()!) is null)
        {
            string? close = NearestName.Find(format.GetString()!, FormatCatalogue.Names);
            findings.Add(at, "format", $"there is no format '{format.GetString()}'",
                close is null ? "use pattern, or name it x-format if it is a note for readers" : $"did you mean '{close}'?");
        }
    }

    private static bool IsAnnotation(string keyword) => keyword.StartsWith("x-", StringComparison.Ordinal)
        || KeywordCatalogue.Find(keyword) is null or { Vocabulary: Vocabulary.MetaData } or { Name: "$comment" or "$id" or "$schema" or "definitions" };
}
