using System.Text.Json;
using Gateway.Adapters;
using Gateway.Adapters.Odoo.Wire;
using Gateway.Adapters.Rest;
using Gateway.Adapters.Wms;
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
    [InlineData("Unknown error during import: <class 'requests.exceptions.ConnectionError'>: HTTPConnectionPool(host='tax.internal', port=8080): Max retries exceeded", Scrub.Nothing)]
    [InlineData("could not translate host name \"pg-0.pg.svc.cluster.local\" to address", Scrub.Nothing)]
    [InlineData("server closed the connection unexpectedly at db01:5432", Scrub.Nothing)]
    [InlineData("Connection to odoo-db.prod.internal refused", Scrub.Nothing)]
    [InlineData("host=db-primary user=odoo password=hunter2", Scrub.Nothing)]
    [InlineData("FATAL: password authentication failed for user \"odoo\"", Scrub.Nothing)]
    [InlineData("relation \"sale_order\" does not exist", Scrub.Nothing)]
    [InlineData("the tax service fe80::1ff:fe23:4567:890a is away", "the tax service … is away")]
    [InlineData("ask tax.internal about it", "ask … about it")]
    [InlineData("db01:5432 is read only", "… is read only")]
    [InlineData("Delivered at 10:30:00, e.g. to the dock; 12.50 EUR. Thank you", "Delivered at 10:30:00, e.g. to the dock; 12.50 EUR. Thank you")]
    [InlineData("The connection fee of 5.00 was not paid", "The connection fee of 5.00 was not paid")]
    [InlineData("Postgres at db_primary:5432 said no", "Postgres at … said no")]
    [InlineData("host erp-db-01 port 5432", "host …")]
    [InlineData("No answer on port 5432.", "No answer on ….")]
    [InlineData("The file \\\\fileserver\\share\\labels is missing", "The file … is missing")]
    [InlineData("Bearer sk_live_51HxYz99 rejected by upstream wms-core-7d9f8b6c4-x2x9z", "Bearer … rejected by upstream …")]
    [InlineData("pick-7d9f8b6c4-x2x9z does not know sk_live_51HxYz99", "… does not know …")]
    [InlineData("AWS key AKIAIOSFODNN7EXAMPLE", "AWS key …")]
    [InlineData("signed by eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "signed by …")]
    [InlineData("request 2f1c8a7e-5b1d-4c62-9d5e-0123456789ab failed", "request … failed")]
    [InlineData("node app_server-2 is drained", "node … is drained")]
    [InlineData("", Scrub.Nothing)]
    public void Business_words_stay_and_the_inside_goes(string message, string shown) => Assert.Equal(shown, Scrub.Text(message));

    [Theory]
    [InlineData("Order S00042 has been confirmed already")]
    [InlineData("Transfer WH/OUT/00047 is done, 2 of 3 pieces")]
    [InlineData("Item DESK-0005-BLK-180x80 is not sold to ACME-DE")]
    [InlineData("Chair ERGO-7D9F8B6C4-X2X9Z is out of stock")]
    [InlineData("Ergo-chair 2000-pro (black, 80-120 cm) is discontinued")]
    [InlineData("The pick-up window 10:30 to 12:00 is over")]
    [InlineData("Mix hardener and resin at 1:2 or 10:100")]
    [InlineData("1,234.56 EUR exceeds the limit of EUR 1.000,00")]
    [InlineData("Discount of 12.5% or -3.75 on PO-4711/2026")]
    [InlineData("The bearer of this note receives the goods at port 12")]
    [InlineData("Basic set with 10-pack, model B-52-XL")]
    [InlineData("Serial 4006381333931 (EAN) was scanned twice")]
    [InlineData("Ask the host of the event, the server was re-seated")]
    [InlineData("Parcel 1Z999AA10123456784 left at 16:45:10 on 2026-11-27")]
    public void Ordinary_words_of_business_stay(string message)
    {
        Assert.Equal(message, Scrub.Text(message));
        Assert.False(Inside.IsIn(message));
    }

    [Theory]
    [InlineData("Postgres at db_primary:5432 said no", false)]
    [InlineData("host erp-db-01 port 5432", false)]
    [InlineData(@"\\fileserver\share\labels", false)]
    [InlineData("Bearer sk_live_51HxYz99 rejected by upstream wms-core-7d9f8b6c4-x2x9z", false)]
    [InlineData("AWS key AKIAIOSFODNN7EXAMPLE", false)]
    [InlineData("connection refused", false)]
    [InlineData("at 10.20.30.40", false)]
    [InlineData("first\nsecond", false)]
    [InlineData("Order S00042 has been picked at 10:30, 2 of 3 pieces", true)]
    [InlineData("DESK-0005-BLK-180x80 weighs 9.5 kg, 1:2 in WH/OUT/00047", true)]
    public void Refusals_of_rest_apis_are_shown_whole_or_not_at_all(string message, bool shown)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { errors = new[] { new { code = "order_locked", message } } });

        var reply = RestAnswers.Read(WmsDialect.Warehouse, Effect.Changes, 409, "application/json", body, null);

        Assert.Equal((OperationStatus.Refused, shown ? message : ""), (reply.Status, reply.Detail));
    }

    [Fact]
    public void Long_messages_are_cut() => Assert.Equal(401, Scrub.Text(new string('x', 5000)).Length);
}
