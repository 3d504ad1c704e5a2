using Gateway.Pipeline.Own;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Unit.Events;

/// <summary>Cursors and questions of who reads events.</summary>
public sealed class EventCursorTests
{
    private static readonly StoredEvent Stored = new(4711, 3, new NewEvent("e-1", "acme", "order.accepted.v1", "/orders", "ord_1", "ord_1", DateTimeOffset.UnixEpoch, "{}"u8.ToArray()));

    private static readonly DateTimeOffset Now = new(2026, 11, 29, 9, 30, 0, 123, TimeSpan.Zero);

    [Fact]
    public void A_cursor_comes_back_as_it_was_written()
    {
        foreach (var cursor in (EventCursor[])[EventCursor.Behind(Stored, Now), EventCursor.Start(Now)])
        {
            Assert.Equal(cursor, EventCursor.Read(cursor.Write("acme"), "acme"));
            Assert.Matches("^[A-Za-z0-9_-]{1,64}$", cursor.Write("acme"));
        }
    }

    [Fact]
    public void What_was_too_old_when_it_was_given_could_not_be_missed()
    {
        var cursor = EventCursor.Start(Now);

        Assert.True(cursor.WasKept(Now - TimeSpan.FromDays(9), TimeSpan.FromDays(10)));
        Assert.False(cursor.WasKept(Now - TimeSpan.FromDays(10), TimeSpan.FromDays(10)));
        Assert.True(cursor.WasKept(Now + TimeSpan.FromDays(1), TimeSpan.FromDays(10)));
    }

    [Fact]
    public void No_letter_of_it_can_be_another_and_no_other_partner_has_it()
    {
        var text = EventCursor.Behind(Stored, Now).Write("acme");

        Assert.Null(EventCursor.Read(text, "globex"));
        Assert.Null(EventCursor.Read(text + "A", "acme"));
        Assert.Null(EventCursor.Read("", "acme"));
        for (var i = 0; i < text.Length; i++)
            foreach (var letter in "Aa0_-=+/ ")
                if (text[i] != letter) Assert.Null(EventCursor.Read(text[..i] + letter + text[(i + 1)..], "acme"));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, long.MaxValue)]
    public void What_was_made_up_with_a_sum_is_none(long position, long at) => Assert.Null(EventCursor.Read(new EventCursor(position, 1, at).Write("acme"), "acme"));

    [Fact]
    public void It_knows_the_event_that_it_stands_behind()
    {
        var cursor = EventCursor.Behind(Stored, Now);

        Assert.True(cursor.IsBehind(Stored, "acme"));
        Assert.False(cursor.IsBehind(Stored, "globex"));
        Assert.False(cursor.IsBehind(Stored with { Event = Stored.Event with { Id = "e-2" } }, "acme"));
    }

    [Theory]
    [InlineData("", "?after=C")]
    [InlineData("?wait=20s&limit=100", "?after=C&wait=20000ms")]
    [InlineData("?type=b.v1&type=a.v1&limit=7&after=B&wait=0s", "?after=C&type=a.v1&type=b.v1&limit=7")]
    [InlineData("?wait=30001ms", null)]
    [InlineData("?wait=31s", null)]
    [InlineData("?wait=-1s", null)]
    [InlineData("?wait=1m", null)]
    [InlineData("?wait=1s&wait=2s", null)]
    [InlineData("?limit=0", null)]
    [InlineData("?limit=501", null)]
    [InlineData("?limit=1e2", null)]
    [InlineData("?after=a&after=b", null)]
    public void The_next_question_is_the_same_from_there_on(string query, string? next)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);

        Assert.Equal(next, EventQuery.Read(http.Request)?.Next("C"));
    }
}
