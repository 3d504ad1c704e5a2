namespace Gateway.JsonSchema.Evaluation;

/// <summary>A keyword's place in the schema and what it says when it fails.</summary>
internal sealed record KeywordSite(string Keyword, string Location, string Message);
