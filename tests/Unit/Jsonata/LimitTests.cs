using Gateway.Jsonata;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

public sealed class LimitTests
{
    [Theory]
    [InlineData("($f := function($n){ 1 + $f($n) }; $f(1))")]
    [InlineData("($f := function($n){ $f($n) }; $f(1))")]
    [InlineData("($f := function($n){ $map([1], function($x){ 1 + $f($n) }) }; $f(1))")]
    [InlineData("($f := function($n){ $reduce([1,2], function($a,$b){ $f($n) + 1 }) }; $f(1))")]
    [InlineData("($g := function($n){ 1 + $eval('$g(1)') }; $g(1))")]
    [InlineData("$map([1..999], function($x){ $map([1..999], function($y){ $map([1..999], function($z){ $x }) }) })")]
    [InlineData("$reduce([1..60], function($a,$i){ $append($a, $a) }, [1])")]
    [InlineData("$reduce([1..60], function($a,$i){ $a & $a }, 'x')")]
    [InlineData("$reduce([1..60], function($a,$i){ {'l': $a, 'r': $a} }, 'x') ~> $string()")]
    [InlineData("[1..9999999]")]
    [InlineData("$zip([1..900000], [1..900000])")]
    [InlineData("($p := function($f){ $f($f) }; $p($p))")]
    [InlineData("$formatInteger(1e15, 'i')")]
    public void Work_without_end_ends_in_an_error(string source) =>
        Assert.Contains(Jsonatas.Eval(source), new[] { "U1001", "D2015" });

    [Theory]
    [InlineData("$pad('', 100000000)")]
    [InlineData("$reduce([1..25], function($a,$i){ {'l': $a, 'r': $a} }, '0123456789')")]
    public void Texts_and_results_have_a_largest_size(string source) =>
        Assert.Equal("D2015", Jsonatas.Eval(source, null, new JsonataOptions { MaxSteps = 100_000_000 }));

    [Fact]
    public void The_limit_on_output_counts_what_is_copied()
    {
        var input = $"[{string.Join(',', Enumerable.Repeat("\"0123456789\"", 200))}]";
        var options = new JsonataOptions { MaxOutputBytes = 1000 };
        Assert.Equal("D2015", Jsonatas.Eval("{'a': $, 'b': 1}", input, options));
        Assert.Equal("\"0123456789\"", Jsonatas.Eval("$[0]", input, options));
    }

    [Fact]
    public void Depth_is_counted_as_in_jsonata_js()
    {
        const string Factorial = "($f := function($n){ $n = 0 ? 1 : $n * $f($n - 1) }; $f(99) > 0)";
        Assert.Equal("true", Jsonatas.Eval(Factorial, null, new JsonataOptions { MaxDepth = 303, Numbers = NumberMode.Double }));
        Assert.Equal("U1001", Jsonatas.Eval(Factorial, null, new JsonataOptions { MaxDepth = 300, Numbers = NumberMode.Double }));
    }

    [Fact]
    public void A_tail_call_takes_no_depth() =>
        Assert.Equal("true", Jsonatas.Eval("($even := function($n){ $n = 0 ? true : $odd($n - 1) }; $odd := function($n){ $n = 0 ? false : $even($n - 1) }; $even(20000))"));

    [Fact]
    public void Time_is_measured_on_the_clock_of_the_options()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var (outcome, _) = Jsonatas.Run("$sum([1..50000].($ * 2))", null, new JsonataOptions { Clock = clock });
        Assert.Equal("U1001", outcome.Error!.Code);
        Assert.Contains("5000 ms", outcome.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hopeless_regular_expression_is_given_up()
    {
        const string Text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
        Assert.Equal("false", Jsonatas.Eval($"$contains('{Text}', /^(a+)+$/)"));
        Assert.Equal("U1001", Jsonatas.Eval($"$contains('{Text}', /^(?=(a+)+$)/)"));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(1024)]
    public void A_small_stack_gives_an_error_and_no_crash(int kilobytes)
    {
        string[] sources =
        [
            "($f := function($n){ 1 + $f($n) }; $f(1))",
            "($f := function($n, $i){ $i = 0 ? $n : $f({'a': $n}, $i - 1) }; $string($f(1, 50000)))",
            "($f := function($n, $i){ $i = 0 ? $n : $f({'a': $n}, $i - 1) }; $f(1, 50000))",
            "($f := function($n, $i){ $i = 0 ? $n : $f({'a': $n}, $i - 1) }; $f(1, 50000) = $f(1, 50000))",
            "($f := function($n, $i){ $i = 0 ? $n : $f({'a': $n}, $i - 1) }; $count($f(1, 50000).**))",
            "($f := function($n, $i){ $i = 0 ? $n : $f({'a': $n}, $i - 1) }; $f(1, 50000) ~> |a|{'b': 1}|)",
            "($f := function($g, $i){ $i = 0 ? $g : $f($g ~> $string, $i - 1) }; $f($string, 50000)(1))",
        ];
        var codes = new List<string>();
        var thread = new Thread(
            () =>
            {
                foreach (var source in sources)
                {
                    codes.Add(Jsonatas.Eval(source, null, new JsonataOptions { MaxDepth = 1_000_000, MaxSteps = 10_000_000 }));
                }
            },
            kilobytes * 1024);
        thread.Start();
        thread.Join();
        Assert.All(codes, code => Assert.Equal("U1001", code));
        Assert.Equal(sources.Length, codes.Count);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("$f(", ")")]
    [InlineData("function(){", "}")]
    public void Deeply_nested_source_is_a_diagnostic(string open, string close)
    {
        var source = string.Concat(Enumerable.Repeat(open, 50_000)) + "1" + string.Concat(Enumerable.Repeat(close, 50_000));
        Assert.Equal("S0601", Assert.Single(JsonataExpression.Compile(source).Diagnostics).Code);
        var chain = string.Join(" + ", Enumerable.Repeat("1", 50_000));
        Assert.Equal("S0601", Assert.Single(JsonataExpression.Compile(chain).Diagnostics).Code);
    }

    [Fact]
    public void Source_just_within_the_limit_compiles_and_runs_on_a_request_thread()
    {
        var source = string.Concat(Enumerable.Repeat("(", 390)) + "1" + string.Concat(Enumerable.Repeat(")", 390));
        var result = "";
        var thread = new Thread(() => result = Jsonatas.Eval(source), 1536 * 1024);
        thread.Start();
        thread.Join();
        Assert.Equal("1", result);
    }
}
