using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>flows figures</c>: what the instances of a running gateway's flows make up, and how their promises are kept.</summary>
internal static class FlowFiguresCommand
{
    public static Command Create()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var since = new Option<TimeSpan?>("--since") { Description = "How far back what lasts is counted: 12h, 7d. Default: 30d.", CustomParser = Arguments.Span };
        var command = new Command("figures", "What instances are counted for, and how promises are kept.") { since, admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var query = parsed.GetValue(since) is { } span ? string.Create(CultureInfo.InvariantCulture, $"?since={span.TotalSeconds:0.###}") : "";
            var (code, told) = await client.SendAsync(HttpMethod.Get, "/flows/figures" + query, cancellation: cancellation);
            if (told is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(told, Console.Out);
            else Write(told, Console.Out);
            return code;
        }));
        return command;
    }

    private static void Write(JsonNode told, TextWriter output)
    {
        foreach (var figure in told["figures"]!.AsArray())
        {
            output.WriteLine($"{figure!["count"],7}  {figure["flow"]}  {figure["figure"]}{(figure["since"] is { } since ? $" since {since}" : "")}: {figure["description"]}");
            foreach (var group in figure["groups"]!.AsArray())
            {
                var by = string.Join(", ", group!["by"]!.AsObject().Select(b => $"{b.Key} {b.Value}"));
                output.WriteLine($"{group["count"],14}  {(by.Length == 0 ? "all" : by)}{(group["amount"] is { } amount ? $"  {amount}" : "")}  since {group["oldest"]}");
            }
        }
        foreach (var objective in told["objectives"]!.AsArray())
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{objective!["flow"]}: {(decimal)objective["share"]! * 100:0.###} % are to keep {objective["promise"]}, {(double)objective["left"]! * 100:0.#} % of what may be late is left"));
            foreach (var burn in objective["burns"]!.AsArray())
                output.WriteLine($"{burn!["window"],14}  {burn["kept"]} kept, {burn["broken"]} broken{((double?)burn["burn"] is { } rate ? string.Create(CultureInfo.InvariantCulture, $", burn {rate:0.##}") : "")}");
        }
    }
}
