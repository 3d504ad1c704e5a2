using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>The programs of <c>benchmarks/peers</c>, from their Release builds.</summary>
internal static class DotNetPeers
{
    public static Task<Server> StartBareYarpAsync(Stage stage, string name, Uri origin)
    {
        var url = Ports.Free();
        return stage.StartAsync(ProgramStart.DotNet(name, stage.Settings.Built("BareYarp", "BareYarp"), url, "--urls", url.AbsoluteUri, "--origin", origin.AbsoluteUri));
    }

    public static Task<Server> StartHandWrittenAsync(Stage stage, string name, Uri origin, Tokens tokens, bool cache = false)
    {
        var url = Ports.Free();
        return stage.StartAsync(ProgramStart.DotNet(name, stage.Settings.Built("HandWritten", "HandWritten"), url,
            "--urls", url.AbsoluteUri, "--origin", origin.AbsoluteUri, "--issuer", tokens.Issuer.AbsoluteUri, "--audience", Tokens.Audience, "--cache", cache ? "true" : "false"));
    }
}
