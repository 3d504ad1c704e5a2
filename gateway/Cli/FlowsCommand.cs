using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>flows list|counts|declared|figures|show|retry|skip|cancel|pause|resume|approve|refuse|migrate</c>: looks at the flows of a running gateway, and decides about them.</summary>
internal static class FlowsCommand
{
    public static Command Create() => new("flows", "Looks at the flows of a running gateway, and decides what they can't.")
    {
        List(),
        Counts(),
        Declared(),
        FlowFiguresCommand.Create(),
        Show(),
        Act("retry", "Tries again what has failed, with all its attempts before it.", step: false, "--input", "A file with the JSON that the call is made with from now on."),
        Act("skip", "Takes a step for done.", step: true, "--result", "A file with the JSON that is known of the step then."),
        Act("cancel", "Cancels an instance: what it did is undone, last first.", step: null),
        Act("pause", "Does nothing in an instance until it is resumed.", step: null),
        Act("resume", "Goes on with an instance that was paused.", step: null),
        Act("approve", "Agrees to a step that waits for it.", step: true),
        Act("refuse", "Refuses a step that waits for it.", step: true),
        Migrate(),
    };

    private static Command List()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var texts = new[] { "flow", "partner", "state", "step", "key", "figure" }.Select(name => (Name: name, Option: new Option<string?>("--" + name) { Description = DescriptionOf(name) })).ToList();
        var older = new Option<TimeSpan?>("--older") { Description = "Only those that stand where they are for longer: 30m, 2h, 1d.", CustomParser = Arguments.Span };
        var stuck = new Option<bool>("--stuck") { Description = "Only those that are parked, or behind their promise." };
        var all = new Option<bool>("--all") { Description = "Those that have ended, too." };
        var command = new Command("list", "The newest 200 instances that have not ended.") { admin, token, older, stuck, all, format };
        foreach (var (_, option) in texts) command.Options.Add(option);
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var query = texts.Where(t => parsed.GetValue(t.Option) is not null).Select(t => $"{t.Name}={Uri.EscapeDataString(parsed.GetValue(t.Option)!)}").ToList();
            if (parsed.GetValue(older) is { } span) query.Add(string.Create(CultureInfo.InvariantCulture, $"older={span.TotalSeconds:0.###}"));
            if (parsed.GetValue(stuck)) query.Add("stuck=true");
            if (parsed.GetValue(all)) query.Add("all=true");
            return await ShowAsync(client, "/flows?" + string.Join('&', query), parsed.GetValue(format), Line, cancellation);
        }));
        return command;
    }

    private static Command Counts()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var command = new Command("counts", "How many instances stand where, of those that have not ended.") { admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), client => ShowAsync(
            client, "/flows/counts", parsed.GetValue(format), c => $"{c["count"],7}  {c["flow"]}  {c["state"]}  {c["stage"]}  since {c["oldest"]}{((long?)c["late"] is > 0 and var late ? $"  {late} late" : "")}", cancellation)));
        return command;
    }

    private static Command Declared()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var command = new Command("declared", "The flows as they run, each with its picture in Mermaid.") { admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), client => ShowAsync(
            client, "/flows/declared", parsed.GetValue(format), f => $"{f["name"]}  {f["revision"]}  of {f["owner"]}, begins with {f["begins"]}\n{f["description"]}\n\n{f["picture"]}", cancellation)));
        return command;
    }

    private static Command Show()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var id = Id();
        var command = new Command("show", "One instance: what was done in it; as JSON also what it knows.") { id, admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, Path(parsed.GetValue(id)!), cancellation: cancellation);
            if (answer is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else
            {
                Console.WriteLine(Line(answer["instance"]!));
                foreach (var entry in answer["journal"]!.AsArray()) Console.WriteLine($"  {entry!["at"]}  {(string?)entry["step"],-16}  {(string?)entry["what"],-12}  {entry["detail"]}");
            }
            return code;
        }));
        return command;
    }

    private static Command Migrate()
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var flow = new Argument<string>("flow") { Description = "Name of the flow, as it is declared." };
        var id = new Option<string?>("--id") { Description = "One instance. Default: all that have not ended." };
        var from = new Option<string?>("--from") { Description = "Only those that go by this revision." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would be moved, and what keeps the others." };
        var command = new Command("migrate", "Lets instances go on as their flow is declared now, where all that they have begun means the same there.") { flow, id, from, dryRun, admin, token, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var body = new JsonObject { ["flow"] = parsed.GetValue(flow), ["dryRun"] = parsed.GetValue(dryRun) };
            if (parsed.GetValue(id) is { } one) body["id"] = one;
            if (parsed.GetValue(from) is { } revision) body["from"] = revision;
            var (code, told) = await client.SendAsync(HttpMethod.Post, "/flows/migrate", parsed.GetValue(reason), body, cancellation);
            if (told is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(told, Console.Out);
            else
            {
                Console.WriteLine($"{told["moved"]} {(parsed.GetValue(dryRun) ? "would be moved" : "moved")} to {told["to"]}, {told["refused"]} stay{((bool)told["more"]! ? "; there are more: run it again, or name --from" : "")}");
                foreach (var stays in told["obstacles"]!.AsArray()) Console.WriteLine($"  {stays!["id"]}  {stays["key"]}  {stays["revision"]}: {string.Join("; ", stays["why"]!.AsArray().Select(w => (string?)w))}");
            }
            // What stays is a finding.
            return code == 0 && (int)told["refused"]! > 0 ? 1 : code;
        }));
        return command;
    }

    /// <param name="step">Whether a step is named: it must be, may be (false), or is not (null).</param>
    private static Command Act(string act, string description, bool? step, string? file = null, string? fileIs = null)
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var id = Id();
        var name = new Option<string?>("--step") { Description = "Name of the step.", Required = step == true };
        var given = file is null ? null : new Option<FileInfo?>(file) { Description = fileIs };
        var command = new Command(act, description) { id, admin, token, reason, format };
        if (step is not null) command.Options.Add(name);
        if (given is not null) command.Options.Add(given);
        command.SetAction(async (parsed, cancellation) =>
        {
            var body = new JsonObject();
            if (step is not null && parsed.GetValue(name) is { } named) body["step"] = named;
            if (given is not null && parsed.GetValue(given) is { } from)
            {
                if (await ReadAsync(from, cancellation) is not { } json) return Commands.Fail($"{from} holds no JSON");
                body[file![2..]] = json;
            }
            return await AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
            {
                var (code, told) = await client.SendAsync(HttpMethod.Post, $"{Path(parsed.GetValue(id)!)}/{act}", parsed.GetValue(reason), body, cancellation);
                if (told is null) return code;
                if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(told, Console.Out);
                else Console.WriteLine(Line(told));
                return code;
            });
        });
        return command;
    }

    private static async Task<int> ShowAsync(AdminClient client, string path, AdminFormat format, Func<JsonNode, string> line, CancellationToken cancellation)
    {
        var (code, answer) = await client.SendAsync(HttpMethod.Get, path, cancellation: cancellation);
        if (answer is not JsonArray found) return code;
        if (format == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
        else if (found.Count == 0) Console.WriteLine("none");
        else foreach (var one in found) Console.WriteLine(line(one!));
        return code;
    }

    private static string DescriptionOf(string name) => name switch
    {
        "flow" => "Only those of this flow.",
        "partner" => "Only those of this partner.",
        "state" => "Only those in this state: running, undoing, parked, paused, done, failed or cancelled.",
        "step" => "Only those where this step is open.",
        "figure" => "Only those that count for this figure.",
        _ => "Only those that are found by this: the number of an order, of a parcel.",
    };

    private static Argument<string> Id() => new("id") { Description = "As flows list and the log show it: flo_…" };

    private static string Path(string id) => "/flows/" + Uri.EscapeDataString(id);

    private static string Line(JsonNode one) =>
        $"{one["id"]}  {(string?)one["state"],-9}  {one["tenant"]}  {one["flow"]}  {one["key"]}{(one["stage"] is { } stage ? $"  at {stage} since {one["stageSince"]}" : "")}{(one["waitsFor"] is { } backend ? $"  waits for {backend}" : "")}{(one["reason"] is { } reason ? $": {reason}" : "")}";

    private static async Task<JsonNode?> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await File.ReadAllTextAsync(file.FullName, cancellation));
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
