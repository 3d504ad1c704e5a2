using System.Diagnostics;
using System.Text;
using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>What YAML this product takes, and where it says that something is wrong.</summary>
public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("no")]
    [InlineData("yes")]
    [InlineData("on")]
    [InlineData("1.10")]
    [InlineData("0123")]
    [InlineData("0x1F")]
    [InlineData("1e3")]
    [InlineData("12:30:45")]
    [InlineData("2026-11-23")]
    [InlineData("NO # the country")]
    public void A_value_stays_what_was_written(string text)
    {
        var value = Assert.IsType<Node.Scalar>(Yaml.Map("a: " + text)["a"]);

        Assert.Equal(text.Split(" #")[0], value.Text);
        Assert.True(value.Plain);
        Assert.False(value.IsNull);
    }

    [Theory]
    [InlineData("a:", true)]
    [InlineData("a: ~", true)]
    [InlineData("a: null", true)]
    [InlineData("a: ''", false)]
    [InlineData("a: \"null\"", false)]
    [InlineData("a: '~'", false)]
    [InlineData("a: Null", false)]
    public void Only_a_plain_null_is_nothing(string text, bool isNull) =>
        Assert.Equal(isNull, Assert.IsType<Node.Scalar>(Yaml.Map(text)["a"]).IsNull);

    [Fact]
    public void Every_node_knows_its_place()
    {
        var root = Yaml.Map("""
            # a comment
            first: 1
            second:
              inner: [x, "y"]
              - not
            """.Replace("  - not", "  more: {k: v}"));

        Assert.Equal(new Place("a.yaml", 2, 1), root.Place);
        Assert.Equal(new Place("a.yaml", 2, 8), root["first"]!.Place);
        Assert.Equal(new Place("a.yaml", 3, 1), root.Members[1].Place);
        var second = Assert.IsType<Node.Map>(root["second"]);
        Assert.Equal(new Place("a.yaml", 4, 3), second.Place);
        var list = Assert.IsType<Node.List>(second["inner"]);
        Assert.Equal(new Place("a.yaml", 4, 10), list.Place);
        Assert.Equal([new Place("a.yaml", 4, 11), new Place("a.yaml", 4, 14)], list.Items.Select(i => i.Place));
        Assert.Equal(new Place("a.yaml", 5, 9), second["more"]!.Place);
        Assert.Equal(new Place("a.yaml", 5, 10), ((Node.Map)second["more"]!).Members[0].Place);
    }

    [Fact]
    public void Places_are_the_same_with_the_line_ends_of_Windows()
    {
        var root = Yaml.Map("a: 1\r\nb:\r\n  c: 2\r\n");

        Assert.Equal(new Place("a.yaml", 3, 6), ((Node.Map)root["b"]!)["c"]!.Place);
        Assert.Equal("2", ((Node.Scalar)((Node.Map)root["b"]!)["c"]!).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n")]
    [InlineData("---\n# nothing\n...\n")]
    public void An_empty_document_is_nothing_and_no_fault(string text)
    {
        var yaml = Yaml.Read(text);

        Assert.Null(yaml.Root);
        Assert.Empty(yaml.Found);
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", "GW1005 3:1")]
    [InlineData("a: {b: 1, b: 2}\n", "GW1005 1:11")]
    [InlineData("a: 1\n'a': 2\n", "GW1005 2:1")]
    [InlineData("a: 1\n---\nb: 2\n", "GW1002 2:1")]
    [InlineData("[a, b]: 1\n", "GW1003 1:1")]
    [InlineData("base: &b {x: 1}\nuse:\n  <<: *b\n", "GW1004 3:3")]
    [InlineData("a: !!str 1\n", "GW1006 1:4")]
    [InlineData("a: !secret x\n", "GW1006 1:4")]
    [InlineData("a: *nowhere\n", "GW1001 1:4")]
    [InlineData("a: &x [*x]\n", "GW1001 1:8")]
    [InlineData("a:\n\tb: 1\n", "GW1001 2:1")]
    [InlineData("a: 'open\n", "GW1001 1:4")]
    [InlineData("a: [1, 2\n", "GW1001 2:1")]
    [InlineData("a: 1\n b: 2\n", "GW1001 2:3")]
    public void What_is_not_taken_is_named_at_its_place(string text, string finding) => Assert.Equal(finding, Yaml.Finding(text));

    [Fact]
    public void The_second_of_two_members_is_dropped_and_the_first_is_named()
    {
        var yaml = Yaml.Read("x: 0\na: 1\nb: 2\na: 3\n");

        Assert.Equal("'a' is written twice", yaml.Found[0].Message);
        Assert.Contains("line 2", yaml.Found[0].Cure, StringComparison.Ordinal);
        Assert.Equal("1", ((Node.Scalar)((Node.Map)yaml.Root!)["a"]!).Text);
    }

    [Fact]
    public void A_quoted_merge_key_is_a_member() => Assert.NotNull(Yaml.Map("'<<': 1")["<<"]);

    [Theory]
    [InlineData("a:\n\tb: 1\n")]
    [InlineData("a:\n  b: 1\n\tc: 1\n")]
    [InlineData("a:\n  - x\n \t- y\n")]
    public void A_tab_that_indents_is_called_a_tab(string text)
    {
        var found = Assert.Single(Yaml.Read(text).Found);

        Assert.Equal(("a tab is used to indent", "indent with spaces"), (found.Message, found.Cure));
    }

    [Fact]
    public void A_message_of_the_parser_comes_without_its_own_place()
    {
        var found = Assert.Single(Yaml.Read("a: [1, 2\n").Found);

        Assert.StartsWith("not valid YAML: ", found.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Line:", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_is_what_its_anchor_is()
    {
        var root = Yaml.Map("a: &x {k: [1, 2]}\nb: *x\nc: [*x]\n");

        Assert.Same(root["a"], root["b"]);
        Assert.Equal(root["a"]!.Place, Assert.IsType<Node.List>(root["c"]).Items[0].Place);
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused_at_once()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++)
            text.Append($"a{i}: &a{i} [").AppendJoin(", ", Enumerable.Repeat($"*a{i - 1}", 10)).Append("]\n");
        var watch = Stopwatch.StartNew();

        var found = Assert.Single(Yaml.Read(text.ToString()).Found);

        Assert.Equal("GW1001", found.Code);
        Assert.Contains("200,000", found.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Fact]
    public void A_document_that_is_too_deep_is_refused()
    {
        Assert.Empty(Yaml.Read(Nested(60)).Found);
        Assert.Equal("GW1001", Assert.Single(Yaml.Read(Nested(70)).Found).Code);
        Assert.Equal("GW1001", Assert.Single(Yaml.Read(Nested(20_000)).Found).Code);

        static string Nested(int depth) => "a: " + new string('[', depth) + new string(']', depth);
    }

    [Fact]
    public void Many_members_are_read_in_little_time()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 90_000; i++) text.Append($"name-{i}: {i}\n");
        var watch = Stopwatch.StartNew();

        Assert.Equal(90_000, Yaml.Map(text.ToString()).Members.Count);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    /// <summary>Real documents, damaged: whatever stands in a file is a finding, never an exception.</summary>
    [Fact]
    public void Nothing_that_stands_in_a_file_breaks_the_reader()
    {
        var random = new Random(20_261_123);
        var whole = File.ReadAllText(Path.Combine(Repository.Root, "routes", "orders.yaml")) + "x: &a [1, \"\\u00e9\", '', |\n  t\n ]\ny: *a\n";
        const string Odd = ":-?[]{},&*!|>'\"%@`#\t\n\r \\\0\u0007\u0085\u2028\ufeff~<=$é";
        for (var round = 0; round < 3_000; round++)
        {
            var text = new StringBuilder(whole);
            for (var damage = random.Next(1, 6); damage > 0; damage--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(3))
                {
                    case 0: text.Remove(at, Math.Min(random.Next(1, 9), text.Length - at)); break;
                    case 1: text.Insert(at, Odd[random.Next(Odd.Length)]); break;
                    default: text[at] = Odd[random.Next(Odd.Length)]; break;
                }
            }
            var yaml = Yaml.Read(text.ToString());
            Assert.All(yaml.Found, found => Assert.True(found.Place.Line > 0 && found.Place.Column > 0, found.ToString()));
        }
    }
}
