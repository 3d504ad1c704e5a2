using Gateway.Jsonata;
using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

/// <summary>What can be told of an expression before there are data: what it looks at, and whether it gives a boolean.</summary>
public sealed class ReachTests
{
    [Theory]
    [InlineData("buyer.id in $partner.buyers")]
    [InlineData("$")]
    [InlineData("$$.id = $params.id")]
    [InlineData("$partner.buyers[$ = $$.buyer]")]
    [InlineData("$exists(note)")]
    [InlineData("$not($exists(blocked))")]
    [InlineData("$uppercase() = $params.id")]
    [InlineData("$contains('x') or $params.id = 'x'")]
    [InlineData("$map($partner.buyers, function($b) { $b = buyer })[0]")]
    [InlineData("($f := function() { id }; $f() = $params.id)")]
    [InlineData("$params.id = 'a' ? owner = 'b' : true")]
    [InlineData("{ 'a': id }.a = $params.id")]
    [InlineData("[id, 1][0] = $params.id")]
    [InlineData("*.id = $params.id")]
    [InlineData("**.id = $params.id")]
    [InlineData("id ~> $uppercase = $params.id")]
    [InlineData("$params.id = -amount")]
    [InlineData("(amount > 1) and $params.id = 'x'")]
    [InlineData("$sum(lines.amount) < 100")]
    [InlineData("$lookup($params, kind) = 'x'")]
    [InlineData("`a b` = $params.id")]
    [InlineData("$params.id in lines.id")]
    [InlineData("$params.id ?? id = 'x'")]
    public void It_looks_at_the_input(string source) => Assert.True(Of(source).ReadsInput);

    [Theory]
    [InlineData("$params.id = $consumer.location")]
    [InlineData("$partner.buyers[$ = $params.id] = 'x'")]
    [InlineData("$partner.companies[id = 1].name = 'main'")]
    [InlineData("$count($partner.companies[$.id > 1]) > 0")]
    [InlineData("$uppercase($params.id) = 'X'")]
    [InlineData("$substring($params.id, 1) = 'X'")]
    [InlineData("$params.id.$uppercase() = 'X'")]
    [InlineData("$now() > '2027'")]
    [InlineData("$map($partner.buyers, function($b) { $b = $params.id })[0]")]
    [InlineData("$partner.companies.(id = 1)")]
    [InlineData("$partner.companies^(id)[0].id = 1")]
    [InlineData("$partner.companies{ name: id }.main = 1")]
    [InlineData("$filter($partner.buyers, function($v) { $v = $params.id }) = 'x'")]
    [InlineData("($at := $params.id; $at = 'x')")]
    [InlineData("$answer.lines.owner.id = $partner.name")]
    [InlineData("($params.location ?? $partner.warehouse) in $partner.warehouses")]
    public void It_does_not(string source) => Assert.False(Of(source).ReadsInput);

    [Theory]
    [InlineData("$answer.a = $params.b", "answer params")]
    [InlineData("$partner.buyers[$ = $claims.sub]", "claims partner")]
    [InlineData("function($x) { $address & $x }(1)", "address x")]
    [InlineData("{ $route: 1 }", "route")]
    [InlineData("$partner.companies^($params.order).id", "params partner")]
    [InlineData("$partner.buyers ~> $map(function($b) { $b & $consumer.name })", "b consumer map partner")]
    [InlineData("$params.x ? 1 : $answer", "answer params")]
    [InlineData("a.b.c = 1", "")]
    public void Names_are_found_wherever_they_stand(string source, string names) => Assert.Equal(names, string.Join(' ', Of(source).Names.Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("1", false)]
    [InlineData("'text'", false)]
    [InlineData("null", false)]
    [InlineData("-$x", false)]
    [InlineData("$x + 1", false)]
    [InlineData("$x & ''", false)]
    [InlineData("[$x]", false)]
    [InlineData("[1..3]", false)]
    [InlineData("{ 'a': true }", false)]
    [InlineData("a{ 'a': true }", false)]
    [InlineData("function() { true }", false)]
    [InlineData("$string($x)", false)]
    [InlineData("$count($x)", false)]
    [InlineData("$x ~> $uppercase", false)]
    [InlineData("($x; 'a')", false)]
    [InlineData("()", false)]
    [InlineData("$x ? 1 : 'a'", false)]
    [InlineData("$x ? 1", false)]
    [InlineData("true", true)]
    [InlineData("$x = 1", true)]
    [InlineData("$x and $y", true)]
    [InlineData("$x in $y", true)]
    [InlineData("$not($x)", true)]
    [InlineData("$x ~> $exists", true)]
    [InlineData("$x ? $y = 1 : false", true)]
    [InlineData("($y := 1; $x < $y)", true)]
    [InlineData("$x", null)]
    [InlineData("$x.open", null)]
    [InlineData("$x ? $y = 1 : 'a'", null)]
    [InlineData("$x ? $y = 1", null)]
    [InlineData("$lookup($x, 'a')", null)]
    [InlineData("$x ?? true", null)]
    public void It_gives_truth_or_never_does_or_it_depends(string source, bool? truth) => Assert.Equal(truth, Of(source).GivesTruth);

    [Fact]
    public void What_is_no_expression_has_no_reach() => Assert.Null(JsonataReach.Of("$x ="));

    [Fact]
    public void An_expression_may_be_nested_as_deeply_as_it_can_be_parsed()
    {
        var reach = Of(string.Concat(Enumerable.Repeat("$not(", 300)) + "id = 1" + new string(')', 300));

        Assert.True(reach.ReadsInput);
        Assert.True(reach.GivesTruth);
    }

    private static JsonataReach Of(string source) => Assert.IsType<JsonataReach>(JsonataReach.Of(source));
}
