using System.Collections.Concurrent;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Storm;

/// <summary>Orders of one partner: new on every way there is, changed, cancelled, sent twice, and some of which the caller never asks again.</summary>
internal sealed class OrderTraffic(Asking asking, string partner, ConcurrentQueue<ExpectedOrder> orders, Complaints complaints)
{
    private static readonly string[] Ways = ["/v1/orders", "/v1/orders", "/v1/storm/orders-patient", "/v1/storm/orders-later"];

    /// <summary>One order after the other until it is told to stop; the last one is brought to its end.</summary>
    public async Task RunAsync(string lane, Random random, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await TellAsync($"{partner}-{lane}-{number}", random);
            await Task.Delay(random.Next(20, 200), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>An order that is changed and cancelled.</summary>
    public async Task OnceAsync(Random random)
    {
        var order = new ExpectedOrder(partner, $"{partner}-calm") { Lines = NewLines(random) };
        orders.Enqueue(order);
        Take(order, await asking.UntilKnownAsync("POST", Ways[0], ExpectedOrder.Json(partner, order.Reference, order.Lines), order.Key));
        await ChangeAsync(order, random);
        await CancelAsync(order);
    }

    private async Task TellAsync(string reference, Random random)
    {
        var order = new ExpectedOrder(partner, reference) { Lines = NewLines(random) };
        orders.Enqueue(order);
        var way = Ways[random.Next(Ways.Length)];
        switch (random.Next(10))
        {
            case 0: await ForgottenAsync(order, way); return;
            case 1: await ImpossibleAsync(order, way); return;
            case 2: await ParallelAsync(order, way); break;
            default: Take(order, await asking.UntilKnownAsync("POST", way, ExpectedOrder.Json(partner, reference, order.Lines), order.Key)); break;
        }
        for (var change = random.Next(3); change > 0; change--) await ChangeAsync(order, random);
        switch (random.Next(12))
        {
            case 0: await ForgottenChangeAsync(order, random); break;
            case 1 or 2: await RivalChangesAsync(order, random); break;
            case < 7: await CancelAsync(order); break;
        }
    }

    /// <summary>Sent once, whatever the answer. Where the backend is not available nothing was sent, and nothing may come of it.</summary>
    private async Task ForgottenAsync(ExpectedOrder order, string way)
    {
        var answer = await asking.OnceAsync("POST", way, ExpectedOrder.Json(partner, order.Reference, order.Lines), order.Key);
        if (answer is { Status: 200 or 201 or 202 }) Take(order, answer);
        else if (answer is { Problem: "backend-unavailable" or "quota-exceeded" }) order.IsThere = false;
        else if (answer is { Status: 422 }) complaints.Add($"{order.Reference}: refused: {answer.Body}");
    }

    /// <summary>An order of what there is not: refused, or accepted and parked.</summary>
    private async Task ImpossibleAsync(ExpectedOrder order, string way)
    {
        (order.IsThere, order.IsImpossible) = (false, true);
        var answer = await asking.UntilKnownAsync("POST", way, ExpectedOrder.Json(partner, order.Reference, order.Lines, bad: true), order.Key);
        order.IsParked = answer.Status == 202;
        if (order.IsParked) order.Id = answer.Text("id");
        if (answer.Status is not (202 or 422)) complaints.Add($"{order.Reference}: {answer.Status} for an item that there is not");
    }

    /// <summary>The same order three times at once: under its key, again under its key, and under another.</summary>
    private async Task ParallelAsync(ExpectedOrder order, string way)
    {
        var body = ExpectedOrder.Json(partner, order.Reference, order.Lines);
        foreach (var answer in await Task.WhenAll(((string[])["", "", "-again"]).Select(key => asking.UntilKnownAsync("POST", way, body, order.Key + key)))) Take(order, answer);
    }

    private async Task ChangeAsync(ExpectedOrder order, Random random)
    {
        var lines = OtherLines(order.Lines, random);
        var answer = await asking.UntilKnownAsync("PUT", "/v1/orders/" + order.Id, ExpectedOrder.Json(partner, order.Reference, lines), $"c-{order.Reference}-{order.Changes}");
        if (answer.Status != 200) complaints.Add($"{order.Reference}: a change was answered {answer.Status} {answer.Body}");
        (order.Lines, order.Changes) = (lines, order.Changes + 1);
    }

    /// <summary>A change of which the caller never hears more than the first answer.</summary>
    private async Task ForgottenChangeAsync(ExpectedOrder order, Random random)
    {
        var lines = OtherLines(order.Lines, random);
        var answer = await asking.OnceAsync("PUT", "/v1/orders/" + order.Id, ExpectedOrder.Json(partner, order.Reference, lines), $"c-{order.Reference}-{order.Changes}");
        if (answer is { Status: 200 }) (order.Lines, order.Changes) = (lines, order.Changes + 1);
        else if (answer is not { Problem: "backend-unavailable" or "still-running" or "quota-exceeded" }) order.Perhaps = lines;
    }

    /// <summary>Two people of the partner's change the order at once; both are told that they did.</summary>
    private async Task RivalChangesAsync(ExpectedOrder order, Random random)
    {
        var (one, other) = (OtherLines(order.Lines, random), OtherLines(order.Lines, random));
        await Task.WhenAll(new[] { one, other }.Select(async (lines, at) =>
        {
            var answer = await asking.UntilKnownAsync("PUT", "/v1/orders/" + order.Id, ExpectedOrder.Json(partner, order.Reference, lines), $"c-{order.Reference}-{order.Changes + at}");
            if (answer.Status != 200) complaints.Add($"{order.Reference}: a change was answered {answer.Status} {answer.Body}");
        }));
        (order.Lines, order.Rival, order.Changes) = (one, other, order.Changes + 2);
    }

    private async Task CancelAsync(ExpectedOrder order)
    {
        var answer = await asking.UntilKnownAsync("POST", $"/v1/orders/{order.Id}/cancellation", "{}", "x-" + order.Reference);
        if (answer is not { Status: 200 } || answer.Text("orderStatusCode") != "cancelled") complaints.Add($"{order.Reference}: a cancellation was answered {answer.Status} {answer.Body}");
        order.IsCancelled = true;
    }

    private void Take(ExpectedOrder order, Answered answer)
    {
        order.IsThere = true;
        if (answer.Status is not (200 or 201 or 202)) complaints.Add($"{order.Reference}: an order was answered {answer.Status} {answer.Body}");
        if (order.Id is { } known && known != answer.Text("id")) complaints.Add($"{order.Reference} is {known} and {answer.Text("id")}");
        order.Id = answer.Text("id");
    }

    private static Dictionary<string, int> NewLines(Random random) =>
        ExpectedOrder.Items.Keys.Take(random.Next(1, 4)).ToDictionary(id => id, _ => random.Next(1, 100));

    /// <summary>Other quantities for certain; lines may be added and taken out.</summary>
    private static Dictionary<string, int> OtherLines(IReadOnlyDictionary<string, int> lines, Random random)
    {
        var other = NewLines(random);
        other["1"] = lines.GetValueOrDefault("1") + random.Next(1, 100);
        return other;
    }
}
