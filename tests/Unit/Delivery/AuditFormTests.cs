using Gateway.Delivery.Audit;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>Many audit records as bytes: nothing of them is lost, what is about persons is not among them, and they are found again.</summary>
public sealed class AuditFormTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 6, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_member_of_every_record_comes_back()
    {
        AuditRecord[] records =
        [
            new(Start, "acme", "acme-shop", "orders.read", "GET", "/v1/orders/1", "rev1", "c-1", 200, "done") { TraceId = "c-1", Milliseconds = 1.25, Address = "10.0.0.1" },
            new(Start.AddTicks(-7), "-", null, "open", "GET", "/v1/ö/✓", "rev1", "0AF7651916cd43dd8448eb211c80319c", 401, "unauthenticated") { TraceId = null, Reason = "api-key-unknown", Address = "10.0.0.1" },
            new(Start.AddDays(1), "acme", "acme-shop", "orders.read", "GET", "", "rev2", "theirs", 404, "not-found") { TraceId = "another", Reason = "", Milliseconds = 0, Subject = "entra/joe" },
            new(Start, "acme", "acme-shop", "orders.read", "GET", new string('ü', 300), "rev2", "0af7651916cd43dd8448eb211c80319c", 200, "done") { TraceId = "0af7651916cd43dd8448eb211c80319c", Address = "10.0.0.1", Subject = "entra/joe" },
            new(DateTimeOffset.MinValue, "acme", "acme-shop", "orders.read", "GET", "/", "rev2", "", 200, "done") { TraceId = "" + "x", Address = "10.0.0.2" },
            new(DateTimeOffset.MaxValue, "acme", "acme-shop", "orders.read", "GET", "/", "rev2", "0af7651916cd43dd8448eb211c80319c", 200, "done") { TraceId = null, Address = "10.0.0.1" },
        ];

        Assert.Equal(records, WrittenAndRead(records));
    }

    [Fact]
    public void What_an_operator_did_comes_back()
    {
        AuditRecord[] records =
        [
            Record(1) with { Consumer = null, Act = new OperatorAct("mia", "keys.revoke", "acme-shop/2") { Why = "lost", Before = """{"state":"ok"}""", After = "" }, Address = "10.0.0.9" },
            Record(2) with { Consumer = null, Act = new OperatorAct("", "keys.revoke", "") },
        ];

        Assert.Equal(records, WrittenAndRead(records));
        Assert.All(records, record => Assert.Equal(AuditClass.Operators, record.Class));
    }

    [Fact]
    public void What_is_about_persons_is_not_in_the_bytes_and_gone_without_its_row()
    {
        var record = Record(1) with { Path = "/v1/customers/mia@example.com", Class = AuditClass.Personal, Address = "203.0.113.7", Subject = "entra/mia" };
        var (bytes, persons) = AuditForm.Write([record]);
        var text = System.Text.Encoding.Latin1.GetString(bytes);

        Assert.All((string[])["mia", "203.0.113"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Contains("203.0.113", System.Text.Encoding.Latin1.GetString(Assert.Single(persons)), StringComparison.Ordinal);
        Assert.Equal(record, WrittenAndRead([record])[0]);
        Assert.Equal(record with { Path = "", Address = null, Subject = null, Erased = true }, AuditForm.Read(bytes, AuditClass.Personal, (_, _) => null)[0]);
    }

    [Fact]
    public void The_same_person_has_another_commitment_in_another_block()
    {
        var (one, other) = (AuditForm.Write([Record(1) with { Address = "10.0.0.1" }]), AuditForm.Write([Record(1) with { Address = "10.0.0.1" }]));

        Assert.NotEqual(AuditPerson.Commitment(one.Persons[0]), AuditPerson.Commitment(other.Persons[0]));
        Assert.NotEqual(one.Records, other.Records);
    }

    [Fact]
    public void A_person_is_kept_once_a_block()
    {
        var (_, persons) = AuditForm.Write([.. Enumerable.Range(0, 1000).Select(i => Record(i) with { Address = "10.0.0." + i % 3 })]);

        Assert.Equal(["10.0.0.0", "10.0.0.1", "10.0.0.2"], persons.Select(p => AuditPerson.Read(p).Address));
    }

    [Fact]
    public void Names_that_repeat_cost_a_byte()
    {
        var one = AuditForm.Write([Record(1)]).Records.Length;
        var many = AuditForm.Write([.. Enumerable.Range(1000, 1000).Select(Record)]).Records.Length;

        Assert.InRange((many - one) / 999, 1, 60);
    }

    [Fact]
    public void Records_of_before_there_was_a_chain_are_read()
    {
        var old = Convert.FromHexString(
            "0100b04dd6144ddf08000000000000f43fc801010461636d65020961636d652d73686f70030b6f72646572732e7265616404034745540504726576310604646f6e65000c2f76312f6f72"
            + "646572732f31056f6c642d310007b04dd6144ddf080000000000000000910307012d0008046f70656e0405090f756e61757468656e746963617465640a0f6170692d6b65792d756e6b"
            + "6e6f776e062f76312fc3b6056f6c642d320100");
        AuditRecord[] records =
        [
            new(Start, "acme", "acme-shop", "orders.read", "GET", "/v1/orders/1", "rev1", "old-1", 200, "done") { TraceId = "old-1", Milliseconds = 1.25 },
            new(Start.AddTicks(7), "-", null, "open", "GET", "/v1/ö", "rev1", "old-2", 401, "unauthenticated") { TraceId = null, Reason = "api-key-unknown" },
        ];

        Assert.Equal(records, AuditForm.Read(old, AuditClass.Confidential, (_, _) => throw new InvalidOperationException("There were no persons.")));
    }

    [Fact]
    public void A_form_we_do_not_know_is_said_to_be_one() =>
        Assert.Throws<InvalidDataException>(() => AuditForm.Read(new byte[] { 99, 1, 2, 3 }, AuditClass.Public, (_, _) => null));

    [Fact]
    public void Bytes_that_were_changed_are_records_or_said_to_be_none()
    {
        var bytes = AuditForm.Write([Record(1) with { Address = "10.0.0.1" }, Record(2) with { Consumer = null, Act = new OperatorAct("mia", "a", "b") { Why = "w" } }]).Records;
        foreach (var at in Enumerable.Range(0, bytes.Length))
        {
            foreach (var change in (byte[])[0x01, 0x80, 0xFF])
            {
                var changed = bytes.ToArray();
                changed[at] ^= change;
                Assert.True(Xunit.Record.Exception(() => AuditForm.Read(changed, AuditClass.Public, (_, _) => null)) is null or InvalidDataException, $"byte {at}");
            }
        }
    }

    [Fact]
    public void The_filter_misses_nothing_and_rarely_asks_in_vain()
    {
        AuditRecord[] records = [.. Enumerable.Range(0, 4096).Select(Record)];
        var filter = AuditFilter.Of(records);

        Assert.All(records, record => Assert.True(AuditFilter.MayHave(filter, record.CorrelationId)));
        Assert.InRange(Enumerable.Range(100_000, 10_000).Count(i => AuditFilter.MayHave(filter, Record(i).CorrelationId)), 0, 300);
    }

    private static List<AuditRecord> WrittenAndRead(IReadOnlyList<AuditRecord> records)
    {
        var (bytes, persons) = AuditForm.Write(records);
        return AuditForm.Read(bytes, records[0].Class, (number, commitment) =>
        {
            Assert.Equal(AuditPerson.Commitment(persons[number - 1]), commitment);
            return AuditPerson.Read(persons[number - 1]);
        });
    }

    private static AuditRecord Record(int number) =>
        new(Start, "acme", "acme-shop", "parcels.read", "GET", $"/v1/parcels/{number}", "0123456789abcdef", $"{number:x32}", 200, "forwarded") { TraceId = $"{number:x32}", Milliseconds = 0.5 };
}
