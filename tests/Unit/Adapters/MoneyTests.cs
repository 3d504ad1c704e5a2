using Gateway.Adapters.Odoo.Wire;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

public sealed class MoneyTests
{
    [Theory]
    [InlineData(2, "37.5", "37.50")]
    [InlineData(2, "0.30000000000000004", "0.30")]
    [InlineData(2, "1.005", "1.01")]
    [InlineData(2, "-1.005", "-1.01")]
    [InlineData(0, "1234.5", "1235")]
    [InlineData(3, "1.2", "1.200")]
    [InlineData(2, "99999999999.99", "99999999999.99")]
    public void Amounts_have_the_decimals_of_their_currency(int decimals, string amount, string text) =>
        Assert.Equal(text, new Currency(1, "XXX", decimals).Amount(OdooBench.Json(amount).GetDecimal()));

    [Theory]
    [InlineData(2, "12.5", "12.50")]
    [InlineData(2, "0.125", "0.125")]
    [InlineData(2, "0.000001", "0.000001")]
    [InlineData(0, "700", "700")]
    [InlineData(0, "0.5", "0.5")]
    public void Prices_keep_the_decimals_they_have(int decimals, string price, string text) =>
        Assert.Equal(text, new Currency(1, "XXX", decimals).Price(OdooBench.Json(price).GetDecimal()));

    [Theory]
    [InlineData("3.0", "3")]
    [InlineData("0.50", "0.5")]
    [InlineData("1E+2", "100")]
    [InlineData("0.000001", "0.000001")]
    public void Figures_are_plain(string number, string text) => Assert.Equal(text, OdooBench.Json(number).GetDecimal().Plain());
}
