using Gateway.Jsonata;
using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

/// <summary>Objects and arrays at the end of an expression are written as they are made; it must not show.</summary>
public sealed class WritingTests
{
    private const string Input = """
        {"a":1,"b":{"c":2},"rows":[{"k":"x","v":1},{"k":"y","v":2},{"v":3}],"one":[{"k":"s","v":9}],"none":[],"deep":[[{"k":"x"}],[{"k":"y"}]],"nil":null}
        """;

    [Theory]
    [InlineData("{'a': missing, 'b': {'c': missing}, 'd': a}", """{"b":{},"d":1}""")]
    [InlineData("{'a': [], 'b': [missing], 'c': [[]], 'd': [[missing], none]}", """{"a":[],"b":[],"c":[[]],"d":[[]]}""")]
    [InlineData("{'x': a = 1 ? {'y': a}, 'z': a = 2 ? {'y': a}}", """{"x":{"y":1}}""")]
    [InlineData("{'x': one.{'k': k}, 'y': none.{'k': k}, 'z': missing.{'k': k}, 'n': nil.{'m': 1}}", """{"x":{"k":"s"},"n":{"m":1}}""")]
    [InlineData("{'x': rows.{'k': k, 'v': v}}", """{"x":[{"k":"x","v":1},{"k":"y","v":2},{"v":3}]}""")]
    [InlineData("{'x': deep.{'k': k}, 'y': [b.{'c': c}]}", """{"x":[{"k":"x"},{"k":"y"}],"y":[{"c":2}]}""")]
    [InlineData("[rows.{'v': v}, one.{'v': v}, none.{'v': v}]", """[{"v":1},{"v":2},{"v":3},{"v":9}]""")]
    [InlineData("a = 1 ? rows.{'v': v} : []", """[{"v":1},{"v":2},{"v":3}]""")]
    [InlineData("($f := function($n){ $n > 0 ? $f($n - 1) : {'n': $n} }; {'x': $f(3), 'y': [$f(2), $f(1)]})", """{"x":{"n":0},"y":[{"n":0},{"n":0}]}""")]
    [InlineData("($o := {'a': 1}; {'x': $o, 'y': $o})", """{"x":{"a":1},"y":{"a":1}}""")]
    [InlineData("({'lost': 1}; {'x': ({'lost': 2}; a)})", """{"x":1}""")]
    [InlineData("rows@$r.{'v': $r.v}", """[{"v":1},{"v":2},{"v":3}]""")]
    [InlineData("{'f': $sum, 'g': function($x){ $x }}", """{"f":"","g":""}""")]
    [InlineData("{'x': $map(rows, function($r){ {'v': $r.v} })}", """{"x":[{"v":1},{"v":2},{"v":3}]}""")]
    public void What_is_written_as_it_is_made_is_what_would_have_been_made_first(string source, string expected)
    {
        Assert.Equal(expected, Jsonatas.Eval(source, Input));
        Assert.Equal(expected, Jsonatas.Eval($"($made := ({source}); $made)", Input));
    }

    [Theory]
    [InlineData("[$map([1], function($x){ [$x] })]", "[1]")]
    [InlineData("[$map([1, 2], function($x){ [$x] })]", "[[1],[2]]")]
    [InlineData("[$map([1, 2, 3], function($x){ $x = 1 ? [1, 1] : {'x': $x} })]", """[[1,1],{"x":2},{"x":3}]""")]
    [InlineData("[$map([1, 2, 3], function($x){ $x = 2 ? [2, 2] : {'x': $x} })]", """[{"x":1},[2,2],{"x":3}]""")]
    [InlineData("[$map([1, 2, 3], function($x){ $x = 1 ? [1, 1] })]", "[1,1]")]
    [InlineData("[$map([1, 2], function($x){ $x = 2 ? {'x': [$x]} })]", """[{"x":[2]}]""")]
    [InlineData("[$map([[1, 2]], function($x){ $x })]", "[1,2]")]
    [InlineData("[$map([1], function($x){ [[$x]] })]", "[[1]]")]
    [InlineData("[$map(none, function($x){ 1 }), $map(missing, function($x){ 1 })]", "[]")]
    [InlineData("[$map(a, function($x, $i, $all){ {'i': $i, 'all': $all} })]", """[{"i":0,"all":[1]}]""")]
    [InlineData("[[$map(rows, function($r){ {'v': $r.v} })], 1]", """[[{"v":1},{"v":2},{"v":3}],1]""")]
    [InlineData("[$map(rows.v, $string)]", """["1","2","3"]""")]
    [InlineData("[$map(rows.v, function($x)<n:n>{ $x })]", "[1,2,3]")]
    [InlineData("[rows.v ~> $map(function($x){ $x })]", "[1,2,3]")]
    [InlineData("[$map(rows, 1)]", "T0410")]
    [InlineData("($map := function($a, $f){ [[1]] }; [$map(rows, 1)])", "[[1]]")]
    public void Items_of_a_map_flatten_as_ever(string source, string expected)
    {
        Assert.Equal(expected, Jsonatas.Eval(source, Input));
        if (!expected.StartsWith('T'))
        {
            Assert.Equal(expected, Jsonatas.Eval($"($made := ({source}); $made)", Input));
        }
    }

    [Theory]
    [InlineData("{'a': 1, 'b': $error('boom')}", "D3137")]
    [InlineData("[1, {'b': [1, $error('boom')]}]", "D3137")]
    [InlineData("($f := function($n){ {'n': $f($n)} }; $f(1))", "U1001")]
    [InlineData("($f := function($n){ [$f($n)] }; {'x': $f(1)})", "U1001")]
    public void An_error_half_way_is_the_outcome(string source, string code)
    {
        var (outcome, _) = Jsonatas.Run(source);
        Assert.False(outcome.HasValue);
        Assert.Equal(code, outcome.Error?.Code);
    }

    [Theory]
    [InlineData("{'x': {'y': ['0123456789', '0123456789']}}")]
    [InlineData("[$map([1..20], function($x){ {'x': $x} })]")]
    [InlineData("{'x': rows.{'text': '0123456789'}}")]
    public void The_limit_on_output_holds_on_the_way(string source) =>
        Assert.Equal("D2015", Jsonatas.Eval(source, Input, new JsonataOptions { MaxOutputBytes = 20 }));

    [Fact]
    public void Results_may_not_nest_without_end() =>
        Assert.Equal("U1001", Jsonatas.Eval("($f := function($n){ $n = 0 ? 1 : {'n': $f($n - 1)} }; $f(5000))", null, new JsonataOptions { MaxDepth = 1_000_000 }));
}
