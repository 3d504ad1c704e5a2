using System.Text;
using System.Text.Json;
using Gateway.Jsonata;
using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

public sealed class ApiTests
{
    [Fact]
    public void An_undefined_result_writes_nothing()
    {
        var (outcome, text) = Jsonatas.Run("missing.field", "{}");
        Assert.False(outcome.HasValue);
        Assert.Null(outcome.Error);
        Assert.Equal("", text);
    }

    [Fact]
    public void Null_is_a_value()
    {
        var (outcome, text) = Jsonatas.Run("a", """{"a":null}""");
        Assert.True(outcome.HasValue);
        Assert.Equal("null", text);
    }

    [Theory]
    [InlineData("1 +", "S0207", 1, 4)]
    [InlineData("{\n  \"a\": 1,\n  \"b\": ]\n}", "S0211", 3, 8)]
    [InlineData("$f(1", "S0203", 1, 5)]
    [InlineData("(a; b]", "S0202", 1, 6)]
    [InlineData("a\n  b", "S0201", 2, 3)]
    [InlineData("\"abc", "S0101", 1, 1)]
    [InlineData("a ! b", "S0204", 1, 3)]
    [InlineData("x := 1", "S0212", 1, 1)]
    [InlineData("a.1", "S0213", 1, 3)]
    [InlineData("%", "S0217", 1, 1)]
    [InlineData("/[/", "S0302", 1, 1)]
    [InlineData("$match(a, /(/)", "S0302", 1, 11)]
    [InlineData("$match(a, /*/)", "S0106", 1, 11)]
    [InlineData("$match(a, /a**/)", "S0602", 1, 11)]
    public void A_syntax_error_says_where_and_how_to_mend_it(string source, string code, int line, int column)
    {
        var compiled = JsonataExpression.Compile(source);
        Assert.Null(compiled.Expression);
        var diagnostic = Assert.Single(compiled.Diagnostics);
        Assert.Equal((code, line, column), (diagnostic.Code, diagnostic.Line, diagnostic.Column));
        Assert.NotEqual("", diagnostic.Message);
        Assert.NotEqual("", diagnostic.Cure);
    }

