namespace Gateway.Tests.Conformance.Adapters.Samples;

/// <summary>What is read of Odoo's master data.</summary>
internal static class OdooReadSamples
{
    public static readonly IReadOnlyList<OperationSample> All =
    [
        Read("partner.read", """{ "buyer": "ACME-DE" }""", """{ "buyer": "NOPE" }"""),
        Read("credit.check", """{ "buyer": "ACME-DE", "amount": "10" }""", """{ "buyer": "NOPE" }"""),
        Read("price.read", """{ "buyer": "GLOBEX-US", "item": "DESK0005" }""", """{ "buyer": "GLOBEX-US", "item": "NOPE" }"""),
        Read("location.read", """{ "warehouse": "WH" }""", """{ "warehouse": "NOPE" }"""),
        Read("item.read", """{ "sku": "DESK0005" }""", """{ "sku": "NOPE" }"""),
        Read("inventory.read", """{ "item": "DESK0005", "location": "WH" }""", """{ "item": "DESK0005", "location": "NOPE" }"""),
    ];

    private static OperationSample Read(string operation, string input, string missing) => new(operation, world => ValueTask.FromResult(world.Call(input)))
    {
        Missing = world => ValueTask.FromResult(world.Call(missing)),
    };
}
