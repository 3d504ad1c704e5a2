using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Adapters.Rest;

namespace Gateway.Adapters.Wms;

/// <summary>Parcels that left the warehouse. One is named by its order and its own number: <c>1001/7</c>.</summary>
internal static class Shipments
{
    public static readonly RestBinding Read = new(
        new OperationDescriptor("shipment.read", "Reads a parcel that left the warehouse, with its order.", Effect.Reads, Idempotent: true, ReadsBack: false)
        {
            Input = new Dictionary<string, string> { ["id"] = "the warehouse's numbers of order and shipment, 1001/7; not used where the call is about a known one" },
            About = new Subject("shipment") { Or = ["id"] },
        },
        ReadAsync)
    {
        WrongReference = reference => Parts(reference) is null ? "the warehouse's numbers of order and shipment: 1001/7" : null,
    };

    private static async ValueTask<RestOutcome> ReadAsync(OperationCall call, RestSession session)
    {
        var reference = call.Reference ?? call.Input.Text("id");
        if (Parts(reference) is not var (order, number)) return RestReply.NotFound("There is no such shipment.", $"'{reference}' names no order and shipment");
        var reply = await WarehouseOrders.GetAsync(session, order);
        if (!reply.Done) return reply;
        var found = reply.Value.Items("shipments").Where(shipment => shipment.Id("id") == number).ToList();
        if (found is not [var shipment, ..]) return RestReply.NotFound("There is no such shipment.");
        // What is still to come is told by the order alone.
        var record = JsonObject.Create(shipment)!;
        record["order"] = JsonObject.Create(reply.Value);
        return new RestOutcome(reply) { Record = Encoding.UTF8.GetBytes(record.ToJsonString()), Reference = reference };
    }

    private static (string Order, string Number)? Parts(string? reference) =>
        reference?.Split('/') is [var order, var number] && IsNumber(order) && IsNumber(number) ? (order, number) : null;

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
}
