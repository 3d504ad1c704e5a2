using System.Text.Json;
using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema.Compilation;

/// <summary>From bytes to a <see cref="Schema"/>: load, index, build, and in strict mode review.</summary>
internal static class SchemaCompiler
{
    public static SchemaCompilation Compile(ReadOnlyMemory<byte> utf8, SchemaOptions options)
    {
        Findings findings = new();
        SchemaSet set = new(options, findings);
        string uri = UriReference.Split(options.BaseUri?.OriginalString ?? "").Document;
        if (set.Load(uri, utf8, Dialect.Of(options.DefaultDraft)) is not { } root)
            return new SchemaCompilation(null, findings.Sorted());
        NodeBuilder builder = new(set, findings, options, root);
        SchemaNode node = builder.Build();
        if (options.Strict)
            new StrictReview(builder.Nodes, findings, options).Check(root);
        return findings.IsEmpty
            ? new SchemaCompilation(new Schema(node, TitleOf(root.Value), options.MaxDepth), [])
            : new SchemaCompilation(null, findings.Sorted());
    }

    private static string? TitleOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("title", out JsonElement title) && title.ValueKind == JsonValueKind.String
            ? title.GetString()
            : null;
}
