using System.CommandLine;
using Gateway.Demo;

namespace Gateway.Cli;

/// <summary><c>demo</c>: simulators and gateway in one process; <c>--script</c> plays the story and judges every answer.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var urls = Arguments.Urls();
        var adminUrls = Arguments.AdminUrls();
        var script = new Option<bool>("--script") { Description = "Play the whole story, print each request and answer, and stop; 0 only if all were as expected." };
        var command = new Command("demo", "Runs the gateway on this workspace with simulators behind it, state in a temporary folder.") { workspace, urls, adminUrls, script };
        command.SetAction(async (parsed, cancellation) =>
        {
            var plays = parsed.GetValue(script);
            var options = new DemoOptions
            {
                Workspace = parsed.GetValue(workspace)!,
                // A played story needs no known port; a person's curl does.
                Urls = plays && parsed.GetResult(urls)?.Implicit != false ? "http://127.0.0.1:0" : parsed.GetValue(urls)!,
                AdminUrls = plays && parsed.GetResult(adminUrls)?.Implicit != false ? "http://127.0.0.1:0" : parsed.GetValue(adminUrls)!,
            };
            var (demo, code) = await Demonstration.StartAsync(options, cancellation);
            if (demo is null) return code;
            await using (demo)
            {
                if (plays) return await new Story(demo, Console.Out).PlayAsync(cancellation) ? Commands.Fine : Commands.Findings;
                demo.Introduce(Console.Out);
                demo.TellReloads(Console.Out);
                await demo.Gateway.WaitForShutdownAsync(cancellation);
            }
            return Commands.Fine;
        });
        return command;
    }
}
