namespace Gateway.Hosting;

/// <summary>
/// A forwarded request runs on the thread that its sockets' events come in on, from one system call to the next: handing it to the thread
/// pool and back costs as much as all policies together (benchmarks/README.md). What may wait or compute long leaves that thread first:
/// see <see cref="SocketThread.LeaveAsync"/>.
/// </summary>
internal static class SocketThreads
{
    /// <summary>Read by .NET when the process opens its first socket; there is no other switch for it.</summary>
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Before the first socket is opened; what the operator has set stays.</summary>
    public static void RunInline()
    {
        if (Environment.GetEnvironmentVariable(Inline) is null) Environment.SetEnvironmentVariable(Inline, "1");
    }
}
