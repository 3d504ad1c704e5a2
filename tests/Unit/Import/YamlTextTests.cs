using CsCheck;
using Gateway.Configuration.Yaml;
using Gateway.Import;
using Xunit;

namespace Gateway.Tests.Unit.Import;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("Replaces an order", "Replaces an order")]
    [InlineData("GET /orders/{id}", "GET /orders/{id}")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("1.10", "\"1.10\"")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a #b", "\"a #b\"")]
    [InlineData("", "\"\"")]
    [InlineData("a ${X}", "a $${X}")]
    public void Quotes_stand_only_where_they_are_needed(string text, string yaml) => Assert.Equal(yaml, YamlText.Value(text));

    /// <summary>Any text comes back as it was, from a block and from a flow mapping.</summary>
    [Fact]
    public void Any_text_is_read_back() => Gen.OneOf(Gen.String, Gen.String[Gen.Char["aZ 0:#-{}[],&*!|>'\"%@`\\\n\r\t~?=$./\u0085\u2028\uFEFF\0"]]).Sample(text =>
    {
        text = string.Concat(text.EnumerateRunes());
        foreach (var yaml in (string[])[$"a: {YamlText.Value(text)}\nb: c\n", $"x: {{ a: {YamlText.Value(text, flow: true)}, b: c }}\n"])
        {
            var diagnostics = new List<Diagnostic>();
            var root = (Node.Map?)YamlReader.Read("x.yaml", yaml, diagnostics);
            if (diagnostics.Count > 0 || root is null) return false;
            var map = root["x"] as Node.Map ?? root;
            if (((Node.Scalar)map["a"]!).Text.Replace("$${", "${", StringComparison.Ordinal) != text || ((Node.Scalar)map["b"]!).Text != "c") return false;
        }
        return true;
    });

    [Fact]
    public void A_line_is_one_line_and_not_longer() => Gen.String.Sample(text =>
    {
        var line = YamlText.Line(text, 20);
        return line.Length <= 21 && !line.Any(char.IsControl) && YamlReader.Read("x.yaml", $"# {line}\na: b\n", []) is Node.Map { Members.Count: 1 };
    });
}