    [Fact]
    public void A_name_nobody_binds_is_found_when_the_variables_are_known()
    {
        var options = new JsonataOptions { Variables = ["partner", "params"] };
        var compiled = JsonataExpression.Compile("{\n  \"a\": $partner.id,\n  \"b\": $parnter.id,\n  \"c\": $uppercse(x)\n}", options);
        Assert.Null(compiled.Expression);
        Assert.Equal(2, compiled.Diagnostics.Count);
        Assert.Equal(new JsonataDiagnostic("S0600", 3, 8, "nothing binds $parnter", "did you mean $partner?"), compiled.Diagnostics[0]);
        Assert.Equal(("S0600", 4, 8), (compiled.Diagnostics[1].Code, compiled.Diagnostics[1].Line, compiled.Diagnostics[1].Column));
        Assert.Contains("$uppercase", compiled.Diagnostics[1].Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("($x := 1; $f := function($y){ $x + $y + $partner }; $f(2))")]
    [InlineData("items@$i.{\"n\": $i, \"all\": $count($$.items)}")]
    [InlineData("items#$pos[$pos = 0]")]
    [InlineData("($even := function($n){ $n = 0 ? true : $odd($n - 1) }; $odd := function($n){ $n = 0 ? false : $even($n - 1) }; $even(4))")]
    public void Names_bound_in_the_source_are_no_findings(string source)
    {
        var compiled = JsonataExpression.Compile(source, new JsonataOptions { Variables = ["partner"] });
        Assert.Empty(compiled.Diagnostics);
    }

    [Fact]
    public void Bindings_give_variables_of_every_type()
    {
        var bindings = new JsonataBindings(Jsonatas.Now);
        using var document = JsonDocument.Parse("""{"id":"C-1","price":1.10}""");
        bindings.Set("partner", document.RootElement);
        bindings.Set("$text", "x");
        bindings.Set("nothing", (string?)null);
        bindings.Set("money", 1.25m);
        bindings.Set("ratio", 0.5);
        bindings.Set("flag", true);
        bindings.Set("flag", false);
        var (_, text) = Jsonatas.Run("[$partner.id, $partner.price, $text, $nothing, $money, $ratio, $flag]", null, null, bindings);
        Assert.Equal("""["C-1",1.10,"x",null,1.25,0.5,false]""", text);
    }

    [Fact]
    public void A_binding_may_hide_a_built_in_function()
    {
        var bindings = new JsonataBindings(Jsonatas.Now);
        bindings.Set("sum", "mine");
        Assert.Equal("\"mine\"", Jsonatas.Run("$sum", null, null, bindings).Text);
        Assert.Equal("T1006", Jsonatas.Run("$sum([1])", null, null, bindings).Outcome.Error!.Code);
    }

    [Fact]
    public void Now_is_what_the_bindings_say()
    {
        Assert.Equal("\"2026-03-04T05:06:07.890Z\"", Jsonatas.Eval("$now()"));
        Assert.Equal("true", Jsonatas.Eval("$millis() = $toMillis($now())"));
        Assert.Equal("\"4th March 2026\"", Jsonatas.Eval("$now('[D1o] [MNn] [Y]')"));
    }

    [Fact]
    public void Host_functions_are_called_with_checked_arguments()
    {
        var options = new JsonataOptions
        {
            Functions = new Dictionary<string, JsonataFunction>
            {
                ["lookupCode"] = new("<ss?:s>", (a, _) => a[0].AsString() == "gone" ? JsonataValue.Failure("GW1", "no such table") : JsonataValue.From($"{a[0].AsString()}:{a[1].AsString() ?? "-"}")),
                ["twice"] = new("<n-:n>", (a, _) => a[0].AsDecimal() is { } number ? JsonataValue.From(number * 2) : JsonataValue.Undefined),
                ["first"] = new("<a:x>", (a, _) => a[0].Items().First()["name"]),
            },
        };
        Assert.Equal("\"uom:PCE\"", Jsonatas.Eval("$lookupCode('uom', 'PCE')", null, options));
        Assert.Equal("\"uom:-\"", Jsonatas.Eval("$lookupCode('uom')", null, options));
        Assert.Equal("T0410", Jsonatas.Eval("$lookupCode(1)", null, options));
        Assert.Equal("GW1", Jsonatas.Eval("$lookupCode('gone')", null, options));
        Assert.Equal("[2.2,4]", Jsonatas.Eval("[1.1, 2].$twice()", null, options));
        Assert.Equal("[2,4]", Jsonatas.Eval("$map([1, 2], $twice)", null, options));
        Assert.Equal("\"n\"", Jsonatas.Eval("$first(x)", """{"x":[{"name":"n"}]}""", options));
    }

    [Fact]
    public void Host_functions_know_what_the_host_gave_the_evaluation()
    {
        var options = new JsonataOptions { Functions = new Dictionary<string, JsonataFunction> { ["who"] = new("<:s>", (_, bindings) => JsonataValue.From((string)bindings.Host!)) } };
        Assert.Equal("\"acme\"", Jsonatas.Run("$who()", null, options, new JsonataBindings(DateTimeOffset.UnixEpoch) { Host = "acme" }).Text);
    }

    [Theory]
    [InlineData("{\n  \"a\": $f('x', y)\n}", "2,8: x and ?")]
    [InlineData("$map(z, $f('x', ?))", null)]
    [InlineData("($f := $string; $f('x'))", null)]
    [InlineData("$f('fine')", null)]
    public void Host_functions_look_at_their_calls_while_they_are_compiled(string source, string? said)
    {
        var options = new JsonataOptions
        {
            Functions = new Dictionary<string, JsonataFunction>
            {
                ["f"] = new("<sx?:s>", (a, _) => a[0]) { Check = a => a is ["fine", ..] ? null : (string.Join(" and ", a.Select(text => text ?? "?")), "mend it") },
            },
        };
        var found = JsonataExpression.Compile(source, options).Diagnostics.SingleOrDefault();
        Assert.Equal(said is null ? null : $"{said} S0603 mend it", found is null ? null : $"{found.Line},{found.Column}: {found.Message} {found.Code} {found.Cure}");
    }

    [Theory]
    [InlineData("($f := function($x) { $g($x) + 1 }; $g := function($x) { $x * 2 }; $h := function() { 7 }; $f(3))", "7")]
    [InlineData("($f := function() { 1 }; $map([1, 2], $f))", "[1,1]")]
    [InlineData("($f := function() { 1 }; $eval('$f()'))", "1")]
    [InlineData("($f := function() { 1 }; items[$f() = 1].a)", "5")]
    [InlineData("($f := function($x) { $x.a }; items^($f($)).a)", "5")]
    [InlineData("($f := function($x) { $x.a }; items{ \"k\": $f($) })", "{\"k\":5}")]
    public void What_is_not_used_of_a_library_is_left_out_and_nothing_else(string source, string result) =>
        Assert.Equal(result, Jsonatas.Eval(source, """{"items":[{"a":5}]}"""));

    [Fact]
    public void What_is_wrong_with_an_unused_function_is_told() =>
        Assert.Equal("S0600", JsonataExpression.Compile("($f := function() { $nobody }; 1)", new JsonataOptions { Variables = [] }).Diagnostics.Single().Code);

    [Fact]
    public void A_host_function_that_throws_fails_the_evaluation_only()
    {
        var options = new JsonataOptions { Functions = new Dictionary<string, JsonataFunction> { ["bad"] = new("<:x>", (_, _) => throw new InvalidOperationException("broken")) } };
        var (outcome, _) = Jsonatas.Run("(\n  $uppercase(\"a\");\n  [1, $bad()]\n)", null, options);
        var error = outcome.Error!;
        Assert.Equal(("U1002", "broken", 3, 7, "bad"), (error.Code, error.Message, error.Line, error.Column, error.Token));
    }

    [Theory]
    [InlineData("a + 1", "a+1", true)]
    [InlineData("a /* or b */ / 2", "a\n / /* half */ 2", true)]
    [InlineData("'a b'", "\"a b\"", true)]
    [InlineData("'a b'", "'a  b'", false)]
    [InlineData("$match(a, /x y/)", "$match(a, /x  y/)", false)]
    [InlineData("$match(a, /x/)", "$match(a, /x/i)", false)]
    [InlineData("a - b", "a-c", false)]
    [InlineData("`a`", "'a'", false)]
    [InlineData("(a", "( a", false)]
    [InlineData("(a", "(a", true)]
    public void Blanks_and_comments_say_nothing(string one, string other, bool same) => Assert.Equal(same, JsonataExpression.SaysTheSame(one, other));

    [Fact]
    public void An_error_carries_its_place_and_token()
    {
        var (outcome, _) = Jsonatas.Run("{\n  \"a\": 1,\n  \"b\": $number(name)\n}", """{"name":"x"}""");
        var error = outcome.Error!;
        Assert.Equal(("D3030", 3, 8, "number", 19), (error.Code, error.Line, error.Column, error.Token, error.Position));
    }

    [Fact]
    public void A_disposed_input_is_an_error_and_no_exception()
    {
        var document = JsonDocument.Parse("""{"a":1}""");
        var root = document.RootElement;
        document.Dispose();
        using var writer = new Utf8JsonWriter(new MemoryStream());
        var outcome = Jsonatas.Compile("a + 1").Evaluate(root, new JsonataBindings(Jsonatas.Now), writer);
        Assert.NotNull(outcome.Error);
    }

    [Fact]
    public void One_expression_serves_many_threads()
    {
        var expression = Jsonatas.Compile("""{"n": $sum(items.(price * quantity)), "codes": $lookup({"a":1,"b":2}, kind), "all": items[price > 1].sku}""");
        Parallel.For(0, 500, i =>
        {
            using var document = JsonDocument.Parse($$"""{"kind":"b","items":[{"sku":"x","price":{{i}}.5,"quantity":2},{"sku":"y","price":0.1,"quantity":{{i}}}]}""");
            using var buffer = new MemoryStream();
            using var writer = new Utf8JsonWriter(buffer);
            var outcome = expression.Evaluate(document.RootElement, new JsonataBindings(Jsonatas.Now), writer);
            writer.Flush();
            var expected = $"{{\"n\":{(i + 0.5m) * 2 + 0.1m * i:0.##},\"codes\":2{(i > 0 ? ",\"all\":\"x\"" : "")}}}";
            Assert.Null(outcome.Error);
            Assert.Equal(expected, Encoding.UTF8.GetString(buffer.ToArray()));
        });
    }
}
