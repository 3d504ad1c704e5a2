using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary>The options by which dead letters are named, the same for every verb.</summary>
internal sealed class DeadLetterFilter
{
    private readonly IReadOnlyList<(string Member, Option<string?> Option)> _options =
    [
        ("partner", new("--partner") { Description = "Those of one partner." }),
        ("endpoint", new("--endpoint") { Description = "Those of one endpoint: PARTNER/WEBHOOK." }),
        ("type", new("--type") { Description = "Of events of one type: order.accepted.v1." }),
        ("cause", new("--cause") { Description = "Of one group, as deadletters groups shows it: \"status 503\"." }),
        ("orderingKey", new("--key") { Description = "Of events of one ordering key." }),
        ("since", new("--since") { Description = "Dead since a time (2026-11-29T08:00:00Z), or since how long ago (6h)." }),
        ("until", new("--until") { Description = "Dead before a time, or for longer than this." }),
    ];

    public Command AddTo(Command command)
    {
        foreach (var (_, option) in _options) command.Options.Add(option);
        return command;
    }

    /// <summary>As the query of an address, without its question mark; each part with an <c>&amp;</c> before it.</summary>
    public string Query(ParseResult parsed) => string.Concat(_options.Select(o => Part(o.Member, parsed.GetValue(o.Option))));

    /// <summary>As members of a body.</summary>
    public JsonObject Body(ParseResult parsed)
    {
        var body = new JsonObject();
        foreach (var (member, option) in _options)
        {
            if (parsed.GetValue(option) is { } said) body[member] = said;
        }
        return body;
    }

    public static string Part(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
