using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>Variables and secrets inside values.</summary>
public sealed class ReferencesTests : IDisposable
{
    private const string Value = "the-value-nobody-may-see";

    private readonly List<Diagnostic> _found = [];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("${HOST}", "erp.example")]
    [InlineData("https://${HOST}:${PORT:-8069}/x", "https://erp.example:8069/x")]
    [InlineData("${PORT:-}", "")]
    [InlineData("${EMPTY:-full}", "full")]
    [InlineData("${HOST:-other}", "erp.example")]
    [InlineData("${PORT:-a:-b}", "a:-b")]
    [InlineData("$${HOST}", "${HOST}")]
    [InlineData("$$${HOST}", "$${HOST}")]
    [InlineData("a $${HOST} b ${HOST}", "a ${HOST} b erp.example")]
    [InlineData("$HOST", "$HOST")]
    [InlineData("{HOST}", "{HOST}")]
    [InlineData("100 $", "100 $")]
    public void A_variable_is_replaced_and_a_doubled_dollar_is_not(string text, string expanded)
    {
        Assert.Equal(expanded, Expand(text));
        Assert.Empty(_found);
    }

    [Fact]
    public void What_a_variable_holds_is_not_expanded_again() => Assert.Equal("${HOST}", Expand("${NESTED}"));

    [Theory]
    [InlineData("${HOST")]
    [InlineData("${}")]
    [InlineData("${HOST:default}")]
    [InlineData("${1ST}")]
    [InlineData("${MY-HOST}")]
    [InlineData("${ HOST }")]
    public void What_is_no_variable_is_a_finding(string text)
    {
        Assert.Null(Expand(text));

        Assert.Equal(("GW7005", new Place("a.yaml", 1, 4)), (Assert.Single(_found).Code, _found[0].Place));
    }

    [Theory]
    [InlineData("${MISSING}")]
    [InlineData("${EMPTY}")]
    public void A_variable_without_value_and_default_is_a_finding(string text)
    {
        Assert.Null(Expand(text));

        var found = Assert.Single(_found);
        Assert.Equal("GW7004", found.Code);
        Assert.Equal(new Place("a.yaml", 1, 4), found.Place);
    }

    [Fact]
    public void Values_are_expanded_in_lists_and_mappings_and_keep_their_places()
    {
        var map = Yaml.Map("a:\n  - x\n  - k: '${HOST}'\n");

        var expanded = (Node.Map)References().Expand(map);

        var value = ((Node.Map)((Node.List)expanded["a"]!).Items[1])["k"]!;
        Assert.Equal("erp.example", ((Node.Scalar)value).Text);
        Assert.Equal(new Place("a.yaml", 3, 8), value.Place);
    }

    [Fact]
    public void A_secret_comes_from_a_variable_or_a_file()
    {
        var file = _folder.Write("secret", Value + "\n");

        Assert.Equal(Value, Secret("secret://env/KEY")?.Reveal());
        Assert.Equal(Value, Secret("secret://file" + file)?.Reveal());
        Assert.Empty(_found);
    }

    [Theory]
    [InlineData("KEY", "GW7001")]
    [InlineData("'" + Value + "'", "GW7001")]
    [InlineData("[secret://env/KEY]", "GW7001")]
    [InlineData("secret://vault/KEY", "GW7001")]
    [InlineData("secret://env/", "GW7001")]
    [InlineData("secret://env", "GW7001")]
    [InlineData("secret://file/", "GW7001")]
    [InlineData("secret://env/MISSING", "GW7002")]
    [InlineData("secret://env/EMPTY", "GW7002")]
    [InlineData("secret://file/no/such/file", "GW7002")]
    [InlineData("\"secret://file/a\\0b\"", "GW7002")]
    [InlineData("secret://demo/" + Value, "GW7003")]
    public void What_is_no_secret_here_is_a_finding_that_does_not_repeat_it(string text, string code)
    {
        Assert.Null(Secret(text));

        var found = Assert.Single(_found);
        Assert.Equal(code, found.Code);
        Assert.DoesNotContain(Value, found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_no_secret()
    {
        Assert.Null(Secret("secret://file" + _folder.Write("secret", "\n")));
        Assert.Equal("GW7002", Assert.Single(_found).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("prod")]
    [InlineData("Demo")]
    public void A_demo_secret_is_taken_in_the_demo_only(string environment)
    {
        Assert.Equal("k", Secret("secret://demo/k", "demo")?.Reveal());
        Assert.Null(Secret("secret://demo/k", environment));
        Assert.Null(Secret("secret://demo/k", environment, resolve: false));
    }

    [Fact]
    public void Validate_needs_no_secret_but_a_well_formed_reference()
    {
        Assert.Equal("", Secret("secret://env/MISSING", resolve: false)?.Reveal());
        Assert.Equal("", Secret("secret://file/no/such/file", resolve: false)?.Reveal());
        Assert.Empty(_found);
        Assert.Null(Secret("secret://env/", resolve: false));
    }

    [Fact]
    public void A_secret_prints_as_its_reference()
    {
        Assert.Equal("secret://env/KEY", $"{Secret("secret://env/KEY")}");
        Assert.Equal("secret://demo/***", $"{Secret("secret://demo/" + Value, "demo")}");
        Assert.DoesNotContain(Value, new KeyDocument { Secret = Secret("secret://env/KEY") }.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A workspace with a fault beside every secret: no finding and no document prints one.</summary>
    [Fact]
    public void No_finding_prints_a_secret()
    {
        _folder.Write("policies.yaml", """
            backends:
              odoo: { adapter: odoo, url: "http://127.0.0.1:1", database: x, credential: { key: secret://env/KEY }, timeout: 0s, wrong: 1 }
            partners:
              a:
                name: A
                consumers:
                  one: { keys: [{ secret: secret://env/KEY }, { secret: secret://env/KEY, sha256: x }] }
                  two: { keys: [{ secret: secret://env/KEY }] }
                webhooks:
                  w: { url: "http://x.example", events: ["*"], secrets: [secret://env/KEY, the-value-nobody-may-see] }
            """);

        var loaded = _folder.Load("", resolveSecrets: true, ("KEY", Value));

        Assert.NotEmpty(loaded.Diagnostics);
        Assert.DoesNotContain(Value, string.Join('\n', loaded.Diagnostics) + loaded.Document, StringComparison.Ordinal);
    }

    private References References(string environment = "", bool resolve = true) => new(Variable, environment, resolve, TimeProvider.System, _found);

    /// <summary>Null when the value can't be told.</summary>
    private string? Expand(string text) => (References().Expand(new Node.Scalar(text, true, new Place("a.yaml", 1, 4))) as Node.Scalar)?.Text;

    private Secret? Secret(string yaml, string environment = "", bool resolve = true) => References(environment, resolve).Secret(Yaml.Map("a: " + yaml)["a"]!);

    private static string? Variable(string name) => name switch
    {
        "HOST" => "erp.example",
        "NESTED" => "${HOST}",
        "EMPTY" => "",
        "KEY" => Value,
        _ => null,
    };
}
