using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>trace KEY</c>: what happened to an order, by any number that it is known by.</summary>
internal static class TraceCommand
{
    public static Command Create()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var key = new Argument<string>("key") { Description = "The id of an order or a return, the partner's own number of it, its number in Odoo, a transfer's, a parcel's, an invoice's: what an instance of a flow is found by, or an event is about." };
        var command = new Command("trace", "One timeline of an order: what was asked for, what the flows did about it, what was told, and how that arrived.") { key, admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/trace?key=" + Uri.EscapeDataString(parsed.GetValue(key)!), cancellation: cancellation);
            if (answer is not JsonObject told) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else Print(told, Console.Out);
            return code;
        }));
        return command;
    }

    /// <summary>A line for each: when, what it tells of, who, where, what, more about it, and the correlation id.</summary>
    internal static void Print(JsonObject told, TextWriter output)
    {
        var lines = told["timeline"]!.AsArray();
        if (lines.Count == 0) output.WriteLine("nothing is found by that");
        foreach (var line in lines)
        {
            var correlation = (string?)line!["correlationId"] is { } id ? $"  [{id}]" : "";
            output.WriteLine($"{line["at"]}  {(string?)line["is"],-8}  {(string?)line["who"],-24}  {(string?)line["where"],-24}  {(string?)line["what"],-12}  {(string?)line["detail"]}{correlation}".TrimEnd());
        }
        var cut = told["cut"]!.AsArray().Select(c => (string?)c).ToList();
        if (cut.Count > 0) output.WriteLine($"not all of it: there are more {string.Join(", ", cut)}");
    }
}
