using Gateway.Jsonata;
using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

/// <summary>Where the common case takes a shorter road, the others must come out as they would on the long one.</summary>
public sealed class ShortcutTests
{
    private const string Input = """
        {"a":1,"o":{"p":"x","e":"\u0078","q":null,"z":false,"n":{"m":[1,2]}},"rows":[{"k":"a","n":{"m":1}},{"k":"b","n":{"m":[2,3]}},{"k":"c"}],
         "one":[{"k":"s"}],"none":[],"nested":[[{"k":"x"}],[{"k":"y"}]],"gtin":"12345678","text":"ä","escaped":"\u00e4","whole":7,"zero":-0.0}
        """;

    [Theory]
    [InlineData("$$.o.p", "\"x\"")]
    [InlineData("($v := o; $v.n.m)", "[1,2]")]
    [InlineData("($v := rows; $v.n.m)", "[1,2,3]")]
    [InlineData("($v := rows; $v[1].n.m)", "[2,3]")]
    [InlineData("($v := one; $v.k)", "\"s\"")]
    [InlineData("($v := none; $v.k)", "undefined")]
    [InlineData("($v := missing; $v.k)", "undefined")]
    [InlineData("($v := 5; $v.k)", "undefined")]
    [InlineData("($v := {'x': [1]}; $v.x)", "[1]")]
    [InlineData("($v := {'x': $map([1], function($i){ $i })}; $v.x)", "1")]
    [InlineData("($v := [{'x': 1}, {'x': [2, 3]}]; $v.x)", "[1,2,3]")]
    [InlineData("o.q.x", "undefined")]
    [InlineData("o.p.x", "undefined")]
    [InlineData("nested.k", """["x","y"]""")]
    [InlineData("rows.($.k)", """["a","b","c"]""")]
    public void Fields_of_variables_and_of_the_context(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));

    [Theory]
    [InlineData("gtin[$contains(/^[0-9]{8}$/)]", "\"12345678\"")]
    [InlineData("gtin[$contains(/x/)]", "undefined")]
    [InlineData("o.p[$ = 'x']", "\"x\"")]
    [InlineData("o.n.m[$ > 1]", "2")]
    [InlineData("o.n[$exists(m)].m", "[1,2]")]
    [InlineData("o[$not($exists(m))].p", "\"x\"")]
    [InlineData("rows[$exists(n)].k", """["a","b"]""")]
    [InlineData("rows[$not($exists(n))].k", "\"c\"")]
    [InlineData("rows[k = 'b' or k = 'c'].k", """["b","c"]""")]
    [InlineData("missing[$exists($)]", "undefined")]
    [InlineData("missing[$not($error('seen'))]", "D3137")]
    [InlineData("a.missing[$not($error('seen'))]", "D3137")]
    [InlineData("missing.missing[$not($error('seen'))]", "undefined")]
    [InlineData("[5, 6][$not($ = 5)]", "6")]
    public void Tests_of_items(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));

    [Theory]
    [InlineData("($exists := function($x){ 1 }; rows[$exists(n)].k)", "\"b\"")]
    [InlineData("($not := function($x){ 0 }; rows[$not(n)].k)", "\"a\"")]
    [InlineData("a ~> $exists()", "true")]
    [InlineData("a ~> $not()", "false")]
    [InlineData("missing ~> $not()", "undefined")]
    [InlineData("$not(missing)", "undefined")]
    [InlineData("{'x': $not(missing), 'y': $exists(missing)}", """{"y":false}""")]
    [InlineData("$exists()", "T0410")]
    [InlineData("$not(1, 2)", "T0410")]
    [InlineData("rows.$exists(n)", "[true,true,false]")]
    public void Functions_that_test(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));

    [Fact]
    public void A_binding_that_hides_a_test_makes_positions_of_truths()
    {
        var bindings = new JsonataBindings(Jsonatas.Now);
        bindings.Set("not", "no function");
        Assert.Equal("T1006", Jsonatas.Run("rows[$not($exists(n))].k", Input, null, bindings).Outcome.Error!.Code);
        Assert.Equal("T1006", Jsonatas.Run("o[$not(x)].k", Input, null, bindings).Outcome.Error!.Code);
    }

    [Theory]
    [InlineData("o.e = 'x'", "true")]
    [InlineData("'x' = o.e", "true")]
    [InlineData("o.e != 'x'", "false")]
    [InlineData("o.e = o.p", "true")]
    [InlineData("text = escaped", "true")]
    [InlineData("text = 'ä' and escaped = 'ä'", "true")]
    [InlineData("text != gtin", "true")]
    [InlineData("a = '1'", "false")]
    [InlineData("missing = 'x'", "false")]
    [InlineData("missing != 'x'", "false")]
    [InlineData("('x' & '') = 'x'", "true")]
    [InlineData("whole = 7.0 and zero = 0", "true")]
    [InlineData("a < 2 and a <= 1 and a > 0 and a >= 1", "true")]
    [InlineData("missing < 1", "undefined")]
    [InlineData("missing < 1 ? 1 : 2", "2")]
    [InlineData("missing < o.p ? 1 : 2", "2")]
    [InlineData("o.z < 1", "T2010")]
    [InlineData("o.p < 1", "T2009")]
    public void Comparisons(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));

    [Theory]
    [InlineData("\"007\"", "7")]
    [InlineData("\"-0.50\"", "-0.5")]
    [InlineData("\"-0\"", "0")]
    [InlineData("\"12.50\"", "12.5")]
    [InlineData("\"1e5\"", "100000")]
    [InlineData("\"0x1F\"", "31")]
    [InlineData("\"123456789012345678901234.5\"", "123456789012345678901234.5")]
    [InlineData("\"\\u0031\"", "1")]
    [InlineData("\"1.2.3\"", "D3030")]
    [InlineData("\"1.\"", "D3030")]
    [InlineData("\".5\"", "D3030")]
    [InlineData("\"-\"", "D3030")]
    [InlineData("\"-.5\"", "D3030")]
    [InlineData("\"\"", "D3030")]
    [InlineData("\"1-2\"", "D3030")]
    [InlineData("\"1 \"", "D3030")]
    public void Numbers_in_texts(string input, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval("$number($)", input));

    [Theory]
    [InlineData("rows{k: n.m}", """{"a":1,"b":[2,3]}""")]
    [InlineData("(rows{k: n.m}).b[1]", "3")]
    [InlineData("$lookup(rows{k: n}, 'c')", "undefined")]
    [InlineData("[{'k':'a','v':1},{'k':'b','v':2},{'k':'a','v':3}]{k: v}", """{"a":[1,3],"b":2}""")]
    [InlineData("[{'k':'a','v':[1,2]},{'k':'a','v':3}]{k: v}", """{"a":[1,2,3]}""")]
    [InlineData("rows{k: n.m, 'a': 1}", "D1009")]
    [InlineData("rows{k: 1, k: 2}", "D1009")]
    [InlineData("one{k: k}", """{"s":"s"}""")]
    [InlineData("none{'x': 1}", """{"x":1}""")]
    public void Groups(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));

    [Theory]
    [InlineData("o.p.$contains('x')", "true")]
    [InlineData("gtin.$contains(/9/)", "false")]
    [InlineData("missing.$contains('x')", "undefined")]
    [InlineData("a.$contains('x')", "T0411")]
    [InlineData("o.p.$contains(1)", "T0410")]
    [InlineData("o.$lookup('p')", "\"x\"")]
    [InlineData("rows.$lookup('k')", """["a","b","c"]""")]
    [InlineData("whole.$power(2)", "49")]
    [InlineData("gtin.$substringBefore('5')", "\"1234\"")]
    [InlineData("($f := function($a, $b)<s-s:s>{ $a & $b }; o.p.$f('y'))", "\"xy\"")]
    [InlineData("($f := function($a, $b)<n-s:s>{ $a & $b }; o.p.$f('y'))", "T0411")]
    public void Arguments_from_the_context(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));

    [Theory]
    [InlineData("$merge([o.n, {'m': 3, 'x': 1}])", """{"m":3,"x":1}""")]
    [InlineData("$merge([$$.one, rows])", """{"k":"c","n":{"m":[2,3]}}""")]
    [InlineData("$keys($merge([{'ä': 1}, {'\\u00e4': 2}]))", "\"ä\"")]
    public void Merged_objects(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));

    [Fact]
    public void Names_that_are_alike_are_told_apart() =>
        Assert.Equal("""{"ab":2,"aab":3,"axb":4,"ä":6,"":7}""",
            Jsonatas.Eval("$merge($)", """[{"ab":1,"aab":3},{"ab":2,"axb":4},{"ä":5},{"\u00e4":6,"":7}]"""));

    [Theory]
    [InlineData("$distinct(['a', 1, 'a', '1', true, 'true', null, null, 1.0])", """["a",1,"1",true,"true",null]""")]
    [InlineData("$string([1..3])", "\"[1,2,3]\"")]
    [InlineData("$string(1.50) & $string(-3) & $string(whole)", "\"1.5-37\"")]
    public void Texts_of_numbers_and_distinct_values(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Input));
}
