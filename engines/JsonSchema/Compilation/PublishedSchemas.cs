using System.Reflection;

namespace Gateway.JsonSchema.Compilation;

/// <summary>The metaschemas of the standard, built into the assembly.</summary>
internal static class PublishedSchemas
{
    private const string Root202012 = "https://json-schema.org/draft/2020-12/";
    private const string Root7 = "http://json-schema.org/draft-07/";

    /// <summary>The document behind a metaschema's URI, or null for any other.</summary>
    public static ReadOnlyMemory<byte>? Find(string uri)
    {
        if (uri.StartsWith(Root202012, StringComparison.Ordinal))
            return Read("draft2020-12." + uri[Root202012.Length..].Replace('/', '.'));
        return uri == Root7 + "schema" ? Read("draft7.schema") : null;
    }

    private static ReadOnlyMemory<byte>? Read(string name)
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Metaschemas.{name}.json");
        if (stream is null)
            return null;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
