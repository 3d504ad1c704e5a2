using System.Text.Json;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;
using Xunit;

namespace Gateway.Tests.Unit.Mappings;

/// <summary>
/// Mappings to what a system shall do, instead of to a record of it: nothing comes home from there. Made-up documents become what it takes,
/// or are refused.
/// </summary>
public sealed class WrittenDocumentsTests
{
    private const int Documents = 1000;

    /// <summary>Those that hardly any of the made-up documents suits.</summary>
    private static readonly string[] Picky = ["odoo/stock-movement.to", "tms/shipment.to", "wms/return.to", "wms/warehouse-order.to"];

    /// <summary>May order for the buyer of the contract's examples.</summary>
    private static readonly Partner Buyer = new("acme", "Acme") { Buyers = ["ACME-DE"] };

    private static readonly MappingWorkspace Shipped = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(Repository.Root), new LoadOptions { ResolveSecrets = false }));

    public static TheoryData<string> Mappings => [.. RoundTripTests.OneWay.Keys];

    /// <summary>Made-up documents contradict themselves often, and name what no table has.</summary>
    [Theory]
    [MemberData(nameof(Mappings))]
    public void Every_document_is_written_or_refused(string mapping)
    {
        var contracts = MappingCases.Of(mapping, Shipped)!.Document!.Contracts;
        var output = Shipped.Closed(contracts.Output);
        var compiled = Shipped.Find(mapping)!;
        var (written, refused) = (0, new Dictionary<string, int>());
        foreach (var document in new CanonicalDocuments(contracts.Input, Shipped.Contract(contracts.Input)!.Schema!, seed: 4711).Take(Documents))
        {
            var (sent, error) = compiled.Run(document, new MappingFacts(DateTimeOffset.UnixEpoch, "test") { Partner = Buyer });
            if (error is { IsRefusal: true })
            {
                refused[error.Message] = refused.GetValueOrDefault(error.Message) + 1;
                continue;
            }
            Assert.True(sent is not null, $"{error}\n{document}");
            using var values = JsonDocument.Parse(sent.Value);
            Assert.True(output.Validate(values.RootElement, 1) is [], $"{output.Validate(values.RootElement, 1).FirstOrDefault()}\n{document}\n{values.RootElement}");
            written++;
        }
        Assert.True(written >= (Picky.Contains(mapping) ? 5 : 50), $"only {written} of {Documents} were written; refused: {string.Join("; ", refused.OrderByDescending(r => r.Value).Take(5).Select(r => $"{r.Value} {r.Key}"))}");
    }
}
