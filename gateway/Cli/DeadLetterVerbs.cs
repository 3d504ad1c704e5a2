using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>deadletters retry|edit|skip</c>: what becomes of dead letters.</summary>
internal static class DeadLetterVerbs
{
    private const string WhichOnes = "Name one by its id, or several by options, or --all.";

    public static Command Retry()
    {
        var rate = new Option<double?>("--rate") { Description = "How many a second each endpoint gets, 0.01 to 1000. Default: 10." };
        var late = OutOfOrder();
        return Decide("retry", "Sends dead letters again, under the ids they have.", [rate, late], (parsed, body, one) =>
        {
            if (parsed.GetValue(late)) body["outOfOrder"] = true;
            if (parsed.GetValue(rate) is not { } wanted) return null;
            body["rate"] = wanted;
            return one ? "one letter has no rate; leave out --rate" : null;
        }, Retried);
    }

    public static Command Skip() => Decide("skip", "Gives dead letters up; they stay with their history.", [], (_, _, _) => null,
        (answer, dryRun) => [$"{answer["skipped"]} {(dryRun ? "would be" : "are")} skipped"]);

    public static Command Edit()
    {
        var (id, admin, token, reason, format) = (Id(ArgumentArity.ExactlyOne), AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var data = new Option<FileInfo>("--data") { Description = "A file with the event's new data: all of them, a JSON object.", Required = true };
        var late = OutOfOrder();
        var command = new Command("edit", "Sends a dead letter with other data, as a message of its own; the first one stays.") { id, data, late, admin, token, reason, format };
        command.SetAction(async (parsed, cancellation) =>
        {
            var file = parsed.GetValue(data)!;
            if (await ReadAsync(file, cancellation) is not { } given) return Commands.Fail($"{file} holds no JSON object");
            var body = new JsonObject { ["data"] = given };
            if (parsed.GetValue(late)) body["outOfOrder"] = true;
            return await AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
            {
                var (code, answer) = await client.SendAsync(HttpMethod.Post, DeadLettersCommand.Path(parsed.GetValue(id)!) + "/edit", parsed.GetValue(reason), body, cancellation);
                if (answer is null) return code;
                if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
                else Console.WriteLine($"{answer["id"]} is sent in the place of {answer["editOf"]}");
                return code;
            });
        });
        return command;
    }

    public static string Line(JsonNode letter)
    {
        var happened = letter["event"] is { } e ? $"{e["type"]} {e["subject"]}" : "event gone";
        return $"{letter["id"]}  {letter["diedAt"]}  {letter["endpoint"]}  {letter["cause"]}  {letter["attempts"]} attempts  {happened}";
    }

    /// <param name="say">What the verb's own options say, into the body; an error where they don't fit.</param>
    /// <param name="tell">What came of it, a line each.</param>
    private static Command Decide(string verb, string description, Option[] own, Func<ParseResult, JsonObject, bool, string?> say, Func<JsonNode, bool, IEnumerable<string>> tell)
    {
        var (id, admin, token, reason, format, filter) = (Id(ArgumentArity.ZeroOrOne), AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format(), new DeadLetterFilter());
        var all = new Option<bool>("--all") { Description = "Every dead letter there is." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Changes nothing: says how many there are, and which come first." };
        var command = filter.AddTo(new Command(verb, $"{description} {WhichOnes}") { id, all, dryRun, admin, token, reason, format });
        foreach (var option in own) command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (one, dry, body) = (parsed.GetValue(id), parsed.GetValue(dryRun), filter.Body(parsed));
            if (one is not null && (body.Count > 0 || parsed.GetValue(all) || dry)) return Commands.Fail("an id names one letter: leave out the other options, or name several without an id");
            if (one is null && body.Count == 0 && !parsed.GetValue(all)) return Commands.Fail($"nothing says which are meant. {WhichOnes}");
            if (parsed.GetValue(all)) body["all"] = true;
            if (dry) body["dryRun"] = true;
            if (say(parsed, body, one is not null) is { } wrong) return Commands.Fail(wrong);
            return await AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
            {
                var (code, answer) = await client.SendAsync(HttpMethod.Post, one is null ? $"/deadletters/{verb}" : $"{DeadLettersCommand.Path(one)}/{verb}", parsed.GetValue(reason), body, cancellation);
                if (answer is null) return code;
                if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
                else if (one is not null) Console.WriteLine($"{answer["id"]} is {answer["state"]} now");
                else foreach (var line in tell(answer, dry).Concat(First(answer))) Console.WriteLine(line);
                return code;
            });
        });
        return command;
    }

    private static IEnumerable<string> Retried(JsonNode answer, bool dryRun)
    {
        yield return $"{answer["retried"]} of {answer["matching"]} {(dryRun ? "would be" : "are")} sent again, {answer["rate"]} a second to each endpoint, the last after {answer["lasts"]}";
        if ((int)answer["overtaken"]! is > 0 and var overtaken)
            yield return (bool)answer["outOfOrder"]! ? $"{overtaken} of them behind later events of their key" : $"{overtaken} are left: later events of their key have arrived; --out-of-order sends them all the same";
        foreach (var endpoint in answer["endpoints"]!.AsArray().Where(e => e!["obstacle"] is not null))
            yield return $"{endpoint!["count"]} of {endpoint["endpoint"]} are left: it is {((string?)endpoint["obstacle"] == "disabled" ? "disabled; deliveries enable it first" : "no longer in the workspace")}";
        if (!dryRun && (int)answer["left"]! is > 0 and var left) yield return $"{left} more are left: call it again";
    }

    private static IEnumerable<string> First(JsonNode answer) =>
        answer["first"] is JsonArray { Count: > 0 } first ? first.Select(letter => "  " + Line(letter!)).Prepend("first:") : [];

    private static Option<bool> OutOfOrder() => new("--out-of-order") { Description = "Also what was overtaken by later events of its ordering key: it arrives behind them." };

    private static Argument<string?> Id(ArgumentArity arity) => new("id") { Description = "As deadletters list shows it: msg_…", Arity = arity };

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
}
