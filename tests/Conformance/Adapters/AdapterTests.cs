using System.Net;
using System.Net.Sockets;
using Gateway.Adapters.Http;
using Gateway.Adapters.Odoo;
using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>What every adapter of the list keeps to. A new adapter is tested by its line in the list and its sample (<see cref="AdapterSamples"/>).</summary>
public sealed class AdapterTests
{
    public static TheoryData<string> Names => [.. AdapterSamples.All.Select(sample => sample.Name)];

    [Fact]
    public void Names_differ() =>
        Assert.Equal(AdapterSamples.Adapters.Count, AdapterSamples.Adapters.Select(adapter => adapter.Name).Distinct().Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void An_adapter_says_what_it_is(string name)
    {
        var adapter = Find(name);

        Assert.Matches("^[a-z][a-z0-9]*$", adapter.Name);
        Assert.EndsWith(".", adapter.Summary, StringComparison.Ordinal);
        Assert.True(adapter.OptionsType.IsSubclassOf(typeof(BackendOptions)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_backend_has_the_operations_of_its_adapter_or_an_address_to_forward_to(string name)
    {
        var adapter = Find(name);
        await using var backend = adapter.Open("some-name", Options(name, NobodyListens()), TimeProvider.System);

        Assert.Equal("some-name", backend.Name);
        Assert.Equal(adapter.Operations.Select(operation => operation.Name).Order(), backend.Operations.Keys.Order());
        Assert.All(backend.Operations, operation => Assert.Equal(operation.Key, operation.Value.Descriptor.Name));
        Assert.All(backend.Operations.Values, operation => Assert.Equal("some-name", operation.Backend));
        Assert.True(backend.Operations.Count > 0 || backend.Forward is not null);
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public void A_descriptor_is_complete(string adapter, string name)
    {
        var operation = Find(adapter).Operations.Single(operation => operation.Name == name);

        Assert.Matches("^[a-z]+(-[a-z]+)*\\.[a-z]+([A-Z][a-z]+)*$", operation.Name);
        Assert.EndsWith(".", operation.Summary, StringComparison.Ordinal);
        Assert.True(operation.Cost > 0);
        Assert.True(operation.Effect == Effect.Changes || operation.Idempotent, "a read may always be repeated");
        Assert.True(operation.Effect == Effect.Changes || !operation.ReadsBack, "a read leaves nothing to be found");
        Assert.True(operation.Compensation is null || Find(adapter).Operations.Any(other => other.Name == operation.Compensation));
        Assert.All(operation.Input, member => Assert.NotEmpty(member.Value));
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task A_backend_that_is_not_there_was_not_sent_anything(string adapter, string name)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(name);
        await using var backend = world.Open(NobodyListens(), "key-for-tests", SampleWorld.Generous);
        var operation = backend.Operations[name];

        var result = await operation.CallAsync(call, TestContext.Current.CancellationToken);

        Assert.Equal((OperationStatus.NotSent, true), (result.Status, result.BackendIsAway));
        Failures.IsTold(result, world);
        Assert.DoesNotContain("key-for-tests", result.Detail + result.Reason, StringComparison.Ordinal);
        if (operation.Descriptor.ReadsBack)
            Assert.Equal(OperationStatus.NotSent, (await operation.ReadBackAsync(call, TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [MemberData(nameof(SampleTests.Operations), MemberType = typeof(SampleTests))]
    public async Task A_call_that_was_cancelled_before_it_began_sends_nothing(string adapter, string name)
    {
        await using var world = await SampleWorld.StartAsync(adapter);
        var call = await world.PrepareAsync(name);
        var address = NobodyListens();
        using var listener = new TcpListener(IPAddress.Loopback, address.Port);
        listener.Start();
        await using var backend = world.Open(address, "key-for-tests", SampleWorld.Generous);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => backend.Operations[name].CallAsync(call, new CancellationToken(canceled: true)).AsTask());

        Assert.False(listener.Pending());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Secrets_are_not_printed(string name)
    {
        var options = Options(name, NobodyListens());
        await using var backend = Find(name).Open("b", options, TimeProvider.System);

        Assert.DoesNotContain("key-for-tests", $"{options} {backend.Forward} {backend.Credential.Text} {backend.Credential.TlsIdentity}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization", "Bearer", "Bearer key-for-tests")]
    [InlineData("Authorization", "", "key-for-tests")]
    [InlineData("X-Api-Key", "Bearer", "key-for-tests")]
    public async Task A_forwarded_request_carries_the_gateways_credential(string header, string scheme, string value)
    {
        var options = (HttpBackendOptions)Options("http", NobodyListens()) with { Credential = new CredentialOptions { Key = new Secret("secret://env/X", "key-for-tests"), Header = header, Scheme = scheme } };
        await using var backend = Find("http").Open("tms", options, TimeProvider.System);

        Assert.Equal((options.Url, options.Timeout), (backend.Forward!.Url, backend.Forward.Timeout));
        Assert.Equal((header, value), (backend.Credential.Header, (await backend.Credential.ShowAsync(TestContext.Current.CancellationToken)).Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("my.module")]
    [InlineData("My_Module")]
    public void Odoo_takes_no_module_that_would_spoil_external_ids(string module) =>
        Assert.Throws<ArgumentException>(() => Find("odoo").Open(
            "odoo", (OdooOptions)Options("odoo", NobodyListens()) with { ExternalIdModule = module }, TimeProvider.System));

    private static Adapter Find(string name) => AdapterSamples.AdapterOf(AdapterSamples.Of(name));

    private static BackendOptions Options(string adapter, Uri url) => AdapterSamples.Of(adapter).Options(url, new Secret("secret://env/X", "key-for-tests"));

    private static Uri NobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }
}
