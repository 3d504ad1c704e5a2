using Gateway.Adapters.Odoo.Wire;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

public sealed class ScrubTests
{
    [Theory]
    [InlineData("You can not delete a confirmed sales order. You must first cancel it.", "You can not delete a confirmed sales order. You must first cancel it.")]
    [InlineData("Line 2: 12.50 EUR is below the minimum of 15.00 EUR", "Line 2: 12.50 EUR is below the minimum of 15.00 EUR")]
    [InlineData("Deliver by 2026-11-27 or call +49 40 123", "Deliver by 2026-11-27 or call +49 40 123")]
    [InlineData("and/or is fine", "and/or is fine")]
    [InlineData("connection to server at \"127.0.0.1\", port 5432 failed: FATAL", Scrub.Nothing)]
    [InlineData("see http://odoo.internal:8069/web for more", "see … for more")]
    [InlineData("mail server 10.20.30.40:25 is down", "mail server … is down")]
    [InlineData("host odoo-db.prod.local:5432 is down", "host … is down")]
    [InlineData("cannot read /opt/odoo/odoo.conf now", "cannot read … now")]
    [InlineData("Record does not exist or has been deleted.\n(Record: sale.order(99999999,), User: 2)", "Record does not exist or has been deleted.")]
    [InlineData("You are not allowed to access 'Sales Order' (sale.order) records.", "You are not allowed to access 'Sales Order' … records.")]
    [InlineData("invalid input\nLINE 1: ...\" FROM \"res_partner\" WHERE\n   ^\n", "invalid input")]
    [InlineData("oops\nTraceback (most recent call last):\n  File \"/a/b.py\", line 1\nSecretError: key", "oops")]
    [InlineData("key 0123456789abcdef0123456789abcdef01234567 is wrong", "key … is wrong")]
    [InlineData("SELECT id FROM res_partner WHERE ref = 'x'", Scrub.Nothing)]
    [InlineData("Please select a product from the list", "Please select a product from the list")]
    [InlineData("", Scrub.Nothing)]
    public void Business_words_stay_and_the_inside_goes(string message, string shown) => Assert.Equal(shown, Scrub.Text(message));

    [Fact]
    public void Long_messages_are_cut() => Assert.Equal(401, Scrub.Text(new string('x', 5000)).Length);
}
