using Gateway.Delivery.Storage.Sqlite;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Many audit records in one row: nothing of them is lost, and they are found again.</summary>
public sealed class AuditBlockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 6, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_member_of_every_record_comes_back()
    {
        AuditRecord[] records =
        [
            new(Start, "acme", "acme-shop", "orders.read", "GET", "/v1/orders/1", "rev1", "c-1", 200, "done") { TraceId = "c-1", Milliseconds = 1.25 },
            new(Start.AddTicks(7), "-", null, "open", "GET", "/v1/ö/✓", "rev1", "c-2", 401, "unauthenticated") { TraceId = null, Reason = "api-key-unknown" },
            new(Start.AddDays(1), "acme", "acme-shop", "orders.read", "GET", "", "rev2", "theirs", 404, "not-found") { TraceId = "another", Reason = "", Milliseconds = 0 },
        ];

        Assert.Equal(records, AuditBlock.Read(AuditBlock.Write(records)));
    }

    [Fact]
    public void Names_that_repeat_cost_a_byte()
    {
        var one = AuditBlock.Write([Record(1)]).Length;
        var many = AuditBlock.Write([.. Enumerable.Range(1000, 1000).Select(Record)]).Length;

        Assert.InRange((many - one) / 999, 1, 100);
    }

    [Fact]
    public void The_filter_misses_nothing_and_rarely_asks_in_vain()
    {
        AuditRecord[] records = [.. Enumerable.Range(0, 4096).Select(Record)];
        var filter = AuditBlock.Filter(records);

        Assert.All(records, record => Assert.True(AuditBlock.MayHave(filter, record.CorrelationId)));
        Assert.InRange(Enumerable.Range(100_000, 10_000).Count(i => AuditBlock.MayHave(filter, Record(i).CorrelationId)), 0, 300);
    }

    [Fact]
    public void A_block_of_a_form_we_do_not_know_is_said_to_be_one() =>
        Assert.Throws<InvalidDataException>(() => AuditBlock.Read([99, 1, 2, 3]).ToList());

    private static AuditRecord Record(int number) =>
        new(Start, "acme", "acme-shop", "parcels.read", "GET", $"/v1/parcels/{number}", "0123456789abcdef", $"{number:x32}", 200, "forwarded") { TraceId = $"{number:x32}", Milliseconds = 0.5 };
}
