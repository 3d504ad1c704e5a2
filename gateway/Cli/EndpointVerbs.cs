using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>deliveries endpoints|enable|disable|replay</c>: how the endpoints of partners do, and what operators do about them.</summary>
internal static class EndpointVerbs
{
    public static Command List()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var command = new Command("endpoints", "The endpoints of all partners, and how each does.") { admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/webhooks", cancellation: cancellation);
            if (answer is not JsonArray endpoints) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else foreach (var endpoint in endpoints) Console.WriteLine(Line(endpoint!));
            return code;
        }));
        return command;
    }

    public static Command Switch(string verb, string description)
    {
        var (endpoint, admin, token, reason, format) = (Endpoint(), AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var command = new Command(verb, description) { endpoint, admin, token, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Post, Path(parsed.GetValue(endpoint)!, verb), parsed.GetValue(reason), cancellation: cancellation);
            if (answer is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else Console.WriteLine(Line(answer));
            return code;
        }));
        return command;
    }

    public static Command Replay()
    {
        var (endpoint, admin, token, reason, format) = (Endpoint(), AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var since = new Option<string>("--since") { Description = "From when on: a time (2026-11-29T08:00:00Z), or how long ago (6h).", Required = true };
        var delivered = new Option<bool>("--delivered") { Description = "Also what has arrived: the receiver has lost it." };
        var command = new Command("replay", "Sends what an endpoint did not get since a moment, under the same webhook-id.") { endpoint, since, delivered, admin, token, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var body = new JsonObject { ["since"] = parsed.GetValue(since), ["delivered"] = parsed.GetValue(delivered) };
            var (code, answer) = await client.SendAsync(HttpMethod.Post, Path(parsed.GetValue(endpoint)!, "replay"), parsed.GetValue(reason), body, cancellation);
            if (answer is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else Console.WriteLine($"{answer["endpoint"]}: {answer["replayed"]} are sent again");
            return code;
        }));
        return command;
    }

    private static Argument<string> Endpoint() => new("endpoint") { Description = "PARTNER/WEBHOOK, as deliveries endpoints shows it." };

    private static string Path(string endpoint, string verb) => $"/webhooks/{string.Join('/', endpoint.Split('/').Select(Uri.EscapeDataString))}/{verb}";

    private static string Line(JsonNode endpoint) => $"{endpoint["endpoint"]}  {(string?)endpoint["state"],-8}  {endpoint["url"]}  {endpoint["reason"]}".TrimEnd();
}
