using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

/// <summary>A type of event in the catalogue.</summary>
public sealed record EventTypeDocument
{
    [Description("Who answers for it.")]
    public required string Owner { get; init; }

    [Description("What has happened when it is told, for people.")]
    [MinLength(3)]
    public required string Description { get; init; }

    [Description("The contract of its data: order@1, or events/order-placed@1 for one in transforms/events/.")]
    public required string Contract { get; init; }

    [Description("The backend that tells it, and nobody else: wms. Partners hear of it by notices, flows as it is. Its data are the backend's words, and so is the contract: wms/order@1.")]
    public string? From { get; init; }

    [Description("Member of the data whose value keeps an order: events of a partner with the same value come one after another. A path of names: buyerParty.id. Default: the subject.")]
    public string? OrderingKey { get; init; }

    [Description("Members of the data that hold numbers of what it is about, each a path of names: customerReference, orderReference.id, shipments.id (of a list, each element). Who asks for events by such a number finds it. Numbers are stored in clear, so name no persons.")]
    public IReadOnlyList<string> About { get; init; } = [];

    [Description("How long partners can read it from the log; it is erased behind that.")]
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    [Description("allowed: it may be sent again long after it was. never: what it says was true in its time only, and no replay, recovery or retry of a dead letter sends it.")]
    public EventReplay Replay { get; init; }

    [Description("How long an event of one source and id is the same: what comes from outside again within it is not stored, and receivers keep ids so long.")]
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromDays(7);
}
