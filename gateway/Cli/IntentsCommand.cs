using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>intents list|lines|show|settle|retry|reject</c>: looks at what a running gateway is changing in backends, and decides about what was cut off or parked.</summary>
internal static class IntentsCommand
{
    public static Command Create() => new("intents", "Looks at what a running gateway is changing in backends, and decides about what was cut off or parked.")
    {
        List(),
        Lines(),
        Show(),
        Settle(),
        Act("retry", "Has accepted work sent: now, where it waits, and again, where it was parked."),
        Act("reject", "Ends accepted work: its partner is told that nothing becomes of it, where it does not know."),
    };

    private static Command List()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var state = new Option<string>("--state") { Description = "open, waiting, parked, succeeded, refused, notDone, undone or all.", DefaultValueFactory = _ => "open" }.AcceptOnlyFromAmong("open", "waiting", "parked", "succeeded", "refused", "notDone", "undone", "all");
        var command = new Command("list", "The newest 100 intents; by default those whose outcome is not known.") { admin, token, state, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/intents?state=" + parsed.GetValue(state), cancellation: cancellation);
            if (answer is not JsonArray intents) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else if (intents.Count == 0) Console.WriteLine("none");
            else foreach (var intent in intents) Console.WriteLine(Line(intent!));
            return code;
        }));
        return command;
    }

    private static Command Lines()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var command = new Command("lines", "What was accepted and waits to be forwarded, by backend.") { admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/intents/lines", cancellation: cancellation);
            if (answer is not JsonArray lines) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else if (lines.Count == 0) Console.WriteLine("nothing was accepted that waits");
            else foreach (var line in lines) foreach (var text in LinesOf(line!)) Console.WriteLine(text);
            return code;
        }));
        return command;
    }

    private static Command Act(string act, string description)
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var id = Id();
        var command = new Command(act, description) { id, admin, token, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, told) = await client.SendAsync(HttpMethod.Post, $"{Path(parsed.GetValue(id)!)}/{act}", parsed.GetValue(reason), cancellation: cancellation);
            if (told is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(told, Console.Out);
            else Console.WriteLine($"{told["id"]} is {told["state"]} now");
            return code;
        }));
        return command;
    }

    private static Command Show()
    {
        var (admin, token) = (AdminClient.Address(), AdminClient.Token());
        var id = Id();
        var command = new Command("show", "One intent, with what its caller asked for, as JSON.") { id, admin, token };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, Path(parsed.GetValue(id)!), cancellation: cancellation);
            if (answer is not null) AdminClient.Write(answer, Console.Out);
            return code;
        }));
        return command;
    }

    private static Command Settle()
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var id = Id();
        var outcome = new Argument<string>("outcome") { Description = "done: the backend has it. not-done: it has nothing of it, and its key and reference are free again." }.AcceptOnlyFromAmong("done", "not-done");
        var reference = new Option<string?>("--reference") { Description = "With done: how the backend names the object for programs; for Odoo its database id." };
        var answer = new Option<FileInfo?>("--answer") { Description = "With done: a file with the JSON object that callers get. Default: the object's id alone." };
        var command = new Command("settle", "Says what became of an intent that can't be settled otherwise. Look in the backend first.") { id, outcome, reference, answer, admin, token, reason, format };
        command.SetAction(async (parsed, cancellation) =>
        {
            var body = new JsonObject { ["outcome"] = parsed.GetValue(outcome) };
            if (parsed.GetValue(reference) is { } named) body["reference"] = named;
            if (parsed.GetValue(answer) is { } file)
            {
                if (await ReadAsync(file, cancellation) is not { } given) return Commands.Fail($"{file} holds no JSON object");
                body["answer"] = given;
            }
            return await AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
            {
                var (code, told) = await client.SendAsync(HttpMethod.Post, Path(parsed.GetValue(id)!) + "/settle", parsed.GetValue(reason), body, cancellation);
                if (told is null) return code;
                if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(told, Console.Out);
                else Console.WriteLine($"{told["id"]} is {told["state"]} now");
                return code;
            });
        });
        return command;
    }

    private static Argument<string> Id() => new("id") { Description = "As intents list and the log show it: int_…" };

    private static string Path(string id) => "/intents/" + Uri.EscapeDataString(id);

    private static async Task<JsonObject?> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await File.ReadAllTextAsync(file.FullName, cancellation)) as JsonObject;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Line(JsonNode intent)
    {
        var waits = intent["waitsFor"] is { } whom ? $"  waits for {whom}" : "";
        var why = intent["why"] is { } reason ? $": {reason}" : "";
        return $"{intent["id"]}  {(string?)intent["state"],-9}  {intent["tenant"]}/{intent["consumer"]}  {intent["operation"]}  {intent["createdAt"]}{waits}{why}";
    }

    private static IEnumerable<string> LinesOf(JsonNode line)
    {
        var since = line["oldest"] is { } oldest ? $" since {oldest}" : "";
        yield return $"{line["backend"]}  {line["waiting"]} wait{since}  {line["byItself"]} by themselves  {line["parked"]} parked";
        foreach (var trouble in line["troubles"]!.AsArray())
            yield return $"  nothing can be sent{(trouble!["partner"] is { } partner ? $" to {partner}" : "")} since {trouble["since"]}: {trouble["reason"]}";
    }
}
