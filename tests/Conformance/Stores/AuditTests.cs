using System.Text;
using System.Text.Json;
using Gateway.Delivery.Audit;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>The chains of the audit on every engine: complete, by class and day, whole after erasing and dropping.</summary>
public sealed class AuditTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Each_class_has_a_chain_and_all_of_them_are_verified(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        await store.AppendAuditAsync([Of(fixture, AuditClass.Public), Of(fixture, AuditClass.Personal), Of(fixture, AuditClass.Public)], Cancellation);
        await store.AppendAuditAsync([Of(fixture, AuditClass.Public)], Cancellation);
        await store.AppendAuditAsync([Act(fixture, "mia")], Cancellation);

        var report = await VerifyAsync(store);
        Assert.Empty(report.Findings);
        Assert.Equal(
            [(AuditClass.Operators, 1, 1L, 1L), (AuditClass.Personal, 1, 1L, 1L), (AuditClass.Public, 1, 2L, 3L)],
            report.Segments.Select(s => (s.Segment.Class, s.Segment.Number, s.Segment.Links, s.Records)));
        Assert.All(report.Segments, s => Assert.True(s.Segment.Authentic));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_day_has_a_segment_that_goes_on_from_the_day_before(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        for (var day = 0; day < 3; day++)
        {
            await store.AppendAuditAsync([fixture.Audit($"c-{day}", 200)], Cancellation);
            fixture.Clock.Advance(TimeSpan.FromDays(1));
        }

        var segments = await store.AuditSegmentsAsync(Cancellation);

        Assert.Equal([1, 2, 3], segments.Select(s => s.Number));
        Assert.Equal([new string('0', 64), segments[0].Head, segments[1].Head], segments.Select(s => s.Previous));
        Assert.Empty((await VerifyAsync(store)).Findings);
        Assert.Equal("c-1", Assert.Single(await store.FindAuditAsync("c-1", 9, Cancellation)).CorrelationId);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task Outcomes_and_reads_at_once_are_all_in_the_chain_each_once(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        const int Writes = 60;

        await Task.WhenAll(Enumerable.Range(0, Writes).Select(i => Task.Run(async () =>
        {
            var intent = fixture.Intent($"w{i}");
            await store.BeginAsync(intent, Cancellation);
            await store.CompleteAsync(fixture.Completion(intent) with { Audit = fixture.Audit($"w{i}", 201) with { Class = (AuditClass)(i % 4), Address = "10.0.0." + i % 5 } }, Cancellation);
            // Done already: no second record.
            await store.CompleteAsync(fixture.Completion(intent) with { Audit = fixture.Audit($"w{i}", 201) }, Cancellation);
            await store.AppendAuditAsync([.. Enumerable.Range(0, 7).Select(r => fixture.Audit($"r{i}-{r}", 200))], Cancellation);
            // A write that is wrong fails alone, between the others.
            await Record.ExceptionAsync(() => store.BeginAsync(fixture.Intent($"x{i}") with { Route = null! }, Cancellation).AsTask());
        }, Cancellation)));

        Assert.Empty((await VerifyAsync(store)).Findings);
        var found = await LinesAsync(store, new AuditQuery());
        Assert.Equal(
            Enumerable.Range(0, Writes).SelectMany(i => Enumerable.Range(0, 7).Select(r => $"r{i}-{r}").Append($"w{i}")).Order(StringComparer.Ordinal),
            found.Select(line => line.GetProperty("correlationId").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal("10.0.0.3", Assert.Single(await store.FindAuditAsync("w3", 9, Cancellation)).Address);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task The_chain_goes_on_after_closing_and_opening(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AppendAuditAsync([fixture.Audit("a", 200)], Cancellation);
        await store.DisposeAsync();
        store = await fixture.OpenAsync();
        await store.AppendAuditAsync([fixture.Audit("b", 200)], Cancellation);

        var segment = Assert.Single(await store.AuditSegmentsAsync(Cancellation));

        Assert.Equal(2, segment.Links);
        Assert.Empty((await VerifyAsync(store)).Findings);
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_is_about_a_person_is_erased_and_the_chains_are_whole(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AppendAuditAsync(
        [
            fixture.Audit("by-address", 200) with { Address = "203.0.113.7" },
            fixture.Audit("by-subject", 200) with { Address = "10.0.0.1", Subject = "entra/joe" },
            fixture.Audit("another", 200) with { Address = "10.0.0.1", Subject = "entra/mia" },
            Of(fixture, AuditClass.Personal) with { CorrelationId = "personal", Path = "/v1/people/joe", Subject = "entra/joe" },
            Act(fixture, "entra/joe") with { CorrelationId = "act" },
        ], Cancellation);

        Assert.Equal(3, await EraseAsync(fixture, store, "entra/joe"));
        Assert.Equal(1, await EraseAsync(fixture, store, "203.0.113.7"));
        Assert.Equal(0, await EraseAsync(fixture, store, "203.0.113.7"));

        var report = await VerifyAsync(store);
        Assert.Empty(report.Findings);
        Assert.Equal([(AuditClass.Confidential, 2L), (AuditClass.Operators, 1L), (AuditClass.Personal, 1L)], report.Segments.Select(s => (s.Segment.Class, s.Segment.Erased)));
        foreach (var id in (string[])["by-address", "by-subject", "personal", "act"])
        {
            var record = Assert.Single(await store.FindAuditAsync(id, 9, Cancellation));
            Assert.True(record.Erased);
            Assert.Equal((null, null, ""), (record.Address, record.Subject, record.Act?.Actor ?? ""));
            if (id == "personal") Assert.Equal("", record.Path);
        }
        var other = Assert.Single(await store.FindAuditAsync("another", 9, Cancellation));
        Assert.Equal((false, "10.0.0.1", "entra/mia"), (other.Erased, other.Address, other.Subject));
        var acts = await LinesAsync(store, new AuditQuery { Route = "audit.erase" });
        Assert.Equal([3, 1, 0], acts.Select(a => JsonDocument.Parse(a.GetProperty("act").GetProperty("after").GetString()!).RootElement.GetProperty("erased").GetInt32()));
        Assert.All(acts, a => Assert.DoesNotContain("joe", a.ToString(), StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_was_erased_is_not_in_the_files_any_more(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        for (var i = 0; i < 400; i++) await store.AppendAuditAsync([fixture.Audit($"c-{i}", 200) with { Subject = i % 2 == 0 ? "entra/joe" : "entra/mia" }], Cancellation);
        await store.DisposeAsync();
        var before = await SealedAsync(fixture);
        store = await fixture.OpenAsync();

        await EraseAsync(fixture, store, "entra/joe");
        await store.DisposeAsync();

        Assert.Equal(400, before.Count);
        var files = Directory.GetFiles(await fixture.CopyOfDataAsync());
        var left = string.Concat(files.Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.Equal(200, before.Count(row => left.Contains(row, StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task What_was_kept_long_enough_is_dropped_and_its_heads_remain(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        for (var day = 0; day < 4; day++)
        {
            await store.AppendAuditAsync([Of(fixture, AuditClass.Personal) with { CorrelationId = $"p{day}", Address = "10.0.0.1" }, Of(fixture, AuditClass.Internal) with { CorrelationId = $"i{day}" }], Cancellation);
            fixture.Clock.Advance(TimeSpan.FromDays(1));
        }
        var heads = await store.AuditSegmentsAsync(Cancellation);
        var retention = new AuditRetention { Personal = TimeSpan.FromDays(2), Internal = TimeSpan.FromDays(90) };

        var dropped = await AuditActs.RetainAsync(store, retention, fixture.Clock.GetUtcNow(), Cancellation);

        Assert.Equal([(AuditClass.Personal, 1), (AuditClass.Personal, 2), (AuditClass.Personal, 3)], dropped.Select(s => (s.Class, s.Number)));
        var report = await VerifyAsync(store, [.. heads.Select(KnownHead.Of)]);
        Assert.Empty(report.Findings);
        Assert.Equal(heads.Select(h => h.Head), report.Segments.Where(s => s.Segment.Class != AuditClass.Operators).Select(s => s.Segment.Head));
        Assert.Equal(["p3"], (await LinesAsync(store, new AuditQuery { Route = "of-personal" })).Select(l => l.GetProperty("correlationId").GetString()));
        Assert.Equal(4, (await LinesAsync(store, new AuditQuery { Route = "of-internal" })).Count);
        var acts = await LinesAsync(store, new AuditQuery { Route = "audit.retain" });
        Assert.Equal(dropped.Select(s => s.Name), acts.Select(a => a.GetProperty("act").GetProperty("target").GetString()));
        Assert.All(acts.Zip(dropped), a => Assert.Contains(a.Second.Head, a.First.GetProperty("act").GetProperty("before").GetString(), StringComparison.Ordinal));
        Assert.Empty(await AuditActs.RetainAsync(store, retention, fixture.Clock.GetUtcNow(), Cancellation));

        // The chain of a dropped head goes on from it.
        await store.AppendAuditAsync([Of(fixture, AuditClass.Personal)], Cancellation);
        Assert.Empty((await VerifyAsync(store)).Findings);
        Assert.Empty(await store.FindAuditAsync("p0", 9, Cancellation));
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task A_search_tells_what_is_asked_for_in_order_and_whether_there_is_more(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        var start = fixture.Clock.GetUtcNow();
        for (var i = 0; i < 20; i++)
        {
            await store.AppendAuditAsync([fixture.Audit($"c{i:00}", 200) with { Tenant = i % 2 == 0 ? "acme" : "globex", Consumer = $"shop{i % 4}", Class = (AuditClass)(i % 3) }], Cancellation);
            fixture.Clock.Advance(TimeSpan.FromHours(3));
        }

        async Task<IEnumerable<string>> Ids(AuditQuery query, int max = 99) => (await AuditReading.SearchAsync(store, query, max, Cancellation)).Records.Select(r => r.CorrelationId);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"c{i:00}"), await Ids(new AuditQuery()));
        Assert.Equal(["c01", "c05", "c09", "c13", "c17"], await Ids(new AuditQuery { Partner = "globex", Consumer = "shop1" }));
        Assert.Equal(["c02", "c03"], await Ids(new AuditQuery { From = start.AddHours(6), To = start.AddHours(12) }));
        Assert.Equal(["c07"], await Ids(new AuditQuery { CorrelationId = "c07", Route = "orders.create" }));
        Assert.Empty(await Ids(new AuditQuery { Route = "orders.read" }));
        Assert.Equal((3, false), await SizeAsync(3));
        Assert.Equal((20, true), await SizeAsync(20));

        async Task<(int Count, bool Whole)> SizeAsync(int max) => await AuditReading.SearchAsync(store, new AuditQuery(), max, Cancellation) is var page ? (page.Records.Count, page.Whole) : default;
    }

    [Theory, MemberData(nameof(StoreFixture.EnginesAndMemory), MemberType = typeof(StoreFixture))]
    public async Task An_export_has_every_record_once_with_its_place_as_a_line_of_JSON(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await store.AppendAuditAsync([.. Enumerable.Range(0, 5000).Select(i => fixture.Audit($"c{i}", 200) with { Reason = "with \"quotes\",\nlines and ü" })], Cancellation);
        await store.AppendAuditAsync([Act(fixture, "mia")], Cancellation);

        var lines = await LinesAsync(store, new AuditQuery());

        Assert.Equal(5001, lines.Count);
        Assert.Equal(5000, lines.Where(l => l.GetProperty("class").GetString() == "confidential").Select(l => l.GetProperty("correlationId").GetString()).Distinct().Count());
        Assert.All(lines, l => Assert.Equal((1, 1), (l.GetProperty("segment").GetInt32(), l.GetProperty("link").GetInt32())));
        var act = lines.Single(l => l.GetProperty("class").GetString() == "operators").GetProperty("act");
        Assert.Equal(("mia", "keys.revoke", "acme-shop", "lost"), (act.GetProperty("actor").GetString(), act.GetProperty("action").GetString(), act.GetProperty("target").GetString(), act.GetProperty("why").GetString()));
    }

    internal static Task<AuditReport> VerifyAsync(IStore store, IReadOnlyList<KnownHead>? known = null) => AuditVerification.RunAsync(store, known ?? [], Cancellation);

    internal static async Task<IReadOnlyList<JsonElement>> LinesAsync(IStore store, AuditQuery query)
    {
        using var output = new MemoryStream();
        var written = await AuditExport.WriteAsync(store, query, output, Cancellation);
        var text = Encoding.UTF8.GetString(output.ToArray());
        var lines = text.Split('\n')[..^1];
        Assert.EndsWith("\n", text.Length == 0 ? "\n" : text, StringComparison.Ordinal);
        Assert.Equal(written, lines.Length);
        return [.. lines.Select(line => JsonElement.Parse(line))];
    }

    private static ValueTask<int> EraseAsync(StoreFixture fixture, IStore store, string person) =>
        store.EraseAuditAsync(person, times => AuditActs.Erased("mia", "asked for", times, fixture.Clock.GetUtcNow()), Cancellation);

    private static AuditRecord Of(StoreFixture fixture, AuditClass about) => fixture.Audit("c", 200) with { Class = about, Route = "of-" + about.ToString().ToLowerInvariant() };

    private static AuditRecord Act(StoreFixture fixture, string actor) =>
        fixture.Audit("c", 200) with { Consumer = null, Act = new OperatorAct(actor, "keys.revoke", "acme-shop") { Why = "lost" } };

    /// <summary>The encrypted persons as Latin-1, as they would be found in the files.</summary>
    private static async Task<IReadOnlyList<string>> SealedAsync(StoreFixture fixture) =>
        [.. (await fixture.BytesAsync("SELECT sealed FROM audit_persons")).Select(Encoding.Latin1.GetString)];
}
