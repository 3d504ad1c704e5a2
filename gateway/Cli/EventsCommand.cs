using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>events list|show</c>: looks at the event log of a running gateway.</summary>
internal static class EventsCommand
{
    public static Command Create() => new("events", "Looks at the event log of a running gateway.")
    {
        List(),
        Show(),
    };

    private static Command List()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var after = new Option<long?>("--after") { Description = "From behind this position on." };
        var last = new Option<int>("--last") { Description = "Of so many at the end of the log, or of its partner's part behind there.", DefaultValueFactory = _ => 100 };
        var partner = new Option<string?>("--partner") { Description = "Events of one partner." };
        var type = new Option<string?>("--type") { Description = "Events of one type: order.accepted.v1." };
        var about = new Option<string?>("--about") { Description = "Events about one number: an order's, a return's, or any other that trace takes. Of them all, where neither --after nor --last is given." };
        var command = new Command("list", "Events in the order of the log, without what they say; by default those among the last 100.") { after, last, partner, type, about, admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var number = parsed.GetValue(about);
            var position = parsed.GetValue(after) ?? (number is not null && parsed.GetResult(last) is null or { Implicit: true } ? 0L : (long?)null);
            var from = position is not null ? string.Create(CultureInfo.InvariantCulture, $"after={position}") : string.Create(CultureInfo.InvariantCulture, $"last={parsed.GetValue(last)}");
            var path = $"/events?{from}{DeadLetterFilter.Part("about", number)}{DeadLetterFilter.Part("partner", parsed.GetValue(partner))}{DeadLetterFilter.Part("type", parsed.GetValue(type))}";
            var (code, answer) = await client.SendAsync(HttpMethod.Get, path, cancellation: cancellation);
            if (answer is not JsonArray events) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else foreach (var happened in events) Console.WriteLine($"{happened!["position"]}  {happened["time"]}  {happened["tenant"]}  {happened["type"]}  {happened["subject"]}  {happened["id"]}");
            return code;
        }));
        return command;
    }

    private static Command Show()
    {
        var (admin, token) = (AdminClient.Address(), AdminClient.Token());
        var position = new Argument<long>("position") { Description = "As events list shows it." };
        var command = new Command("show", "One event with what it says, as JSON.") { position, admin, token };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/events/{parsed.GetValue(position)}"), cancellation: cancellation);
            if (answer is not null) AdminClient.Write(answer, Console.Out);
            return code;
        }));
        return command;
    }
}
