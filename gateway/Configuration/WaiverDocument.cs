using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

public sealed record WaiverDocument
{
    [Description("The rule, as lint names it: api-slo.")]
    public required string Rule { get; init; }

    [Description("Names of what it is waived for: APIs, routes, partners, consumers, contracts. Everything, when left out.")]
    public IReadOnlyList<string> For { get; init; } = [];

    [Description("Why, for who reads it later.")]
    [MinLength(10)]
    public required string Reason { get; init; }

    [Description("The first day on which it holds no more; it begins at midnight UTC.")]
    public required DateTimeOffset Until { get; init; }
}
