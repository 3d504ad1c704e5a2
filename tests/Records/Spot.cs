using System.Text.Json.Nodes;

namespace Gateway.Tests.Records;

/// <summary>A schema and where it is written.</summary>
internal sealed record Spot(string File, string Pointer, JsonObject Schema)
{
    public Spot Below(string path, JsonNode? schema) => new(File, $"{Pointer}/{path}", schema!.AsObject());

    public override string ToString() => File + Pointer;
}
