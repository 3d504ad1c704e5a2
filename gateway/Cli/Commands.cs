using System.CommandLine;
using System.Runtime.InteropServices;

namespace Gateway.Cli;

/// <summary>Every verb. Exit codes: 0 fine, 1 findings, 2 could not run. To add one: a file beside this one, and a line here.</summary>
internal static class Commands
{
    public const int Fine = 0;
    public const int Findings = 1;
    public const int CouldNotRun = 2;

    private static readonly IReadOnlyList<Command> All =
    [
        DemoCommand.Create(),
        ServeCommand.Create(),
        AuditCommand.Create(),
        ValidateCommand.Create(),
        LintCommand.Create(),
        TestCommand.Create(),
        PlanCommand.Create(),
        ExplainCommand.Create(),
        CatalogueCommand.Create(),
        MapCommand.Create(),
        NewCommand.Create(),
        ImportCommand.Create(),
        SchemasCommand.Create(),
        CodeOwnersCommand.Create(),
        SimulateCommand.Create(),
        DeliveriesCommand.Create(),
        DeadLettersCommand.Create(),
        EventsCommand.Create(),
        FlowsCommand.Create(),
        TraceCommand.Create(),
        IntentsCommand.Create(),
        KeysCommand.Create(),
        UsageCommand.Create(),
        BackendsCommand.Create(),
    ];

    /// <summary>An @ begins the handle of a team here, not the name of a file with more arguments.</summary>
    private static readonly ParserConfiguration AsWritten = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args)
    {
        // Signals are ours: a verb that was asked to stop ends its work and then says itself how it went. Who asks twice does not want to wait for that.
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var parsed = Parse(args);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stop.Token);
        return parsed.Errors.Count > 0 ? CouldNotRun : code;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    public static ParseResult Parse(string[] args) => Root().Parse(args, AsWritten);

    public static RootCommand Root()
    {
        var root = new RootCommand("One governed API surface in front of Odoo, warehouses, carriers and partners.");
        foreach (var command in All) root.Subcommands.Add(command);
        return root;
    }

    /// <summary>Says what is wrong on standard error.</summary>
    public static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return CouldNotRun;
    }
}
