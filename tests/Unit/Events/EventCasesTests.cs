using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Events;

/// <summary>Cases of routes against the catalogue's contracts.</summary>
public sealed class EventCasesTests
{
    [Fact]
    public async Task An_event_that_breaks_its_contract_fails_the_case_that_makes_it()
    {
        using var folder = new TempFolder();
        foreach (var path in WorkspaceFiles.Read(Repository.Root).Paths)
            folder.Write(path, await File.ReadAllTextAsync(Path.Combine(Repository.Root, path), TestContext.Current.CancellationToken));
        var catalogue = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "events", "orders.yaml"), TestContext.Current.CancellationToken);
        folder.Write("events/orders.yaml", catalogue.Replace("contract: events/billed@1", "contract: events/order-standing@1", StringComparison.Ordinal).Replace("about: [salesOrderId, returnId, invoiceIds, creditNoteIds]", "about: []", StringComparison.Ordinal));
        await using var output = new StringWriter();

        var code = await TestCommand.RunAsync(folder.Root, new("routes/invoices"), new LoadOptions { ResolveSecrets = false }, output, stop: TestContext.Current.CancellationToken);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains("the event invoice.issued.v1 breaks contract events/order-standing@1: #/invoiceIds is not a known member", output.ToString(), StringComparison.Ordinal);
    }
}
