using Gateway.Pipeline.Changes;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline.Changes;

/// <summary>The way through what was written since, in pages, where dates are seen in seconds and written to the microsecond.</summary>
public sealed class SweepCursorTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_page_that_is_not_full_is_the_last()
    {
        var cursor = new SweepCursor(Start.AddMilliseconds(700), 3);
        Assert.Equal(new ChangeQuery(3) { From = Start }, cursor.Next);

        cursor.Take([At(1, 0), At(2, 4)]);

        Assert.Null(cursor.Next);
        Assert.Equal(Start.AddSeconds(4), cursor.Latest);
    }

    [Fact]
    public void Nothing_found_reaches_nowhere()
    {
        var cursor = new SweepCursor(Start, 3);

        cursor.Take([]);

        Assert.Null(cursor.Next);
        Assert.Null(cursor.Latest);
    }

    [Fact]
    public void The_next_page_begins_with_the_second_in_which_the_last_one_ended()
    {
        var cursor = new SweepCursor(Start, 3);

        cursor.Take([At(1, 0), At(2, 1), At(3, 1)]);

        Assert.Equal(new ChangeQuery(3) { From = Start.AddSeconds(1) }, cursor.Next);
    }

    [Fact]
    public void A_second_with_more_than_a_page_is_gone_through_by_ids_and_then_left()
    {
        var cursor = new SweepCursor(Start, 2);

        cursor.Take([At(5, 0), At(9, 0)]);
        Assert.Equal(new ChangeQuery(2) { From = Start, Before = Start.AddSeconds(1), AfterId = 0 }, cursor.Next);
        cursor.Take([At(3, 0), At(5, 0)]);
        Assert.Equal(new ChangeQuery(2) { From = Start, Before = Start.AddSeconds(1), AfterId = 5 }, cursor.Next);
        cursor.Take([At(9, 0)]);
        Assert.Equal(new ChangeQuery(2) { From = Start.AddSeconds(1) }, cursor.Next);
        cursor.Take([]);

        Assert.Null(cursor.Next);
        Assert.Equal(Start, cursor.Latest);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(40)]
    public void Whatever_is_written_while_pages_are_read_no_record_that_stays_is_passed_over(int max)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            // Few seconds, so that many share one; some are written again between two pages, which pushes all behind them forward.
            var rows = Enumerable.Range(1, 40).ToDictionary(id => id, _ => Start.AddTicks(random.NextInt64(6 * TimeSpan.TicksPerSecond)));
            var (stays, found, clock) = (rows.Keys.ToHashSet(), new HashSet<int>(), Start.AddSeconds(6));
            var cursor = new SweepCursor(Start, max);
            for (var pages = 0; cursor.Next is { } next; pages++)
            {
                Assert.True(pages < 400, $"seed {seed} comes to no end");
                var page = Answer(rows, next);
                found.UnionWith(page.Select(row => row.Id));
                cursor.Take(page);
                if (pages < 60 && random.Next(3) == 0)
                {
                    var moved = random.Next(1, 41);
                    rows[moved] = clock = clock.AddMilliseconds(random.Next(1, 900));
                    stays.Remove(moved);
                }
            }
            Assert.Empty(stays.Except(found));
            // What was written meanwhile is behind what the cursor has reached, or was found.
            Assert.All(rows.Where(row => !found.Contains(row.Key)), row => Assert.True(row.Value >= cursor.Latest - TimeSpan.FromSeconds(1)));
        }
    }

    /// <summary>As Odoo answers: dates cut to seconds, conditions on what is stored.</summary>
    private static List<DatedRecord> Answer(Dictionary<int, DateTimeOffset> rows, ChangeQuery query)
    {
        var found = rows.Where(r => r.Value >= query.From && (query.Before is not { } before || r.Value < before) && r.Key > (query.AfterId ?? 0));
        var sorted = query.AfterId is null ? found.OrderBy(r => r.Value).ThenBy(r => r.Key) : found.OrderBy(r => r.Key);
        return [.. sorted.Take(query.Max).Select(r => new DatedRecord(r.Key, new DateTimeOffset(r.Value.Ticks - r.Value.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero)))];
    }

    private static DatedRecord At(int id, int second) => new(id, Start.AddSeconds(second));
}
