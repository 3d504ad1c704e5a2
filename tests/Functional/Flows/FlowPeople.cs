using Gateway.Tests.Functional.Storm;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional.Flows;

/// <summary>Who has to do with the flows of a test, beside the partner: people in the warehouse, and an operator.</summary>
internal static class FlowPeople
{
    private const int MostTold = 40;

    /// <summary>People in the warehouse: they pick, and ship whole or in part, and the rest later.</summary>
    public static async Task WorkAsync(StormBackends backends, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var order in backends.Wms.Orders.Where(o => o.Status is "Processing" or "PartiallyFulfilled"))
            {
                var open = order.Open("DESK0005");
                switch (random.Next(8))
                {
                    case 0:
                        backends.Wms.Pick(order.Id);
                        break;
                    case 1:
                        backends.Wms.Ship(order.Id);
                        break;
                    case 2 when open > 1:
                        backends.Wms.Ship(order.Id, new Dictionary<string, int> { ["DESK0005"] = random.Next(1, open) });
                        break;
                }
            }
            await Task.Delay(250, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>All flows have come to an end; what is parked, an operator tries again.</summary>
    public static async Task SettledAsync(StormBackends backends, Caller desk)
    {
        var (left, looks) = ("", 0);
        try
        {
            await Until.Found(async () =>
            {
                // Now and then.
                foreach (var parked in looks++ % 20 > 0 ? [] : await desk.ListAsync("/flows?state=parked"))
                    await desk.SendAsync("POST", $"/flows/{(string)parked!["id"]!}/retry", """{"reason":"all is well again"}""");
                var (flows, pending) = (await desk.ListAsync("/flows"), await desk.ListAsync("/deliveries?state=pending"));
                left = $"{flows.ToJsonString()}\n{pending.ToJsonString()}";
                return flows.Count == 0 && pending.Count == 0 ? left : null;
            }, "the end of all flows", seconds: 180);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{left}\n{await JournalsAsync(backends, desk)}");
        }
    }

    /// <summary>What was done in those that have not ended, and what backends have of them.</summary>
    private static async Task<string> JournalsAsync(StormBackends backends, Caller desk)
    {
        var told = new List<string>();
        foreach (var open in await desk.ListAsync("/flows"))
        {
            var instance = (await desk.GetAsync($"/flows/{(string)open!["id"]!}")).Json;
            told.Add(open.ToJsonString());
            told.AddRange(instance["journal"]!.AsArray().Where(e => (string?)e!["what"] is not ("retried" or "passed")).Take(MostTold).Select(e => $"{e!["at"]} {e["step"]} {e["what"]} {e["detail"]}"));
            var name = (string?)instance["knows"]!["trigger"]!["data"]!["salesOrderId"];
            var order = backends.Wms.Orders.LastOrDefault(o => (string?)o.Kept["order_number"] == name);
            told.Add($"in the warehouse: {order?.Status} {string.Join(' ', order?.Shipments.Select(s => $"{s.Id}:{s.Products.Sum(p => p.Quantity)}") ?? [])} of {order?.Products.Sum(p => p.Quantity)}");
            var id = backends.Odoo.Orders.FirstOrDefault(o => o.Name == name)?.Id;
            told.Add($"in Odoo: {string.Join(' ', backends.Odoo.Transfers.Where(t => t.OrderId == id).Select(t => $"{t.Name} {t.State}"))}");
        }
        return string.Join('\n', told);
    }
}
