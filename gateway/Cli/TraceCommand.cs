using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>trace KEY</c>: what happened to an order, by any number that it is known by.</summary>
internal static class TraceCommand
{
    public static Command Create()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var key = new Argument<string>("key") { Description = "The id of an order, its number in Odoo, a parcel's number: what an instance of a flow is found by." };
        var command = new Command("trace", "One timeline of an order: what was asked for, and what the flows did about it.") { key, admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/trace?key=" + Uri.EscapeDataString(parsed.GetValue(key)!), cancellation: cancellation);
            if (answer is not JsonObject told) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else if (told["instances"]!.AsArray().Count == 0) Console.WriteLine("nothing is found by that");
            else foreach (var line in told["timeline"]!.AsArray()) Console.WriteLine($"{line!["at"]}  {line["who"]}  {(string?)line["where"],-16}  {(string?)line["what"],-12}  {line["detail"]}");
            return code;
        }));
        return command;
    }
}
