using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>usage</c>: what partners have used of their quotas, as a running gateway counts it.</summary>
internal static class UsageCommand
{
    public static Command Create()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var partner = new Argument<string?>("partner") { Description = "Whose quotas. Default: everybody's.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("usage", "Shows what partners have used of their quotas, and what is left.") { partner, admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var query = parsed.GetValue(partner) is { Length: > 0 } wanted ? $"?partner={Uri.EscapeDataString(wanted)}" : "";
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/usage" + query, cancellation: cancellation);
            if (answer is not JsonArray states) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else foreach (var state in states) Console.WriteLine(Line(state!));
            return code;
        }));
        return command;
    }

    private static string Line(JsonNode state) =>
        $"{(string?)state["consumer"] ?? (string?)state["partner"]}  {state["quota"]}  {state["used"]} of {state["limit"]} a {state["per"]}, {state["left"]} left until {state["ends"]}";
}
