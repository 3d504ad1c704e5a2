using System.Text.Json.Serialization;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>What the event of a transfer tells beside the document that was sent: a member of shipments, or of returns.</summary>
/// <param name="WarehouseOrderId">Number of a transfer that leaves.</param>
/// <param name="ReceiptId">Number of one that brings goods back.</param>
internal sealed record TransferFacts(string? WarehouseOrderId, string? ReceiptId = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TransferFacts))]
internal sealed partial class TransferFactsJson : JsonSerializerContext;
