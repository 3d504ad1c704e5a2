using Gateway.Cli;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Cases;

/// <summary>The verb <c>test</c> on a workspace with one mapping, whose cases are right and wrong.</summary>
public sealed class MappingCasesTests : IDisposable
{
    private const string Note = """{ "type": "object", "required": ["text"], "properties": { "text": { "type": "string" }, "n": { "type": "number" }, "open": { "type": "object", "properties": {}, "additionalProperties": true } } }""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-cases-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("input: { text: x, n: 1.10 }\n    output: { text: x, n: 1.1 }", "1 case passed, 0 failed")]
    [InlineData("input: { text: x, n: 12345678901234567890 }\n    output: { text: x, n: 12345678901234567890 }", "1 case passed, 0 failed")]
    [InlineData("input: { text: \"1\" }\n    output: { text: 1 }", "#/text: 1 is expected, not \"1\"")]
    [InlineData("input: { text: x }\n    output: { text: x, n: 1 }", "#/n: 1 is expected, and missing")]
    [InlineData("input: { text: x, n: 2 }\n    output: { text: x }", "#/n: 2 is not expected")]
    [InlineData("input: { n: 2 }\n    output: { n: 2 }", "the input breaks note@1: #: ")]
    [InlineData("input: { text: x, txet: y }\n    output: { text: x, txet: y }", "the input breaks note@1: #/txet: ")]
    [InlineData("input: { text: extra }\n    output: { text: extra, more: 1 }", "the output breaks note@1: #/more: ")]
    [InlineData("input: { text: x, open: { any: 1 } }\n    output: { text: x, open: { any: 1 } }", "1 case passed, 0 failed")]
    [InlineData("input: { text: refuse }\n    error: not this one", "1 case passed, 0 failed")]
    [InlineData("input: { text: refuse }\n    error: another", "the error says 'text: not this one' (D3137, transforms/t/m.jsonata(2,")]
    [InlineData("input: { text: refuse }\n    output: { text: refuse }", "transforms/t/m.jsonata(2,21): text: not this one (D3137)")]
    [InlineData("input: { text: x }\n    error: not this one", "an error is expected, not {\"text\":\"x\"}")]
    [InlineData("input: { text: wrong }\n    output: { text: 7 }", "the output breaks note@1: #/text: ")]
    [InlineData("given: { consumer: acme-shop }\n    input: { text: who }\n    output: { text: acme-shop for acme }", "1 case passed, 0 failed")]
    [InlineData("given: { id: ord_1, params: { a: b }, now: 2026-01-02T03:04:05Z, accepted: { x: 1 } }\n    input: { text: facts }\n    output: { text: \"ord_1 b 2026-01-02T03:04:05.000Z 1\" }", "1 case passed, 0 failed")]
    public async Task A_case(string body, string said)
    {
        var (code, output) = await RunCasesAsync("cases:\n  - name: it\n    " + body);

        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.Equal(said.StartsWith("1 case ", StringComparison.Ordinal) ? Commands.Fine : Commands.Findings, code);
        if (code != Commands.Fine) Assert.Contains("transforms/t/m.tests.yaml(3,5): failed: it: ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cases: []", "(1,1): error GW4013: the file has no case")]
    [InlineData("cases:\n  - name: it\n    input: { text: x }", "(3,5): error GW4013: a case expects either output: or error:")]
    [InlineData("cases:\n  - name: it\n    input: { text: x }\n    output: { text: x }\n    error: x", "(3,5): error GW4013: a case expects either output: or error:")]
    [InlineData("cases:\n  - name: it\n    input: { text: x }\n    error: ''", "(5,12): error GW4013: error: says nothing")]
    [InlineData("cases:\n  - name: it\n    given: { consumer: acme-shp }\n    input: { text: who }\n    output: { text: x }", "(4,24): error GW4010: there is no consumer 'acme-shp'; did you mean 'acme-shop'?")]
    public async Task A_case_that_proves_nothing_is_told_and_not_run(string cases, string said)
    {
        var (code, output) = await RunCasesAsync(cases);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("transforms/t/m.tests.yaml" + said, output, StringComparison.Ordinal);
        Assert.Contains("0 cases passed, 0 failed; not valid: 1 error", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mapping_without_cases_is_named()
    {
        var (code, output) = await RunCasesAsync(null);

        Assert.Equal(Commands.Fine, code);
        Assert.Contains("nothing proves this mapping; write transforms/t/m.tests.yaml", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_not_be_run_is_no_pass()
    {
        var (code, output) = await RunCasesAsync("caes: []");

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("GW1012", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunCasesAsync(string? cases)
    {
        Write("policies.yaml", "partners: { acme: { name: Acme, consumers: { acme-shop: {} } } }");
        Write("transforms/canonical/note@1.schema.json", Note);
        Write("transforms/t/m.jsonata", """
            (
              text = "refuse" ? $error("text: not this one") :
              text = "who" ? { "text": $consumer & " for " & $partner.name } :
              text = "extra" ? { "text": text, "more": 1 } :
              text = "wrong" ? { "text": 7 } :
              text = "facts" ? { "text": $id & " " & $params.a & " " & $now() & " " & $accepted.x } :
              $
            )
            """);
        if (cases is not null) Write("transforms/t/m.tests.yaml", "contracts: { input: note@1, output: note@1 }\n" + cases);
        using var output = new StringWriter();
        return (await TestCommand.RunAsync(_folder.FullName, new TestCommand.TestOptions(), new LoadOptions(), output, stop: TestContext.Current.CancellationToken), output.ToString());
    }

    private void Write(string path, string content)
    {
        var to = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.WriteAllText(to, content);
    }
}
