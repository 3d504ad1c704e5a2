using System.ComponentModel;

namespace Gateway.Configuration;

public sealed record NoticeDocument
{
    [Description("What it is about, for people.")]
    public string Description { get; init; } = "";

    [Description("The backend's event: BACKEND/TYPE, as tms/tms.tracking.updated.v1. The backend declares webhooks.")]
    public required string From { get; init; }

    [Description("Member of what the backend tells that names the buyer, as partners' buyers are declared: customer_reference. Its partner gets the event; what is about nobody's buyer is told to nobody.")]
    public required string Buyer { get; init; }

    [Description("The mapping to canonical words: tms/tracking.from. Default: the backend's own words, where the contract takes them.")]
    public string? Mapping { get; init; }

    [Description("What the event's data are held against: tracking@1.")]
    public required string Contract { get; init; }
}
