using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>deliveries list|show|retry|skip|endpoints|enable|disable|replay</c>: looks at what a running gateway delivers, and decides about what can't be delivered.</summary>
internal static class DeliveriesCommand
{
    public static Command Create() => new("deliveries", "Looks at the deliveries of a running gateway, and decides about what can't be delivered.")
    {
        List(),
        Show(),
        Decide("retry", "Sends a dead delivery once more, now."),
        Decide("skip", "Gives a dead delivery up; it stays with its history."),
        EndpointVerbs.List(),
        EndpointVerbs.Switch("enable", "Lets an endpoint have its events again, those that have waited first."),
        EndpointVerbs.Switch("disable", "Sends nothing to an endpoint any more; its events wait."),
        EndpointVerbs.Replay(),
    };

    private static Command Show()
    {
        var (admin, token) = (AdminClient.Address(), AdminClient.Token());
        var id = new Argument<string>("id") { Description = "As deliveries list shows it: msg_…" };
        var command = new Command("show", "One delivery with its attempts and what was said in each, as JSON.") { id, admin, token };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, $"/deliveries/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellation: cancellation);
            if (answer is not null) AdminClient.Write(answer, Console.Out);
            return code;
        }));
        return command;
    }

    private static Command List()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var state = new Option<DeliveryState?>("--state") { Description = "pending, delivered, dead or skipped. Default: all." };
        var command = new Command("list", "The newest 100 deliveries, each with its attempts.") { admin, token, state, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var query = parsed.GetValue(state) is { } wanted ? $"?state={wanted.ToString().ToLowerInvariant()}" : "";
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/deliveries" + query, cancellation: cancellation);
            if (answer is not JsonArray deliveries) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else foreach (var delivery in deliveries) Console.WriteLine(Line(delivery!));
            return code;
        }));
        return command;
    }

    private static Command Decide(string verb, string description)
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var id = new Argument<string>("id") { Description = "As deliveries list shows it: msg_…" };
        var command = new Command(verb, description) { id, admin, token, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var path = $"/deliveries/{Uri.EscapeDataString(parsed.GetValue(id)!)}/{verb}";
            var (code, answer) = await client.SendAsync(HttpMethod.Post, path, parsed.GetValue(reason), cancellation: cancellation);
            if (answer is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else Console.WriteLine($"{answer["id"]} is {answer["state"]} now");
            return code;
        }));
        return command;
    }

    private static string Line(JsonNode delivery)
    {
        var last = (delivery["attempts"] as JsonArray)?.LastOrDefault();
        return $"{delivery["id"]}  {(string?)delivery["state"],-9}  {delivery["tenant"]}/{delivery["subscription"]}  {(last is null ? "no attempt yet" : $"attempt {last["number"]} at {last["at"]}: {last["status"]} {last["error"]}".TrimEnd())}";
    }
}
