using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Tms;
using Gateway.Adapters.Wms;
using Gateway.Simulators;
using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>Warehouse and carrier platform by the requests that ShipBob and ShipEngine publish: nothing is found by a filter that they do not have.</summary>
public sealed class PublishedShapesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_label_whose_answer_was_lost_is_found_however_many_were_bought_since()
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var call = await world.PrepareAsync("label.create");
        world.Hit("label.create", new ChaosRule(ChaosMode.DropAfterWork) { Count = 1 });
        Assert.Equal(OperationStatus.Unknown, (await world.CallAsync("label.create", call)).Status);
        for (var i = 0; i < 30; i++) await world.DoneAsync("label.create");

        var found = await world.ReadBackAsync("label.create", call);
        var again = await world.CallAsync("label.create", call);

        Assert.Equal((OperationStatus.Done, "se-1", "se-1"), (found.Status, found.Reference, again.Reference));
        Assert.Equal(1, world.Times("label.create", call));
    }

    [Fact]
    public async Task Once_a_label_is_voided_the_next_is_bought_once_for_a_shipment_of_its_own()
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var (call, bought) = await world.DoneAsync("label.create");
        Assert.Equal(OperationStatus.Done, (await world.CallAsync("label.void", world.Call("{}", "void_1", bought.Reference))).Status);

        Assert.Equal(OperationStatus.NotFound, (await world.ReadBackAsync("label.create", call)).Status);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.CallAsync("label.create", call).AsTask()));

        Assert.All(results, result => Assert.Equal((OperationStatus.Done, "se-2"), (result.Status, result.Reference)));
        Assert.Equal([call.ExternalId, call.ExternalId + ".2"], world.Tms.Labels.Select(label => label.ExternalShipmentId));
        Assert.Equal("se-2", (await world.ReadBackAsync("label.create", call)).Reference);
    }

    [Fact]
    public async Task Another_label_of_the_same_shipment_is_found_on_whatever_page()
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var (call, bought) = await world.DoneAsync("label.create");
        using var people = new HttpClient { BaseAddress = world.Url };
        people.DefaultRequestHeaders.Add("API-Key", "demo-tms-key");
        await VoidAsync(bought.Reference!);
        var good = await AnotherAsync();
        for (var i = 0; i < 101; i++) await VoidAsync(await AnotherAsync());

        Assert.Equal(good, (await world.ReadBackAsync("label.create", call)).Reference);

        async Task<string> AnotherAsync()
        {
            using var made = await people.PostAsync($"v1/labels/shipment/{world.Tms.Labels[0].ShipmentId}", null, Cancellation);
            return (string)(await made.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["label_id"]!;
        }

        async Task VoidAsync(string label)
        {
            using var voided = await people.PutAsync($"v1/labels/{label}/void", null, Cancellation);
            voided.EnsureSuccessStatusCode();
        }
    }

    [Theory]
    [InlineData("""{ "id": "TRK-1001" }""", "demo_carrier", OperationStatus.Done)]
    [InlineData("""{ "id": "TRK-1001", "carrier": "demo_carrier" }""", null, OperationStatus.Done)]
    [InlineData("""{ "id": "TRK-1001", "carrier": "demo_carrier" }""", "ups", OperationStatus.Done)]
    [InlineData("""{ "id": "TRK-2001" }""", null, OperationStatus.Done)]
    [InlineData("""{ "id": "TRK-1001" }""", null, OperationStatus.NotFound)]
    [InlineData("""{ "id": "TRK-1001&carrier_code=ups" }""", "demo_carrier", OperationStatus.NotFound)]
    [InlineData("""{ "id": "TRK-1001", "carrier": 7 }""", null, OperationStatus.Malformed)]
    public async Task A_parcel_is_followed_by_its_carrier_or_by_its_label(string input, string? usual, OperationStatus ends)
    {
        await using var world = await SampleWorld.StartAsync("tms");
        await world.DoneAsync("label.create");
        await using var backend = Gateway.Adapters.Adapters.All.Single(adapter => adapter.Name == "tms").Open(
            "tms", new TmsOptions { Adapter = "tms", Url = world.Url, Carrier = usual, Credential = new CredentialOptions { Key = new Secret("secret://env/KEY", world.Key), Header = "API-Key" } }, TimeProvider.System);

        var result = await backend.Operations["tracking.read"].CallAsync(world.Call(input), Cancellation);

        Assert.Equal(ends, result.Status);
        if (ends == OperationStatus.Done) Assert.Contains((string)JsonNode.Parse(input)!["id"]!, System.Text.Encoding.UTF8.GetString(result.Record.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_that_is_in_use_is_known_by_the_status_alone()
    {
        await using var world = await SampleWorld.StartAsync("wms");
        var call = await world.PrepareAsync("warehouse-order.create");

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.CallAsync("warehouse-order.create", call).AsTask()));

        Assert.All(results, result => Assert.Equal((OperationStatus.Done, "1001"), (result.Status, result.Reference)));
        Assert.Equal(1, world.Times("warehouse-order.create", call));
    }

    [Fact]
    public async Task An_order_without_its_channel_is_our_mistake()
    {
        await using var world = await SampleWorld.StartAsync("wms");
        await using var backend = Gateway.Adapters.Adapters.All.Single(adapter => adapter.Name == "wms").Open(
            "wms", new WmsOptions { Adapter = "wms", Url = world.Url, Credential = new CredentialOptions { Key = new Secret("secret://env/KEY", world.Key) } }, TimeProvider.System);

        Assert.Equal(OperationStatus.Malformed, (await backend.Operations["warehouse-order.create"].CallAsync(await world.PrepareAsync("warehouse-order.create"), Cancellation)).Status);
        Assert.Empty(world.Wms.Orders);
    }

    [Fact]
    public async Task An_order_that_people_have_picked_is_not_cancelled_though_the_status_is_200()
    {
        await using var world = await SampleWorld.StartAsync("wms");
        var (_, made) = await world.DoneAsync("warehouse-order.create");
        Assert.Null(world.Wms.Pick(1001));

        var result = await world.CallAsync("warehouse-order.cancel", world.Call("{}", "cancel_1", made.Reference));

        Assert.Equal((OperationStatus.Refused, "The warehouse has begun with this order: what is picked or shipped can't be cancelled."), (result.Status, result.Detail));
        Assert.Equal("Processing", world.Wms.Orders.Single().Status);
    }
}
