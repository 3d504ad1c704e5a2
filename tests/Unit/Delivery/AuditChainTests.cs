using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Delivery.Audit;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

/// <summary>The arithmetic of the chains, computed a second time as docs/audit.md tells it.</summary>
public sealed class AuditChainTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 6, 0, 0, TimeSpan.Zero);

    private static readonly AuditChain Chain = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    [Fact]
    public void A_segment_begins_from_its_name_the_head_before_it_and_its_moment()
    {
        var segment = Chain.Begin("node-1", AuditClass.Internal, 7, AuditChain.Nothing, Start);

        Assert.Equal(Hex(SHA256.HashData(Encoding.UTF8.GetBytes($"node-1/internal/7\n{new string('0', 64)}\n{Start.UtcTicks}"))), segment.Head);
        Assert.True(segment.Authentic);
    }

    [Fact]
    public void A_link_is_hashed_over_the_one_before_its_number_and_all_it_says()
    {
        var segment = Chain.Begin("node-1", AuditClass.Confidential, 1, AuditChain.Nothing, Start);
        var one = Assert.Single(AuditBlock.Of([Record(1)]));
        var many = Assert.Single(AuditBlock.Of([Record(2), Record(3)]));

        var first = Chain.Append(segment, one);
        var second = Chain.Append(first, many);

        Assert.Equal(Hash(segment.Head, 1, Digest(Start.AddSeconds(1), Start.AddSeconds(1), 1, Encoding.UTF8.GetBytes("c-1"), one.Records)), first.Head);
        Assert.Equal(Hash(first.Head, 2, Digest(Start.AddSeconds(2), Start.AddSeconds(3), 2, AuditFilter.Of([Record(2), Record(3)]), many.Records)), second.Head);
        Assert.Equal((2L, Start.AddSeconds(1), Start.AddSeconds(3)), (second.Links, second.FirstAt, second.LastAt));
    }

    [Fact]
    public void Whatever_is_changed_in_a_head_its_seal_does_not_fit_any_more()
    {
        var segment = Chain.Append(Chain.Begin("node-1", AuditClass.Internal, 7, AuditChain.Nothing, Start), AuditBlock.Of([Record(1)]).Single());
        AuditSegment[] changed =
        [
            segment with { Node = "node-2" }, segment with { Class = AuditClass.Public }, segment with { Number = 8 }, segment with { Previous = new string('1', 64) },
            segment with { OpenedAt = Start.AddTicks(1) }, segment with { Links = 2 }, segment with { FirstAt = Start }, segment with { LastAt = Start },
            segment with { Head = new string('1', 64) }, segment with { Erased = 1 }, segment with { DroppedAt = Start }, segment with { Seal = new string('1', 64) },
        ];

        Assert.True(Chain.Judged(segment).Authentic);
        Assert.All(changed, head => Assert.False(Chain.Judged(head).Authentic, head.ToString()));
        Assert.False(new AuditChain(AuditChain.NewKey()).Judged(segment).Authentic);
    }

    [Fact]
    public void A_seal_that_did_not_fit_is_not_made_to_fit()
    {
        var forged = Chain.Judged(Chain.Begin("node-1", AuditClass.Internal, 1, AuditChain.Nothing, Start) with { Links = 5 });

        Assert.False(Chain.Judged(Chain.Resealed(forged with { DroppedAt = Start })).Authentic);
        Assert.False(AuditChain.TakesMore(forged, Start));
    }

    [Fact]
    public void A_day_has_its_own_segment_and_a_full_one_is_followed_by_the_next()
    {
        var segment = Chain.Begin("node-1", AuditClass.Internal, 1, AuditChain.Nothing, Start);

        Assert.True(AuditChain.TakesMore(segment, Start.AddHours(17)));
        Assert.True(AuditChain.TakesMore(segment with { Links = AuditChain.Full - 1 }, Start));
        Assert.False(AuditChain.TakesMore(segment, Start.AddHours(18)));
        Assert.False(AuditChain.TakesMore(segment with { Links = AuditChain.Full }, Start));
        Assert.False(AuditChain.TakesMore(segment with { DroppedAt = Start }, Start));
    }

    [Fact]
    public void Records_of_each_class_are_a_block_of_their_own()
    {
        var blocks = AuditBlock.Of([Record(1), Record(2) with { Class = AuditClass.Public }, Record(3), Record(4) with { Act = new OperatorAct("mia", "a", "b") }]).ToList();

        Assert.Equal([AuditClass.Confidential, AuditClass.Public, AuditClass.Operators], blocks.Select(b => b.Class));
        Assert.Equal([2, 1, 1], blocks.Select(b => AuditForm.Read(b.Records, b.Class, (_, _) => null).Count));
    }

    private static string Hash(string before, long number, byte[] digest) =>
        Hex(SHA256.HashData([.. Convert.FromHexString(before), .. BigEndian(number), .. digest]));

    private static byte[] Digest(DateTimeOffset first, DateTimeOffset last, byte kind, byte[] search, byte[] records) =>
        SHA256.HashData([.. BigEndian(first.UtcTicks), .. BigEndian(last.UtcTicks), kind, .. BigEndian(search.Length)[4..], .. search, .. records]);

    private static byte[] BigEndian(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static AuditRecord Record(int number) =>
        new(Start.AddSeconds(number), "acme", "acme-shop", "orders.read", "GET", "/v1/orders/1", "rev", $"c-{number}", 200, "done");
}
