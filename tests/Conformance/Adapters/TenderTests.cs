using System.Text.Json.Nodes;
using Gateway.Tests.Conformance.Adapters.Samples;
using Xunit;

namespace Gateway.Tests.Conformance.Adapters;

/// <summary>Tenders that are changed and called off: what the carrier has then, and which call is known to have done it.</summary>
public sealed class TenderTests
{
    [Fact]
    public async Task A_changed_tender_keeps_its_id_and_waits_for_another_answer()
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var (made, tender) = await world.DoneAsync("tender.create");
        world.Tms.AnswerTender(tender.Reference!, "accepted");

        var changed = await world.DoneAsync("tender.change", Change(world, made, tender, "change-1", 3_100));

        var there = Assert.Single(world.Tms.Tenders);
        Assert.Equal((tender.Reference, "pending", 3_100), (changed.Reference, there.Status, (int)there.Given["totalWeight"]!));
        // The call that made it is known by its own id still.
        Assert.Equal(tender.Reference, (await world.ReadBackAsync("tender.create", made)).Reference);
        Assert.Equal(tender.Reference, (await world.CallAsync("tender.create", made)).Reference);
    }

    [Fact]
    public async Task The_same_offer_again_is_another_change_and_of_each_it_is_known_whether_it_was_done()
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var (made, tender) = await world.DoneAsync("tender.create");
        var (first, second) = (Change(world, made, tender, "change-1", 3_100), Change(world, made, tender, "change-2", 3_100));
        await world.DoneAsync("tender.change", first);
        world.Tms.AnswerTender(tender.Reference!, "declined");

        Assert.Equal(OperationStatus.NotFound, (await world.ReadBackAsync("tender.change", second)).Status);
        await world.DoneAsync("tender.change", second);

        Assert.Equal("pending", Assert.Single(world.Tms.Tenders).Status);
        Assert.Equal(OperationStatus.Done, (await world.ReadBackAsync("tender.change", second)).Status);
    }

    [Fact]
    public async Task What_was_called_off_is_not_changed_and_its_load_can_be_tendered_anew()
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var (made, tender) = await world.DoneAsync("tender.create");
        await world.DoneAsync("tender.cancel", world.Call("{}", "cancel-1", tender.Reference));

        Assert.Equal(OperationStatus.Refused, (await world.CallAsync("tender.change", Change(world, made, tender, "change-1", 3_100))).Status);
        Assert.Equal(OperationStatus.NotFound, (await world.ReadBackAsync("tender.create", made)).Status);
        var anew = await world.DoneAsync("tender.create", made);

        Assert.NotEqual(tender.Reference, anew.Reference);
        Assert.Equal(["cancelled", "pending"], world.Tms.Tenders.Select(t => t.Status));
        // The one that is called off stays so: it is done, and the new one is not touched.
        Assert.Equal(tender.Reference, (await world.CallAsync("tender.cancel", world.Call("{}", "cancel-2", tender.Reference))).Reference);
        Assert.Equal(["cancelled", "pending"], world.Tms.Tenders.Select(t => t.Status));
    }

    [Fact]
    public async Task The_number_of_a_load_stays_and_what_is_not_there_is_refused()
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var (made, tender) = await world.DoneAsync("tender.create");
        var (other, _) = await world.DoneAsync("tender.create");

        var renamed = await world.CallAsync("tender.change", Change(world, other, tender, "change-1", 3_100));
        var missing = await world.CallAsync("tender.change", Change(world, made, tender, "change-2", 3_100) with { Reference = "tnd-999" });
        var nothing = await world.CallAsync("tender.cancel", world.Call("{}", "cancel-1", "tnd-999"));

        Assert.Equal((OperationStatus.Refused, OperationStatus.Refused, OperationStatus.Refused), (renamed.Status, missing.Status, nothing.Status));
        Assert.All(world.Tms.Tenders, t => Assert.Equal(2_480, (int)t.Given["totalWeight"]!));
    }

    [Theory]
    [InlineData("tender.create", "UPDATE")]
    [InlineData("tender.change", "CANCEL")]
    public async Task What_the_mapping_says_it_is_and_what_is_called_are_the_same(string operation, string type)
    {
        await using var world = await SampleWorld.StartAsync("tms");
        var (made, tender) = await world.DoneAsync("tender.create");
        var before = world.Tms.Tenders.Single().Given.ToJsonString();
        var change = Change(world, made, tender, "change-1", 3_100);
        var members = JsonObject.Create(change.Input)!;
        members["tenderType"] = type;

        Assert.Equal(OperationStatus.Malformed, (await world.CallAsync(operation, change with { Input = SampleWorld.Json(members.ToJsonString()) })).Status);
        Assert.Equal(before, Assert.Single(world.Tms.Tenders).Given.ToJsonString());
    }

    private static OperationCall Change(SampleWorld world, OperationCall made, OperationResult tender, string id, int kilograms)
    {
        var changed = JsonObject.Create(made.Input)!;
        (changed["tenderType"], changed["totalWeight"]) = ("UPDATE", kilograms);
        return world.Call(changed.ToJsonString(), id, tender.Reference);
    }
}
