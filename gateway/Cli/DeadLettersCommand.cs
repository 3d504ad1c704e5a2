using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>deadletters groups|list|show|retry|edit|skip</c>: what a running gateway could not deliver, and what becomes of it.</summary>
internal static class DeadLettersCommand
{
    public static Command Create() => new("deadletters", "Looks at what a running gateway could not deliver, and decides what becomes of it.")
    {
        Groups(),
        List(),
        Show(),
        DeadLetterVerbs.Retry(),
        DeadLetterVerbs.Edit(),
        DeadLetterVerbs.Skip(),
    };

    public static string Path(string id) => "/deadletters/" + Uri.EscapeDataString(id);

    private static Command Groups()
    {
        var (admin, token, format, filter) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format(), new DeadLetterFilter());
        var command = filter.AddTo(new Command("groups", "Dead letters by what they died of, the largest group first.") { admin, token, format });
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/deadletters/groups?" + filter.Query(parsed), cancellation: cancellation);
            if (answer is not JsonArray groups) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else if (groups.Count == 0) Console.WriteLine("no dead letters");
            else foreach (var group in groups) Console.WriteLine(Line(group!));
            return code;

            static string Line(JsonNode group)
            {
                var endpoints = group["endpoints"]!.AsArray().Select(e => $"{e!["endpoint"]} ({e["count"]})");
                return $"{(int)group["count"]!,6}  {(string?)group["cause"],-20}  {group["first"]} to {group["last"]}  {string.Join(", ", endpoints)}  such as {group["example"]}";
            }
        }));
        return command;
    }

    private static Command List()
    {
        var (admin, token, format, filter) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format(), new DeadLetterFilter());
        var limit = new Option<int>("--limit") { Description = "So many at most, 1 to 500.", DefaultValueFactory = _ => 100 };
        var after = new Option<string?>("--after") { Description = "The next page: what the page before said last." };
        var command = filter.AddTo(new Command("list", "Dead letters, the newest first.") { limit, after, admin, token, format });
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/deadletters?limit={parsed.GetValue(limit)}{DeadLetterFilter.Part("after", parsed.GetValue(after))}{filter.Query(parsed)}");
            var (code, answer) = await client.SendAsync(HttpMethod.Get, path, cancellation: cancellation);
            if (answer is not JsonObject page) return code;
            if (parsed.GetValue(format) == AdminFormat.Json)
            {
                AdminClient.Write(answer, Console.Out);
                return code;
            }
            foreach (var letter in page["letters"]!.AsArray()) Console.WriteLine(DeadLetterVerbs.Line(letter!));
            if (page["next"] is { } next) await Console.Error.WriteLineAsync($"more with --after {next}");
            return code;
        }));
        return command;
    }

    private static Command Show()
    {
        var (admin, token) = (AdminClient.Address(), AdminClient.Token());
        var id = new Argument<string>("id") { Description = "As deadletters list shows it: msg_…" };
        var payload = new Option<bool>("--payload") { Description = "What it says, and what was said in each attempt; the audit tells who looked." };
        var command = new Command("show", "One dead letter with its attempts, or what became of it, as JSON.") { id, payload, admin, token };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var path = Path(parsed.GetValue(id)!) + (parsed.GetValue(payload) ? "/payload" : "");
            var (code, answer) = await client.SendAsync(HttpMethod.Get, path, cancellation: cancellation);
            if (answer is not null) AdminClient.Write(answer, Console.Out);
            return code;
        }));
        return command;
    }
}
