using System.ComponentModel;
using System.Text.Json;

namespace Gateway.Cases;

/// <summary>The file beside a mapping that proves it: <c>transforms/odoo/item.from.tests.yaml</c> for <c>odoo/item.from</c>.</summary>
public sealed record MappingCasesDocument
{
    [Description("Contracts that every input and every output must keep.")]
    public required SidesDocument Contracts { get; init; }

    [Description("What the way there and back does not bring home, as JSON pointers. In a list * is every item, =VALUE those that are the value, NAME=VALUE those with such a member.")]
    public IReadOnlyList<string> Loses { get; init; } = [];

    [Description("What the mapping makes of which input.")]
    public required IReadOnlyList<MappingCaseDocument> Cases { get; init; }
}

/// <summary>Contracts by name: <c>order@1</c> of the canonical model, <c>odoo/item@1</c> of what a backend says.</summary>
public sealed record SidesDocument
{
    [Description("Contract of the input.")]
    public required string Input { get; init; }

    [Description("Contract of the output.")]
    public required string Output { get; init; }
}

public sealed record MappingCaseDocument
{
    [Description("What the case shows, as a sentence.")]
    public required string Name { get; init; }

    [Description("What the mapping may read beside its input.")]
    public GivenDocument Given { get; init; } = new();

    [Description("What is mapped; it keeps the contract of the input.")]
    public required JsonElement Input { get; init; }

    [Description("The whole document that comes out.")]
    public JsonElement? Output { get; init; }

    [Description("Part of the message with which the mapping refuses.")]
    public string? Error { get; init; }
}

public sealed record GivenDocument
{
    [Description("A consumer of the workspace: $consumer, and its partner's facts as $partner.")]
    public string? Consumer { get; init; }

    [Description("$route")]
    public string Route { get; init; } = "cases";

    [Description("$params")]
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    [Description("$accepted: the canonical request that an answer belongs to.")]
    public JsonElement? Accepted { get; init; }

    [Description("$id: the gateway's id of the object.")]
    public string? Id { get; init; }

    [Description("What $now() says.")]
    public DateTimeOffset Now { get; init; } = DateTimeOffset.UnixEpoch;
}
