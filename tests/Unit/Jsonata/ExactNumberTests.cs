using Gateway.Jsonata;
using Xunit;

namespace Gateway.Tests.Unit.Jsonata;

public sealed class ExactNumberTests
{
    [Theory]
    [InlineData("n", """{"n":12345678901234567890}""", "12345678901234567890")]
    [InlineData("""{"p": n}""", """{"n":1.10}""", """{"p":1.10}""")]
    [InlineData("[n, m][1]", """{"n":1,"m":1.0E+2}""", "1.0E+2")]
    [InlineData("$max(a)", """{"a":[1.10,0.5]}""", "1.10")]
    [InlineData("$ ~> |a|{\"q\": 1}|", """{"a":{"p":2.50}}""", """{"a":{"p":2.50,"q":1}}""")]
    public void A_copied_number_keeps_its_digits(string source, string input, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, input));

    [Theory]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1.1 - 1", "0.1")]
    [InlineData("1.10 * 2", "2.2")]
    [InlineData("0.5 + 0.5", "1")]
    [InlineData("10 / 4", "2.5")]
    [InlineData("-7 / 8", "-0.875")]
    [InlineData("100 / 0.25", "400")]
    [InlineData("5.5 % 2", "1.5")]
    [InlineData("-5.5 % 2", "-1.5")]
    [InlineData("-(0.1)", "-0.1")]
    [InlineData("$sum([0.1, 0.2, 0.3])", "0.6")]
    [InlineData("$average([0.1, 0.2])", "0.15")]
    [InlineData("$round(2.345, 2)", "2.34")]
    [InlineData("$round(2.355, 2)", "2.36")]
    [InlineData("$round(-2.5)", "-2")]
    [InlineData("$round(1250, -2)", "1200")]
    [InlineData("$power(1.1, 2)", "1.21")]
    [InlineData("$floor(-0.1) & $ceil(0.1)", "\"-11\"")]
    [InlineData("12345678901234567890 + 1", "12345678901234567891")]
    [InlineData("9223372036854775807 + 1", "9223372036854775808")]
    [InlineData("9223372036854775807 * 2", "18446744073709551614")]
    [InlineData("$number(\"1.10\") + 0", "1.1")]
    [InlineData("1.1 = 1.10", "true")]
    [InlineData("$string(0.1 + 0.2)", "\"0.3\"")]
    [InlineData("1.10 & \"\"", "\"1.1\"")]
    [InlineData("$formatNumber(1234567.005, '#,##0.00')", "\"1,234,567.00\"")]
    [InlineData("$formatNumber(0.145, '0.0%')", "\"14.5%\"")]
    public void Arithmetic_is_exact_where_a_decimal_can_be(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source));

    [Theory]
    [InlineData("1 / 3", "0.3333333333333333")]
    [InlineData("2 / 3 + 1 / 3", "1")]
    [InlineData("$sqrt(2)", "1.4142135623730951")]
    [InlineData("123456789.123456789 * 987654321.987654321", "121932631356500530")]
    [InlineData("1e300 * 10", "1e+301")]
    [InlineData("1e-300 / 10", "1e-301")]
    public void What_no_decimal_holds_is_a_double(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source));

    [Theory]
    [InlineData("a < b", """{"a":0.1,"b":0.10000000000000000001}""", "true")]
    [InlineData("a = b", """{"a":12345678901234567890,"b":12345678901234567891}""", "false")]
    [InlineData("a = b", """{"a":100,"b":1e2}""", "true")]
    [InlineData("$sort(a)", """{"a":[10,9.5,-1,1e1]}""", "[-1,9.5,10,1e1]")]
    [InlineData("$distinct(a)", """{"a":[1,1.0,10e-1,2]}""", "[1,2]")]
    [InlineData("a[1.9]", """{"a":[1,2,3]}""", "2")]
    [InlineData("a[$ > 1.5]", """{"a":[1,2,3]}""", "[2,3]")]
    public void Numbers_compare_by_value(string source, string input, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, input));

    [Theory]
    [InlineData("0.1 + 0.2", "0.30000000000000004")]
    [InlineData("$string(0.1 + 0.2)", "\"0.3\"")]
    [InlineData("1e21", "1e+21")]
    [InlineData("123456789012345678", "123456789012345680")]
    [InlineData("0.000001 & \"|\" & 0.0000001", "\"0.000001|1e-7\"")]
    public void Double_mode_computes_as_JavaScript_does(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source, null, new JsonataOptions { Numbers = NumberMode.Double }));

    [Theory]
    [InlineData("1 / 0", "D1001")]
    [InlineData("{\"a\": 1 / 0}", "D1001")]
    [InlineData("$string(1 / 0)", "D3001")]
    [InlineData("1 / 0 + 1", "D1001")]
    [InlineData("$power(10, 1000)", "D3061")]
    public void A_number_beyond_JSON_is_an_error(string source, string expected) =>
        Assert.Equal(expected, Jsonatas.Eval(source));
}
