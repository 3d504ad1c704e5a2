using System.Text;
using Gateway.Cli;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Pipeline;
using Gateway.Policies.Protect;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

public sealed class ProtectTests
{
    private static readonly ProtectKind Kind = new();

    private static readonly Compared World = new([], new ServerLimits(), new ServerLimits());

    public static TheoryData<ProtectOptions?, ProtectOptions?, EffectClass, string> Changes => new()
    {
        { null, new() { Url = 1000 }, EffectClass.Breaking, "the bound of characters of path and query is 1000, was 8192 (as for all)" },
        { new() { Url = 1000 }, null, EffectClass.SecurityWeakening, "the bound of characters of path and query is 8192 (as for all), was 1000" },
        { null, new() { Headers = 20 }, EffectClass.Breaking, "the bound of headers is 20, was 100 (as for all)" },
        { new() { HeadersSize = 1000 }, null, EffectClass.SecurityWeakening, "the bound of characters of headers is 32768 (as for all), was 1000" },
        { null, new() { BodyRate = 1 }, EffectClass.SecurityWeakening, "bodies must come with 1 bytes a second, was 240 (as for all)" },
        { new() { BodyRate = 1 }, null, EffectClass.Breaking, "bodies must come with 240 (as for all) bytes a second, was 1" },
        { new() { Query = 20 }, null, EffectClass.SecurityWeakening, "the bound of characters of a query is what holds for all, was 20" },
        { null, new() { Json = new() { Depth = 3 } }, EffectClass.Breaking, "the bound of JSON's depth is 3, was what holds for all" },
        { null, new() { Xml = true }, EffectClass.SecurityWeakening, "XML is taken" },
        { null, new() { Path = new() { EncodedSlashes = true } }, EffectClass.SecurityWeakening, "%2F may stand in paths" },
        { null, new() { MediaTypes = ["text/csv"] }, EffectClass.Breaking, "bodies must be text/csv now" },
        { new() { MediaTypes = ["text/csv"] }, null, EffectClass.SecurityWeakening, "bodies may be of any media type, were text/csv" },
        { new() { Addresses = new() { Allow = ["10.0.0.0/8"] } }, null, EffectClass.SecurityWeakening, "everybody may connect, was 10.0.0.0/8 alone" },
        { new() { Addresses = new() { Deny = ["10.0.0.0/8"] } }, new() { Addresses = new() { Deny = ["11.0.0.0/8"] } }, EffectClass.SecurityWeakening, "10.0.0.0/8 is not denied any more" },
        { null, new() { Cors = new() { Origins = ["https://shop.example"] } }, EffectClass.SecurityWeakening, "pages of the origin https://shop.example are let in" },
        { new() { BodyRate = 500 }, null, EffectClass.SecurityWeakening, "bodies must come with 240 (as for all) bytes a second, was 500" },
        { null, new() { CacheControl = "private" }, EffectClass.SecurityWeakening, "successes say Cache-Control: private, was what holds for all" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_lets_more_through_weakens_and_what_lets_less_through_breaks(ProtectOptions? before, ProtectOptions? after, EffectClass effect, string text) =>
        Assert.Contains(new PolicyEffect(effect, text), Kind.Compare(before, after, World));

    [Fact]
    public void The_same_options_have_no_effect() =>
        Assert.Empty(Kind.Compare(new ProtectOptions { Body = 1, MediaTypes = ["a/b"], Encodings = [BodyCoding.Br] }, new ProtectOptions { Body = 1, MediaTypes = ["a/b"], Encodings = [BodyCoding.Br] }, World));

    [Fact]
    public void What_only_says_what_holds_anyway_has_no_effect() =>
        Assert.Empty(Kind.Compare(null, new ProtectOptions { Url = 8 << 10, Headers = 100, HeadersSize = 32 << 10, BodyRate = 240 }, World));

    [Fact]
    public void What_the_server_took_and_takes_counts_where_the_route_says_nothing()
    {
        var slow = World with { Before = new ServerLimits { BodyRate = 1 }, After = new ServerLimits { BodyRate = 1000 } };

        Assert.Equal([new PolicyEffect(EffectClass.Breaking, "bodies must come with 500 bytes a second, was 1 (as for all)")], Kind.Compare(null, new ProtectOptions { BodyRate = 500 }, slow));
        Assert.Empty(Kind.Compare(new ProtectOptions { BodyRate = 500 }, new ProtectOptions { BodyRate = 500 }, slow));
    }

    [Theory]
    [InlineData("[1,2,3]", null)]
    [InlineData("[[1,2,3],[1,2,3]]", null)]
    [InlineData("{\"a\":[1,2],\"b\":{\"a\":1,\"b\":2},\"c\":[{},{},{}]}", null)]
    [InlineData("[1,2,3,4]", "elements")]
    [InlineData("[[],[],[],[]]", "elements")]
    [InlineData("[{\"a\":1},{\"a\":1},{\"a\":1},{\"a\":1}]", "elements")]
    [InlineData("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", "members")]
    [InlineData("[{\"a\":[1],\"b\":2,\"c\":3,\"d\":4}]", "members")]
    [InlineData("[[[[]]]]", "deeper")]
    [InlineData("\"123456789\"", "string")]
    [InlineData("-1234.5", "number")]
    [InlineData("[1,2", null)]
    [InlineData("nonsense", null)]
    public void A_text_keeps_to_its_bounds_or_the_broken_one_is_told(string text, string? broken)
    {
        var fault = JsonScan.FaultOf(Encoding.UTF8.GetBytes(text), new JsonBounds { Depth = 3, Members = 3, Elements = 3, String = 8, Number = 6 });

        Assert.Equal(broken is null, fault is null);
        Assert.Contains(broken ?? "", fault ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_bound_that_is_not_declared_is_none() => Assert.Null(JsonScan.FaultOf(Encoding.UTF8.GetBytes($"[[[1,2,3,4,5,\"{new string('x', 1000)}\",{new string('1', 1000)}]]]"), new JsonBounds()));

    [Theory]
    [InlineData("<a/>", true)]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>&amp;&#65;</a>", true)]
    [InlineData("<!DOCTYPE a><a/>", false)]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", false)]
    [InlineData("<a>&b;</a>", false)]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>", false)]
    [InlineData("<a>", false)]
    [InlineData("", false)]
    [InlineData("<a/><b/>", false)]
    public void XML_is_taken_without_a_document_type_and_in_UTF_8(string text, bool isTaken) => Assert.Equal(isTaken, XmlScan.FaultOf(Encoding.UTF8.GetBytes(text)) is null);

    [Fact]
    public void XML_that_is_deep_is_refused() => Assert.NotNull(XmlScan.FaultOf(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 300)) + string.Concat(Enumerable.Repeat("</a>", 300)))));

    [Theory]
    [InlineData("/a/b?c=%2F//;", null)]
    [InlineData("http://host:80/a//b", "empty")]
    [InlineData("http://host//a", "empty")]
    [InlineData("http://host", null)]
    [InlineData("*", null)]
    [InlineData("/%F0%9F%98%80", null)]
    [InlineData("/%F0%9F%98", "UTF-8")]
    [InlineData("/%E2%82x", "UTF-8")]
    [InlineData("/%C3", "UTF-8")]
    public void A_target_is_judged_by_its_path(string target, string? fault)
    {
        var found = PathForm.FaultOf(target, Protection.Default);

        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("case.streamed", "a body of at most 1048576 bytes, counted as it streams; else 413", "UTF-8")]
    [InlineData("case.json", "JSON in UTF-8, at most 1048576 bytes, read once", "streams; else")]
    [InlineData("case.xml", "JSON or XML in UTF-8, at most 64 bytes, read once", "streams; else")]
    public async Task What_becomes_of_a_body_is_explained(string route, string told, string untold)
    {
        using var folder = new TempFolder();
        folder.Write("policies.yaml", """
            backends: { inside: { adapter: http, url: https://inside.example } }
            apis:
              case:
                owner: us
                routes:
                  case.streamed: { match: POST /case.streamed, public: For a test., target: { forward: inside } }
                  case.json: { match: DELETE /case.json, public: For a test., policies: [protect: { json: { depth: 3 } }], target: { forward: inside } }
                  case.xml: { match: POST /case.xml, public: For a test., policies: [protect: { body: 64, xml: true }], target: { forward: inside } }
            """);
        await using var output = new StringWriter();

        await ExplainCommand.RunAsync(folder.Root, new ExplainCommand.ExplainOptions(route == "case.json" ? "DELETE" : "POST", $"/{route}"), new LoadOptions { ResolveSecrets = false }, output, ReportFormat.Text);

        Assert.Contains(told, output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(untold, output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>What docs/traffic.md shows of hostile input is valid as it stands there.</summary>
    [Fact]
    public async Task The_examples_of_the_page_are_valid()
    {
        var page = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "traffic.md"), TestContext.Current.CancellationToken)).ReplaceLineEndings("\n").Split("\n## Hostile input\n")[1].Split("\n## ")[0];
        var examples = page.Split("```yaml\n").Skip(1).Select(part => part.Split("\n```")[0] + "\n").ToList();
        Assert.Equal(2, examples.Count);
        using var folder = new TempFolder();
        for (var i = 0; i < examples.Count; i++) folder.Write($"routes/page{i}.yaml", examples[i]);
        folder.Write("policies.yaml", """
            backends: { inside: { adapter: http, url: https://inside.example } }
            apis:
              case:
                owner: us
                routes:
                  case.one: { match: POST /v1/one, public: For a test., policies: [small-json], target: { forward: inside } }
                  case.two: { match: POST /v1/two, public: For a test., policies: [shop-pages], target: { forward: inside } }
            """);
        await using var output = new StringWriter();

        var code = await ValidateCommand.RunAsync(folder.Root, new LoadOptions { ResolveSecrets = false }, output);

        Assert.True(code == Commands.Fine, output.ToString());
    }
}
