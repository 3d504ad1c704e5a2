using System.Text;
using Gateway.Policies.Authenticate.Signatures;
using Xunit;

namespace Gateway.Tests.Unit.Policies.Signatures;

/// <summary>Dictionaries of structured fields (RFC 9651), read strictly and written again.</summary>
public sealed class FieldReaderTests
{
    [Theory]
    [InlineData("""a=1""")]
    [InlineData("""sig1=("@method" "@query-param";name="Pet" "content-digest");created=1618884473;keyid="test \"key\" \\1";tag="x" """)]
    [InlineData("""a=();b;c=?0;d=-7;e=tok/en*:1;f=:aGk=:;g=1.5;h=@1659578233, *i_-.1=("x")""")]
    [InlineData("""a, b=?0, c=:aGk=:;p""")]
    [InlineData("""a=999999999999999, b=123456789012.125""")]
    public void What_is_well_formed_is_read_and_written_as_it_was(string field) => Assert.Equal(field.Trim(), Written(field));

    [Theory]
    [InlineData("a=1,b=2", "a=1, b=2")]
    [InlineData("  a=1 \t,\t b=2  ", "a=1, b=2")]
    [InlineData("a=(  \"x\"   \"y\" );  p=1", "a=(\"x\" \"y\");p=1")]
    [InlineData("a=007, b=-0, c=?1, d=1.50, e=:aGk:", "a=7, b=0, c, d=1.5, e=:aGk=:")]
    public void What_can_be_written_in_several_ways_is_written_in_one(string field, string written) => Assert.Equal(written, Written(field));

    [Theory]
    [InlineData("a=1,")]
    [InlineData(",a=1")]
    [InlineData("a=1,,b=2")]
    [InlineData("a=1 b=2")]
    [InlineData("a =1")]
    [InlineData("a= 1")]
    [InlineData("A=1")]
    [InlineData("1a=1")]
    [InlineData("a=1, a=2")]
    [InlineData("a=1;p=1;p=2")]
    [InlineData("a=1 ;p")]
    [InlineData("a=1;P")]
    [InlineData("a=")]
    [InlineData("a=\"")]
    [InlineData("a=\"x")]
    [InlineData("a=\"x\\\"")]
    [InlineData("a=\"\\n\"")]
    [InlineData("a=\"ü\"")]
    [InlineData("a=\"\t\"")]
    [InlineData("a=:aGk=")]
    [InlineData("a=:aG k=:")]
    [InlineData("a=:aGk-:")]
    [InlineData("a=:a:")]
    [InlineData("a=?2")]
    [InlineData("a=?")]
    [InlineData("a=-")]
    [InlineData("a=1.")]
    [InlineData("a=.5")]
    [InlineData("a=1.2345")]
    [InlineData("a=1234567890123.5")]
    [InlineData("a=1234567890123456")]
    [InlineData("a=@1.5")]
    [InlineData("a=%\"x\"")]
    [InlineData("a=(\"x\"\"y\")")]
    [InlineData("a=(\"x\", \"y\")")]
    [InlineData("a=(\"x\"\t\"y\")")]
    [InlineData("a=(\"x\"")]
    [InlineData("a=((\"x\"))")]
    public void What_is_malformed_is_nothing(string field) => Assert.Null(FieldReader.Dictionary(field));

    [Fact]
    public void An_empty_field_has_no_members() => Assert.Empty(FieldReader.Dictionary("  ")!);

    [Fact]
    public void A_field_that_would_cost_much_is_malformed()
    {
        Assert.NotNull(FieldReader.Dictionary(string.Join(',', Enumerable.Range(0, 16).Select(i => $"a{i}"))));
        Assert.Null(FieldReader.Dictionary(string.Join(',', Enumerable.Range(0, 17).Select(i => $"a{i}"))));
        Assert.NotNull(FieldReader.Dictionary($"a=({string.Join(' ', Enumerable.Repeat("1", 64))})"));
        Assert.Null(FieldReader.Dictionary($"a=({string.Join(' ', Enumerable.Repeat("1", 65))})"));
        Assert.NotNull(FieldReader.Dictionary($"a{string.Concat(Enumerable.Range(0, 16).Select(i => $";p{i}"))}"));
        Assert.Null(FieldReader.Dictionary($"a{string.Concat(Enumerable.Range(0, 17).Select(i => $";p{i}"))}"));
    }

    private static string Written(string field) => string.Join(", ", FieldReader.Dictionary(field)!.Select(member =>
    {
        var text = new StringBuilder(member.Name);
        if (member is { Value: FieldValue.Flag { Value: true }, List: null }) return text.ToString() + string.Concat(member.Parameters.Select(p => $";{p.Name}"));
        text.Append('=');
        member.Write(text);
        return text.ToString();
    }));
}
