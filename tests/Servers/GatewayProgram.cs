namespace Gateway.Tests.Servers;

/// <summary>The program that users start.</summary>
public static class GatewayProgram
{
    /// <summary>
    /// Where the build puts it, for <c>dotnet</c>: beside the tests there is one too, but built for Release that one lacks the libraries of the machine it runs on, and it
    /// is not compiled ahead of time.
    /// </summary>
    public static string Path { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <param name="tests"><c>artifacts/bin/PROJECT/CONFIGURATION</c></param>
    private static string Find(DirectoryInfo tests) => System.IO.Path.Combine(tests.Parent!.Parent!.FullName, "Gateway", tests.Name, "gateway.dll");
}
