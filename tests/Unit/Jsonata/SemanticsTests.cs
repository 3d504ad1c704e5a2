using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

/// <summary>The places where the language surprises; the suite covers the rest.</summary>
public sealed class SemanticsTests
{
    private const string Order = """
        {"id":"PO-1","lines":[{"sku":"A","qty":2,"tags":["x","y"]},{"sku":"B","qty":1,"tags":["z"]},{"sku":"C","qty":5}],
         "one":[{"v":1}],"nested":[[1,2],[3]],"empty":[],"nothing":null}
        """;

    [Theory]
    [InlineData("lines.sku", """["A","B","C"]""")]
    [InlineData("one.v", "1")]
    [InlineData("one.v[]", "[1]")]
    [InlineData("one[].v", "[1]")]
    [InlineData("one", """[{"v":1}]""")]
    [InlineData("lines.tags", """["x","y","z"]""")]
    [InlineData("lines[1].tags", """["z"]""")]
    [InlineData("lines[sku='B'].qty", "1")]
    [InlineData("lines[-1].sku", "\"C\"")]
    [InlineData("lines[[0,2]].sku", """["A","C"]""")]
    [InlineData("lines.tags[0]", """["x","z"]""")]
    [InlineData("(lines.tags)[0]", "\"x\"")]
    [InlineData("nested", "[[1,2],[3]]")]
    [InlineData("nested.($)", "[1,2,3]")]
    [InlineData("empty", "[]")]
    [InlineData("empty.x", "undefined")]
    [InlineData("lines.missing", "undefined")]
    [InlineData("nothing.x", "undefined")]
    [InlineData("[lines.missing, 1]", "[1]")]
    [InlineData("lines.[sku]", """[["A"],["B"],["C"]]""")]
    [InlineData("lines[0].[sku]", """["A"]""")]
    [InlineData("[[1, 2], 3]", "[[1,2],3]")]
    [InlineData("$map([1], function($x){ $x })", "1")]
    [InlineData("[$map([1], function($x){ $x })]", "[1]")]
    [InlineData("$filter([1, 2], function($x){ $x > 5 })", "undefined")]
    public void Sequences_flatten_and_collapse(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Order));

    [Theory]
    [InlineData("""{"a": missing, "b": null, "c": nothing}""", """{"b":null,"c":null}""")]
    [InlineData("""lines{sku: qty}""", """{"A":2,"B":1,"C":5}""")]
    [InlineData("""lines{"all": $sum(qty)}""", """{"all":8}""")]
    [InlineData("""lines{"k": sku}""", """{"k":["A","B","C"]}""")]
    [InlineData("""{"z": 1, "a": 2, "10": 3, "9": 4}""", """{"z":1,"a":2,"10":3,"9":4}""")]
    [InlineData("""{"a": 1, "a": 2}""", "D1009")]
    [InlineData("""{1: 2}""", "T1003")]
    [InlineData("missing{'a': 1}", """{"a":1}""")]
    public void Objects_leave_out_the_undefined_and_keep_their_order(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Order));

    [Theory]
    [InlineData("missing = missing", "false")]
    [InlineData("missing != 1", "false")]
    [InlineData("missing > 1", "undefined")]
    [InlineData("missing + 1", "undefined")]
    [InlineData("missing & 'x'", "\"x\"")]
    [InlineData("missing ?? 'd'", "\"d\"")]
    [InlineData("nothing ?? 'd'", "null")]
    [InlineData("empty ?: 'd'", "\"d\"")]
    [InlineData("$not(missing)", "undefined")]
    [InlineData("missing ? 1 : 2", "2")]
    [InlineData("missing ? 1", "undefined")]
    [InlineData("$exists(nothing)", "true")]
    [InlineData("$count(missing)", "0")]
    [InlineData("$sum(missing)", "undefined")]
    [InlineData("$string(missing)", "undefined")]
    [InlineData("'x' in missing", "false")]
    [InlineData("1 and 'x'", "true")]
    [InlineData("1 < 'x'", "T2009")]
    [InlineData("lines < 1", "T2010")]
    [InlineData("'1' + 1", "T2001")]
    public void Undefined_spreads_or_is_left_out(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Order));

    [Theory]
    [InlineData("($x := 1; ($x := 2; $x) & $x)", "\"21\"")]
    [InlineData("($x := 1; $f := function(){ $x }; $x := 2; $f())", "2")]
    [InlineData("($x := 1; ($y := $x; $x := 5; $y & $x))", "\"15\"")]
    [InlineData("($x := 1; ($x := missing; $exists($x)))", "false")]
    [InlineData("($add := function($a, $b){ $a + $b }; $inc := $add(?, 1); $inc(41))", "42")]
    [InlineData("($f := $substring(?, 0, ?); $f('hello', 2))", "\"he\"")]
    [InlineData("($f := $uppercase ~> $length; $f('abc'))", "3")]
    [InlineData("'abc' ~> $uppercase() ~> $substring(1)", "\"BC\"")]
    [InlineData("($fs := [function($x){ $x + 1 }, function($x){ $x * 2 }]; $fs[1](21))", "42")]
    [InlineData("function($x){ $x }(1, 2)", "1")]
    [InlineData("function($x, $y){ $exists($y) }(1)", "false")]
    [InlineData("function($x)<n:n>{ $x }('a')", "T0410")]
    [InlineData("$map(lines, function($l, $i, $a){ $l.sku & $i & $count($a) })", """["A03","B13","C23"]""")]
    [InlineData("uppercase('a')", "T1005")]
    [InlineData("$eval('1 + $v') ", "undefined")]
    [InlineData("($v := 2; $eval('1 + $v'))", "3")]
    [InlineData("$eval('1 +')", "D3120")]
    [InlineData("$eval('1 + \"a\"')", "D3121")]
    public void Functions_close_over_the_scope_they_stand_in(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Order));

    [Theory]
    [InlineData("lines^(>qty).sku", """["C","A","B"]""")]
    [InlineData("lines^(qty, sku)[0].sku", "\"B\"")]
    [InlineData("lines#$i.(sku & $i)", """["A0","B1","C2"]""")]
    [InlineData("lines@$l.$.{'s': $l.sku, 'id': id}", """[{"s":"A","id":"PO-1"},{"s":"B","id":"PO-1"},{"s":"C","id":"PO-1"}]""")]
    [InlineData("lines@$l.$.{'s': $l.sku, 'id': id}[0]", """{"s":"A","id":"PO-1"}""")]
    [InlineData("lines.tags.{'t': $, 'sku': %.sku}", """[{"t":"x","sku":"A"},{"t":"y","sku":"A"},{"t":"z","sku":"B"}]""")]
    [InlineData("lines.tags[%.qty > 1]", """["x","y"]""")]
    [InlineData("lines.tags.(%.%.id)", """["PO-1","PO-1","PO-1"]""")]
    [InlineData("lines@$a.lines@$b[$a.qty > $b.qty].($a.sku & $b.sku)", """["AB","CA","CB"]""")]
    [InlineData("$$.lines[0].sku", "\"A\"")]
    [InlineData("lines.(qty ~> $$.lines[0].sku)", "T2006")]
    [InlineData("$.lines.qty ~> $sum()", "8")]
    [InlineData("($ ~> |lines[0]|{'new': qty + 1}, ['tags']|).lines[0]", """{"sku":"A","qty":2,"new":3}""")]
    [InlineData("$sum(lines.(qty * $lookup({'A': 10, 'B': 20}, sku)))", "40")]
    public void Paths_bind_sort_and_look_back(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Order));

    [Theory]
    [InlineData("$match('ab12', /(?<w>[a-z]+)(\\d+)/).groups", """["ab","12"]""")]
    [InlineData("$replace('a.b', /\\./, '-')", "\"a-b\"")]
    [InlineData("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "\"Smith, John\"")]
    [InlineData("$contains('x\n', /x$/)", "false")]
    [InlineData("$contains('é', /\\w/)", "false")]
    [InlineData("$contains('A', /a/i)", "true")]
    [InlineData("$split('a, b,c', /\\s*,\\s*/)", """["a","b","c"]""")]
    [InlineData("$contains('٣', /\\d/)", "false")]
    [InlineData("$replace('aéb', /\\b/, '|')", "D1004")]
    [InlineData("$match('[a-b]', /[\\[-]/)[1].index", "2")]
    [InlineData("$length('a😀') & $substring('a😀b', 1, 1)", "\"2\\uD83D\\uDE00\"")]
    [InlineData("$uppercase('straße')", "\"STRASSE\"")]
    [InlineData("$encodeUrlComponent('é /')", "\"%C3%A9%20%2F\"")]
    [InlineData("$decodeUrl('%C3%A9%2F')", "\"é%2F\"")]
    [InlineData("$decodeUrlComponent('%E0%A4%A')", "D3140")]
    [InlineData("$string({'a': [1, 'x', null]}, true)", "\"{\\n  \\\"a\\\": [\\n    1,\\n    \\\"x\\\",\\n    null\\n  ]\\n}\"")]
    public void Texts_and_patterns_follow_ECMAScript(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, Order));

    [Fact]
    public void A_constant_that_a_transform_matches_stays_constant()
    {
        const string Source = "($t := {'a': 1}; $r := {} ~> |$t|{'a': 2}|; $t)";
        Assert.Equal("""{"a":1}""", Jsonatas.Eval(Source));
    }

    [Fact]
    public void Half_a_surrogate_pair_in_the_input_does_no_harm()
    {
        Assert.Equal("1", Jsonatas.Eval("$length(a)", """{"a":"\ud800"}"""));
        Assert.Equal("\"\\uFFFD\"", Jsonatas.Eval("a", """{"a":"\ud800"}"""));
        Assert.Equal("D3140", Jsonatas.Eval("$encodeUrl(a)", """{"a":"\ud800"}"""));
    }
}
