using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>What lies in the warehouse, in pieces.</summary>
internal static class Stock
{
    public static readonly RestBinding Read = new(
        new OperationDescriptor("stock.read", "Reads an item's stock in one fulfilment centre.", Effect.Reads, Idempotent: true, ReadsBack: false)
        {
            Input = new Dictionary<string, string>
            {
                ["item"] = "the SKU",
                ["location"] = "the fulfilment centre; the partner's warehouse when left out, and where it has none, the only one that keeps the item",
            },
            Needs = [["item"]],
        },
        ReadAsync);

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session)
    {
        if (call.Input.Text("item") is not { } sku) return RestReply.Malformed("there is no item");
        var reply = await session.GetAsync($"inventory?sku={Uri.EscapeDataString(sku)}");
        if (!reply.Done) return reply;
        var center = call.Input.Text("location") ?? call.Partner.Warehouse;
        var found = reply.Value.Elements().Where(entry => entry.Text("sku") == sku && (center is null || entry.Text("fulfillment_center") == center)).ToList();
        return found switch
        {
            [] => RestReply.NotFound("There is no such item."),
            [var entry] => reply with { Value = entry },
            _ => RestReply.Unusable($"{found.Count} fulfilment centres keep it, and nobody said which"),
        };
    }
}
