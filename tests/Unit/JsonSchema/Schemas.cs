using System.Text;
using System.Text.Json;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

/// <summary>Short ways to say what the tests of this folder say often.</summary>
internal static class Schemas
{
    public static SchemaCompilation Compile(string schema, SchemaOptions? options = null) =>
        Schema.Compile(Encoding.UTF8.GetBytes(schema), options ?? new SchemaOptions());

    public static Schema Good(string schema, SchemaOptions? options = null)
    {
        SchemaCompilation compilation = Compile(schema, options);
        Assert.Empty(compilation.Diagnostics);
        return compilation.Schema!;
    }

    public static SchemaDiagnostic TheOnlyFinding(string schema, SchemaOptions? options = null)
    {
        SchemaCompilation compilation = Compile(schema, options);
        Assert.Null(compilation.Schema);
        return Assert.Single(compilation.Diagnostics);
    }

    public static JsonElement Json(string text, int maxDepth = 64)
    {
        using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = maxDepth });
        return document.RootElement.Clone();
    }

    /// <summary>Whether both modes agree that the instance is valid.</summary>
    public static bool Accepts(this Schema schema, string instance)
    {
        JsonElement json = Json(instance);
        bool valid = schema.IsValid(json);
        Assert.Equal(valid, schema.Validate(json).Count == 0);
        return valid;
    }

    /// <summary>The errors as "pointer message", in order.</summary>
    public static string[] Complaints(this Schema schema, string instance, int maxErrors = 20) =>
        [.. schema.Validate(Json(instance), maxErrors).Select(error => $"{error.InstancePointer} {error.Message}")];
}
