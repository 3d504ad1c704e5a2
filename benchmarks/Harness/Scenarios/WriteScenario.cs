using System.Globalization;
using System.Text;
using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>A new order with everything on, beside the same guarantees written by hand on bare YARP, and beside bare YARP, which promises nothing.</summary>
internal sealed class WriteScenario : Scenario
{
    private const string Bare = "bare YARP";
    private const string ByHand = "by hand: the same guarantees";
    private const string Path = "/v1/orders";
    private const string Created = "201";

    /// <summary>Runs before the one that all scenarios have: orders come by hundreds a second, and compilation ends after some thousands.</summary>
    private const int WarmUps = 3;

    /// <summary>Orders of one buyer, as a partner of ours sends them, and what is demanded of us at that length.</summary>
    private static readonly (string Name, int Lines, Bar Bar)[] Sizes =
    [
        ("1 kB", 4, Bar.Min(0.9)),
        ("20 kB", 112, Bar.Min(0.8)),
    ];

    public override string Name => "write";

    public override string Summary =>
        "POST of a new order of 1 kB and of 20 kB with JWT, limit, contracts, durable idempotency, mappings, event and audit; CPU of the gateway process per order.";

    public override async Task RunAsync(Stage stage, ScenarioReport report)
    {
        var odoo = await WritePeers.StartOdooAsync(stage);
        var tokens = stage.Keep(await Tokens.StartAsync());
        var token = tokens.Headers(1, Ours.Clients)[0];
        (string Name, Server Server)[] servers =
        [
            (Bare, await DotNetPeers.StartBareYarpAsync(stage, "bare", odoo.Url)),
            (ByHand, await WritePeers.StartByHandAsync(stage, "hand", odoo.Url, tokens)),
            (ByHand + " again (A/A)", await WritePeers.StartByHandAsync(stage, "hand-again", odoo.Url, tokens)),
            ("ours", await WritePeers.StartOursAsync(stage, "ours", odoo.Url, tokens)),
        ];
        foreach (var (size, lines, bar) in stage.Settings.Quick ? Sizes[..1] : Sizes)
        {
            var template = stage.Write($"orders/{lines}", Template(lines));
            report.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"{size}: an order with {lines} lines, {new FileInfo(template).Length:#,##0} bytes."));
            foreach (var slow in servers.Where(s => s.Name != Bare && stage.Settings.Profile is null))
            {
                for (var i = 1; i <= (stage.Settings.Quick ? 0 : WarmUps); i++) await Load(slow.Server, $"{lines}-warm-{i}").RunAsync(stage.Settings.WarmUp, stage.Stop);
            }
            await SideBySide.RunAsync(stage, report, [.. servers.Select(s => new Variant(Of(s.Name, size), s.Server, slice => Load(s.Server, $"{lines}-{slice}")))]);

            Wrk Load(Server server, string run) => new(new Uri(server.Url, Path))
            {
                Headers = [token],
                Script = System.IO.Path.Combine(AppContext.BaseDirectory, "Load", "orders.lua"),
                ScriptArguments = [template, run, Created],
            };

            report.Compare(Of("ours", size), Of(ByHand, size), Metric.Cpu, lessIsBetter: true, bar);
            report.Compare(Of(ByHand + " again (A/A)", size), Of(ByHand, size), Metric.Cpu, lessIsBetter: true);
            report.Compare(Of("ours", size), Of(Bare, size), Metric.Cpu, lessIsBetter: true);
            report.Compare(Of(ByHand, size), Of(Bare, size), Metric.Cpu, lessIsBetter: true);
            report.Compare(Of("ours", size), Of(ByHand, size), Metric.Rate, lessIsBetter: false);
        }
    }

    private static string Of(string variant, string size) => $"{variant}, {size}";

    /// <summary>An order of order@1 whose reference is left open.</summary>
    private static string Template(int lines)
    {
        var text = new StringBuilder(
            """
            {"customerReference":"@REF@","issueDate":"2026-11-23","documentCurrencyCode":"EUR","buyerParty":{"id":"BUYER-1"},"delivery":{"deliveryAddress":{"name":"Acme Lager","streetName":"Hafenstr. 1","cityName":"Hamburg","postalZone":"20457","countryCode":"DE"},"requestedDeliveryPeriod":{"startDate":"2026-11-25","endDate":"2026-11-27"}},"note":"call before delivery","orderLines":[
            """);
        for (var n = 1; n <= lines; n++)
        {
            text.Append(CultureInfo.InvariantCulture, $$$"""
                {{{(n > 1 ? "," : "")}}}{"id":"{{{n}}}","quantity":{{{n % 9 + 1}}},"unitCode":"C62","item":{"sellersItemIdentification":"ITEM-{{{n}}}","standardItemIdentification":"{{{4012345000000 + n}}}","name":"Item {{{n}}}"},"price":{"priceAmount":"{{{10 + n}}}.50"}}
                """);
        }
        return text.Append("]}").ToString();
    }
}
