using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gateway.Adapters.Http;
using Gateway.Adapters.Odoo;
using Gateway.Adapters.Partners;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>What every adapter of the list keeps to. A new adapter is tested by its line in the list and its options below.</summary>
public sealed class AdapterTests
{
    private static readonly Partner Acme = new("acme", "Acme");

    public static TheoryData<string> Names => [.. Gateway.Adapters.Adapters.All.Select(adapter => adapter.Name)];

    public static TheoryData<string, string> Operations =>
        [.. Gateway.Adapters.Adapters.All.SelectMany(adapter => adapter.Operations, (adapter, operation) => new TheoryDataRow<string, string>(adapter.Name, operation.Name))];

    [Fact]
    public void Names_differ() =>
        Assert.Equal(Gateway.Adapters.Adapters.All.Count, Gateway.Adapters.Adapters.All.Select(adapter => adapter.Name).Distinct().Count());

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
    [MemberData(nameof(Operations))]
    public void A_descriptor_is_complete(string adapter, string name)
    {
        var operation = Find(adapter).Operations.Single(operation => operation.Name == name);

        Assert.Matches("^[a-z]+\\.[a-z]+([A-Z][a-z]+)*$", operation.Name);
        Assert.EndsWith(".", operation.Summary, StringComparison.Ordinal);
        Assert.True(operation.Cost > 0);
        Assert.True(operation.Effect == Effect.Changes || operation.Idempotent, "a read may always be repeated");
        Assert.True(operation.Effect == Effect.Reads || operation.ReadsBack, "without a read-back an open intent can never be resolved");
        Assert.True(operation.Compensation is null || Find(adapter).Operations.Any(other => other.Name == operation.Compensation));
        Assert.All(operation.Input, member => Assert.NotEmpty(member.Value));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_backend_that_is_not_there_was_not_sent_anything(string adapter, string name)
    {
        await using var backend = Open(adapter, NobodyListens());
        var operation = backend.Operations[name];
        var call = Call(adapter, name);

        var result = await operation.CallAsync(call, TestContext.Current.CancellationToken);

        Assert.Equal(OperationStatus.NotSent, result.Status);
        Assert.NotEmpty(result.Detail);
        Assert.NotEmpty(result.Reason ?? "");
        Assert.True(result.Record.IsEmpty && result.Facts.IsEmpty && result.Reference is null);
        Assert.DoesNotContain("127.0.0.1", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("key-for-tests", result.Detail + result.Reason, StringComparison.Ordinal);
        if (operation.Descriptor.ReadsBack)
            Assert.Equal(OperationStatus.NotSent, (await operation.ReadBackAsync(call, TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_call_that_was_cancelled_before_it_began_sends_nothing(string adapter, string name)
    {
        var address = NobodyListens();
        using var listener = new TcpListener(IPAddress.Loopback, address.Port);
        listener.Start();
        await using var backend = Open(adapter, address);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => backend.Operations[name].CallAsync(Call(adapter, name), new CancellationToken(canceled: true)).AsTask());

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

    private static Adapter Find(string name) => Gateway.Adapters.Adapters.All.Single(adapter => adapter.Name == name);

    private static Backend Open(string adapter, Uri url)
    {
        var backend = Find(adapter).Open("b", Options(adapter, url), TimeProvider.System);
        if (backend.TakesEndpoints) backend.AddEndpoint(Acme.Name, new EndpointOptions { Url = url, ReadBack = "/documents/{id}", Credential = new CredentialOptions { Key = new Secret("secret://env/X", "key-for-tests") } });
        return backend;
    }

    private static BackendOptions Options(string adapter, Uri url) => adapter switch
    {
        "odoo" => new OdooOptions { Adapter = adapter, Url = url, Database = "d", Credential = new CredentialOptions { Key = new Secret("secret://env/X", "key-for-tests") }, Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) } },
        "partner" => new PartnerOptions { Adapter = adapter, Url = url, AllowInside = true, Resilience = new ResilienceOptions { RetryDelay = TimeSpan.FromMilliseconds(1) } },
        "http" => new HttpBackendOptions { Adapter = adapter, Url = url, Credential = new CredentialOptions { Key = new Secret("secret://env/X", "key-for-tests") } },
        _ => throw new ArgumentOutOfRangeException(nameof(adapter), adapter, "add the options that its conformance is tested with"),
    };

    /// <summary>An input that is in order, so that the backend is asked.</summary>
    private static OperationCall Call(string adapter, string operation) => (adapter, operation) switch
    {
        ("odoo", "order.create") => new(Json("""
            { "client_order_ref": "P", "buyer": "B", "currency": "EUR", "lines": [ { "default_code": "A", "product_uom_qty": 1, "unit_code": "C62", "price_unit": "1" } ] }
            """), Acme) { ExternalId = "so_1" },
        ("odoo", "order.change") => Call(adapter, "order.create") with { ExternalId = "int_1", Reference = "1" },
        ("odoo", "order.confirm" or "order.cancel") => new(Json("{}"), Acme) { ExternalId = "int_1", Reference = "1" },
        ("odoo", "partner.read" or "credit.check" or "price.read") => new(Json("""{ "buyer": "B" }"""), Acme),
        ("odoo", "location.read") => new(Json("""{ "warehouse": "W" }"""), Acme),
        ("partner", "document.send") => new(Json("""{ "number": "1" }"""), Acme) { ExternalId = "doc_1" },
        ("odoo", "order.read") => new(Json("{}"), Acme) { Reference = "1" },
        ("odoo", "item.read") => new(Json("""{ "sku": "A" }"""), Acme),
        ("odoo", "inventory.read") => new(Json("""{ "item": "A" }"""), Acme),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "add an input that its conformance is tested with"),
    };

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    private static Uri NobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }
}
