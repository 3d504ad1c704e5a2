using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>One YAML text and what was found in it.</summary>
internal sealed class Yaml
{
    public const string File = "a.yaml";

    private Yaml(string text) => Root = YamlReader.Read(File, text, Found);

    public List<Diagnostic> Found { get; } = [];

    public Node? Root { get; }

    public static Yaml Read(string text) => new(text);

    /// <summary>The root of a text without any finding.</summary>
    public static Node.Map Map(string text)
    {
        var yaml = Read(text);
        Assert.Empty(yaml.Found);
        return Assert.IsType<Node.Map>(yaml.Root);
    }

    /// <summary>The one finding of a text, as <c>CODE line:column</c>.</summary>
    public static string Finding(string text) => Short(Assert.Single(Read(text).Found));

    public static string Short(Diagnostic diagnostic) => $"{diagnostic.Code} {diagnostic.Place.Line}:{diagnostic.Place.Column}";
}
