using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cases;
using Gateway.Configuration;
using Gateway.Policies.Transform;

namespace Gateway.Cli;

/// <summary><c>map MAPPING [WORKSPACE] &lt; input.json</c>: what one mapping makes of one document, without a gateway.</summary>
internal static class MapCommand
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var mapping = new Argument<string>("mapping") { Description = "Folder and name under transforms/: odoo/order.to." };
        var workspace = Arguments.Workspace();
        var environment = Arguments.Environment();
        var consumer = new Option<string?>("--consumer") { Description = "Who calls: $consumer, and its partner's facts as $partner." };
        var accepted = new Option<string?>("--accepted") { Description = "File with the canonical request that an answer belongs to: $accepted." };
        var id = new Option<string?>("--id") { Description = "The gateway's id of the object: $id." };
        var parameters = new Option<string[]>("--param") { Description = "A parameter of the request, NAME=VALUE: $params.", DefaultValueFactory = _ => [] };
        var command = new Command("map", "Maps the JSON on standard input and prints what comes out.") { mapping, workspace, environment, consumer, accepted, id, parameters };
        command.SetAction(async (parsed, _) => await RunAsync(
            parsed.GetValue(mapping)!,
            parsed.GetValue(workspace)!,
            new MapOptions(parsed.GetValue(consumer), parsed.GetValue(accepted), parsed.GetValue(id), parsed.GetValue(parameters)!),
            new LoadOptions { Environment = parsed.GetValue(environment)!, ResolveSecrets = false },
            Console.In,
            Console.Out));
        return command;
    }

    /// <summary>What a mapping may read beside its input.</summary>
    internal sealed record MapOptions(string? Consumer = null, string? Accepted = null, string? Id = null, IReadOnlyList<string>? Parameters = null);

    public static async Task<int> RunAsync(string name, string workspace, MapOptions options, LoadOptions load, TextReader input, TextWriter output)
    {
        try
        {
            var mappings = MappingWorkspace.Of(WorkspaceLoader.Load(WorkspaceFiles.Read(workspace), load));
            if (mappings.Find(name) is not { } mapping) return Commands.Fail($"there is no mapping '{name}'; {Nearest.Cure(name, mappings.Mappings)}");
            foreach (var found in mapping.Diagnostics) await output.WriteLineAsync(found.ToString());
            if (mapping.Diagnostics.Count > 0) return Commands.Findings;
            var broken = mappings.Diagnostics.Where(d => d.Severity == Severity.Error).ToList();
            if (broken.Count > 0) return Commands.Fail(string.Join('\n', Diagnostic.Sort(broken)));
            if (options.Consumer is { } caller && !mappings.Consumers.ContainsKey(caller))
                return Commands.Fail($"there is no consumer '{caller}'; {Nearest.Cure(caller, mappings.Consumers.Keys)}");
            using var accepted = options.Accepted is null ? null : JsonDocument.Parse(await File.ReadAllBytesAsync(options.Accepted), JsonBody.Strict);
            using var document = JsonDocument.Parse(await input.ReadToEndAsync(), JsonBody.Strict);
            return await PrintAsync(mapping, document.RootElement, new MappingFacts(TimeProvider.System.GetUtcNow(), "map")
            {
                Consumer = options.Consumer is null ? null : mappings.Consumers[options.Consumer],
                Parameters = ParametersOf(options.Parameters ?? []),
                Accepted = accepted?.RootElement,
                Id = options.Id,
            }, output);
        }
        catch (JsonException malformed)
        {
            // Counted from 0 there.
            return Commands.Fail($"this is not JSON: line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}: {malformed.Message.Split(" LineNumber:")[0].Split(" Path:")[0]}");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
    }

    private static async Task<int> PrintAsync(Mapping mapping, JsonElement input, MappingFacts facts, TextWriter output)
    {
        var (mapped, error) = mapping.Run(input, facts);
        if (error is not null)
        {
            await output.WriteLineAsync($"{error.Place}: {error.Message} ({error.Code})");
            if (facts.Consumer is null) await output.WriteLineAsync("nobody called, so $consumer and $partner are missing; --consumer says who");
            return Commands.Findings;
        }
        if (mapped is not { } document)
        {
            await output.WriteLineAsync($"{Mapping.Path(mapping.Name)}: the mapping yields nothing");
            return Commands.Findings;
        }
        await output.WriteLineAsync(JsonSerializer.Serialize(JsonNode.Parse(document.Span), Readable));
        return Commands.Fine;
    }

    private static JsonElement ParametersOf(IEnumerable<string> parameters) =>
        JsonSerializer.SerializeToElement(parameters.Select(p => p.Split('=', 2)).GroupBy(p => p[0]).ToDictionary(p => p.Key, p => p.Last().ElementAtOrDefault(1) ?? ""));
}
