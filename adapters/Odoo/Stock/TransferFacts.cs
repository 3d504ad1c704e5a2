using System.Text.Json.Serialization;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>What the event of a transfer tells beside the document that was sent: a member of shipments.</summary>
/// <param name="WarehouseOrderId">Number of the transfer.</param>
internal sealed record TransferFacts(string? WarehouseOrderId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TransferFacts))]
internal sealed partial class TransferFactsJson : JsonSerializerContext;
