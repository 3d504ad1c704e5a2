using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gateway.Delivery.Audit;
using Gateway.Delivery.Storage;
using Gateway.Delivery.Storage.Sqlite;

namespace Gateway.Cli;

/// <summary>
/// <c>audit verify|head|export|erase</c>: the audit in a data directory that no gateway runs on, or in a database, whoever runs on it. Of a gateway
/// that runs, the admin port tells.
/// </summary>
internal static class AuditCommand
{
    private const string Database = "--postgresql";

    public static Command Create()
    {
        var command = new Command("audit", "Checks, exports and erases in the audit of a data directory that no gateway runs on, or of a database.");
        foreach (var verb in (Command[])[Verify(), Head(), Export(), Erase()]) command.Subcommands.Add(verb);
        return command;
    }

    private static Command Verify()
    {
        var heads = new Option<string?>("--heads") { Description = "File with heads that were kept elsewhere: what 'audit head' or /audit/head once said. Those beside the keys are looked at without it." };
        return Over(new Command("verify", "Checks all chains, and says where one is not what was recorded.") { heads }, async (parsed, store, keys, cancellation) =>
        {
            var elsewhere = parsed.GetValue(heads) is { } file ? await KeptHeads.ReadAsync(file, cancellation) : [];
            return await VerifyAsync(store, [.. (await new KeptHeads(keys).ReadAsync(cancellation)).Union(elsewhere)], Console.Out, cancellation);
        });
    }

    private static Command Head() => Over(new Command("head", "Prints the heads of all chains as JSON, for 'audit verify --heads' later."), async (_, store, _, cancellation) =>
    {
        var segments = await store.AuditSegmentsAsync(cancellation);
        Console.WriteLine(JsonSerializer.Serialize(segments.Select(KnownHead.Of), KeptHeads.Json));
        return Commands.Fine;
    });

    private static Command Export()
    {
        var (from, to) = (Time("--from", "Calls that began then or later."), Time("--to", "Calls that began before."));
        var partner = new Option<string?>("--partner") { Description = "Calls of one partner." };
        var consumer = new Option<string?>("--consumer") { Description = "Calls of one consumer." };
        var route = new Option<string?>("--route") { Description = "Calls of one route, or an action of operators." };
        var correlation = new Option<string?>("--correlation") { Description = "What was done under one correlation id." };
        var command = new Command("export", "Prints records as JSON lines.") { from, to, partner, consumer, route, correlation };
        return Over(command, async (parsed, store, _, cancellation) =>
        {
            var query = new AuditQuery
            {
                From = parsed.GetValue(from),
                To = parsed.GetValue(to),
                Partner = parsed.GetValue(partner),
                Consumer = parsed.GetValue(consumer),
                Route = parsed.GetValue(route),
                CorrelationId = parsed.GetValue(correlation),
            };
            await using var output = Console.OpenStandardOutput();
            await AuditExport.WriteAsync(store, query, output, cancellation);
            return Commands.Fine;
        });
    }

    private static Command Erase()
    {
        var subject = new Option<string>("--subject") { Description = "The person as records name it: an IP address, the subject of a token (issuer/sub), an operator.", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the audit, so it should not say who.", Required = true };
        return Over(new Command("erase", "Erases what is about a person. The chains stay whole, and tell that something was erased.") { subject, reason }, async (parsed, store, _, cancellation) =>
        {
            var erased = await store.EraseAuditAsync(
                parsed.GetValue(subject)!,
                times => AuditActs.Erased(Environment.UserName, parsed.GetValue(reason), times, TimeProvider.System.GetUtcNow()),
                cancellation);
            Console.WriteLine($"erased {erased} times");
            return erased > 0 ? Commands.Fine : Commands.Findings;
        });
    }

    /// <summary>Prints what a verification found; 1 where something is wrong.</summary>
    internal static async Task<int> VerifyAsync(IStore store, IReadOnlyList<KnownHead> known, TextWriter output, CancellationToken cancellation)
    {
        var report = await AuditVerification.RunAsync(store, known, cancellation);
        foreach (var (segment, records, intact) in report.Segments)
        {
            var state = intact ? segment.DroppedAt is null ? "verified" : "dropped, its head is verified" : "BROKEN";
            var erased = segment.Erased > 0 ? $", {segment.Erased} erased" : "";
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{segment.Name}: {state}, {segment.Links} links, {records} records{erased}, head {segment.Head}"));
        }
        foreach (var finding in report.Findings) await output.WriteLineAsync(finding.ToString());
        if (report.Segments.Count == 0)
        {
            await output.WriteLineAsync("nothing is there: no call was ever recorded here, or all of it was removed");
            return Commands.Findings;
        }
        await output.WriteLineAsync(report.Findings.Count == 0 ? $"verified: {Count.Of(report.Segments.Count, "segment")}" : $"broken: {Count.Of(report.Findings.Count, "finding")}");
        return report.Findings.Count == 0 ? Commands.Fine : Commands.Findings;
    }

    /// <param name="run">What is done with the store; it is told where the keys are.</param>
    private static Command Over(Command command, Func<ParseResult, IStore, string, CancellationToken, Task<int>> run)
    {
        var (data, keys, postgresql) = (Arguments.Data(), Arguments.Keys(), new Option<string?>(Database)
        {
            Description = "The database of the nodes, by reference: secret://env/NAME or secret://file/PATH, as state.postgresql.connection has it. Default: the file in --data.",
        });
        foreach (var option in (Option[])[data, keys, postgresql]) command.Options.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            Secret? connection = null;
            if (parsed.GetValue(postgresql) is { } reference && (connection = Arguments.Secret(Database, reference, out var wrong)) is null) return Task.FromResult(Commands.Fail(wrong!));
            var database = connection is null ? null : new PostgresqlOptions { Connection = connection, Connections = 2 };
            return RunAsync(parsed.GetValue(data)!, parsed.GetValue(keys)!, database, store => run(parsed, store, parsed.GetValue(keys)!, cancellation), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(string data, string keys, PostgresqlOptions? database, Func<IStore, Task<int>> run, CancellationToken cancellation)
    {
        // Opening would make them.
        if (database is null && !File.Exists(Path.Combine(data, SqliteStore.FileName))) return Commands.Fail($"there is no store in '{data}'; --data says where it is");
        if (!Directory.Exists(keys)) return Commands.Fail($"there are no keys in '{keys}'; --keys says where they are");
        try
        {
            await using var store = Stores.Of(database).Create(new StoreOptions { DataDirectory = data, Protection = KeyRing.Open(keys, data), Postgresql = database });
            await store.OpenAsync(cancellation);
            return await run(store);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Commands.Fail(cause.Message + (cause.Message.Contains("in use by another process", StringComparison.Ordinal) ? " Its admin port answers under /audit." : ""));
        }
    }

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description + " A time of RFC 3339, or a day.",
        CustomParser = argument =>
        {
            if (DateTimeOffset.TryParse(argument.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) return at;
            argument.AddError($"'{argument.Tokens[0].Value}' is no time; write 2026-11-28T06:00:00Z or 2026-11-28");
            return null;
        },
    };
}
