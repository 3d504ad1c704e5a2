using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

/// <summary>Frames are used again when nothing can have kept them; whatever keeps one must keep its variables.</summary>
public sealed class FrameTests
{
    [Theory]
    [InlineData("($f := function($x){ function(){ $x } }; $a := $f(1); $b := $f(2); [$a(), $b()])", "[1,2]")]
    [InlineData("($f := function($x){( $y := $x; function(){ $y } )}; $a := $f(1); $b := $f(2); [$a(), $b()])", "[1,2]")]
    [InlineData("$map([1, 2, 3], function($x){( $y := $x * 2; function(){ $y } )}) ~> $map(function($f){ $f() })", "[2,4,6]")]
    [InlineData("($f := function($x){ $eval('function(){ $x }') }; $a := $f(1); $b := $f(2); [$a(), $b()])", "[1,2]")]
    [InlineData("($t := function($x){( |$|{'z': $x}| )}; $p := $t(1); $q := $t(2); [{} ~> $p, {} ~> $q])", """[{"z":1},{"z":2}]""")]
    [InlineData("($f := function($x){( $g := function($n){ $n = 0 ? $x : $g($n - 1) }; $g(3) )}; [$f(1), $f(2)])", "[1,2]")]
    public void A_function_keeps_the_variables_it_was_made_among(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source));

    [Theory]
    [InlineData("($f := function($x){( $z := $exists($y); $y := $x; $z )}; [$f(1), $f(2)])", "[false,false]")]
    [InlineData("($y := 7; $f := function($x){( $z := $y; $y := $x; $z )}; [$f(1), $f(2), $y])", "[7,7,7]")]
    [InlineData("($f := function($a, $b){ $exists($b) ? $b : $a }; [$f(1, 2), $f(3)])", "[2,3]")]
    [InlineData("($f := function(){ ($y := 1; $y) }; [$f(), $f()])", "[1,1]")]
    public void A_call_starts_without_what_the_last_one_bound(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source));

    [Theory]
    [InlineData("($x := 1; [($x := 2; $x), $x])", "[2,1]")]
    [InlineData("($f := function($x){( $x := $x + 1; $x )}; [$f(1), $f(2)])", "[2,3]")]
    [InlineData("($f := function($x, $x){ $x }; $f(1, 2))", "2")]
    public void An_inner_variable_hides_an_outer_one(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source));

    [Theory]
    [InlineData("($fib := function($n){ $n < 2 ? $n : $fib($n - 1) + $fib($n - 2) }; $fib(12))", "144")]
    [InlineData("($f := function($n){( $m := $n; $n = 0 ? [] : $append($f($n - 1), $m) )}; $f(4))", "[1,2,3,4]")]
    [InlineData("($f := function($a, $b){ $b = 0 ? $a : $f($f($a, 0) + 1, $b - 1) }; $f(0, 50))", "50")]
    [InlineData("($f := function($a, $b, $c){ [$a, $b, $c] }; $g := $f(1, ?, 3); [$g(2), $g(5)])", "[1,2,3,1,5,3]")]
    [InlineData("($f := function($a,$b,$c,$d,$e,$f,$g,$h,$i,$j){ $a + $j }; [$f(1,2,3,4,5,6,7,8,9,10), $f(2,2,3,4,5,6,7,8,9,10)])", "[11,12]")]
    public void Calls_within_calls_have_frames_of_their_own(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source));
}
