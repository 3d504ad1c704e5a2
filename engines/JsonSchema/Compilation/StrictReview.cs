using System.Text.Json;
using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema.Compilation;

/// <summary>
/// What only strict mode refuses: unknown keywords, schemas nothing can match, references that go round in circles.
/// </summary>
internal sealed class StrictReview(IReadOnlyList<(SchemaNode Node, SchemaLocation At)> nodes, Findings findings, SchemaOptions options)
{
    public void Check(SchemaLocation root)
    {
        Dictionary<SchemaNode, SchemaLocation> places = nodes.ToDictionary(entry => entry.Node, entry => entry.At);
        HashSet<SchemaNode> looping = LoopSearch.Find(nodes.Select(entry => entry.Node));
        foreach (SchemaNode node in looping)
            findings.Add(places[node], "this schema refers back to itself without looking at a smaller part of the value", "break the circle of references");
        foreach ((SchemaNode node, SchemaLocation at) in nodes)
        {
            if (PublishedSchemas.Find(at.Document.Uri) is not null)
                continue;
            CheckKeywords(at);
            // The schema false is written on purpose, where it is not the whole document.
            if (looping.Count == 0 && (at.Value.ValueKind == JsonValueKind.Object || at.Pointer.Length == 0)
                && new MatchSearch(options).WhyNever(node) is { } reason)
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
}
