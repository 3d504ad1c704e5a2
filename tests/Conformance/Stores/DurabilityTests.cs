using System.Text;
using Gateway.Delivery.Storage;
using Xunit;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What is left after a crash, and what the files tell a thief.</summary>
public sealed class DurabilityTests
{
    private static CancellationToken Cancellation => StoreFixture.Cancellation;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Everything_that_was_confirmed_is_there_after_closing_and_opening(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await FillAsync(fixture, store);
        await store.DisposeAsync();

        await AssertFilledAsync(fixture, await fixture.OpenAsync());
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task What_is_written_is_not_readable_in_the_files(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        const string Marker = "Hafenstrasse-Marker-4711";
        var payload = StoreFixture.Bytes($$"""{"address":"{{Marker}}"}""");
        var intent = fixture.Intent("a", "K") with { Canonical = payload, Input = payload, Path = "/v1/orders?street=" + Marker };
        var completion = fixture.Completion(intent);
        await store.BeginAsync(intent, Cancellation);
        await store.CompleteAsync(completion with
        {
            Result = new OperationResult(OperationStatus.Done) { Record = payload, Facts = payload, Detail = Marker },
            Object = completion.Object! with { Canonical = payload },
            Event = completion.Event! with { Data = payload },
            Answer = new Answer(201, [new("X-Address", Marker)], payload),
        }, Cancellation);
        await store.RememberAsync(StoreFixture.Scope("K2"), "f", TimeSpan.FromHours(1), new Answer(200, [], payload), null, Cancellation);

        await AssertHiddenAsync(await fixture.CopyOfDataAsync());
        await store.DisposeAsync();
        await AssertHiddenAsync(await fixture.CopyOfDataAsync());

        static async Task AssertHiddenAsync(string directory)
        {
            var found = false;
            foreach (var file in Directory.EnumerateFiles(directory))
            {
                // Latin-1 keeps every byte; base64 is looked for as well, since a payload in JSON would hide in it.
                var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation));
                Assert.DoesNotContain(Marker, text);
                Assert.DoesNotContain(Convert.ToBase64String(StoreFixture.Bytes("""{"address":"Hafenstrasse"""))[..24], text);
                found |= text.Contains("orders.create", StringComparison.Ordinal);
            }

            Assert.True(found, "the rows themselves are in these files");
        }
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Another_key_ring_is_refused_when_opening(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await FillAsync(fixture, store);
        await store.DisposeAsync();

        Directory.Delete(fixture.KeyDirectory, recursive: true);
        fixture.Protection = KeyRing.Open(fixture.KeyDirectory, fixture.DataDirectory);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.OpenAsync());
        Assert.Contains("Restore the key ring", error.Message);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_key_ring_reopened_from_its_files_reads_what_was_written_before(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;
        await FillAsync(fixture, store);
        await store.DisposeAsync();

        fixture.Protection = KeyRing.Open(fixture.KeyDirectory, fixture.DataDirectory);

        await AssertFilledAsync(fixture, await fixture.OpenAsync());
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task A_call_that_was_cancelled_before_it_began_stores_nothing(string engine)
    {
        var (fixture, store) = await StoreFixture.NewAsync(engine);
        await using var _ = fixture;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.BeginAsync(fixture.Intent("a", "K"), new CancellationToken(true)).AsTask());

        Assert.Null(await store.FindIntentAsync("a", Cancellation));
        Assert.Null(await store.FindKeyAsync(StoreFixture.Scope("K"), Cancellation));
    }

    internal static async Task FillAsync(StoreFixture fixture, IStore store)
    {
        for (var i = 0; i < 20; i++)
        {
            var intent = fixture.Intent($"i{i}", $"K{i}", $"R{i}");
            await store.BeginAsync(intent, Cancellation);
            if (i % 2 == 0) await store.CompleteAsync(fixture.Completion(intent), Cancellation);
        }
    }

    internal static async Task AssertFilledAsync(StoreFixture fixture, IStore store)
    {
        fixture.OutliveLeases();
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i % 2 == 1).Select(i => $"i{i}"),
            (await store.AbandonedAsync("process-2", 99, Cancellation)).Select(i => i.Id).OrderBy(id => int.Parse(id[1..])));
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), (await store.ReadEventsAsync(0, 99, Cancellation)).Select(e => e.Sequence));
        Assert.Equal(201, (await store.FindKeyAsync(StoreFixture.Scope("K0"), Cancellation))!.Answer!.Status);
        Assert.Null((await store.FindKeyAsync(StoreFixture.Scope("K1"), Cancellation))!.Answer);
        Assert.NotNull(await store.FindObjectAsync("acme", "order", "o-i2", Cancellation));
    }
}
