namespace Gateway;

/// <summary>The threads that wait for all sockets: what runs on one holds up every connection that belongs to it.</summary>
public static class SocketThread
{
    /// <summary>
    /// Goes on in the thread pool. To be awaited before anything that may wait (a disk, a lock held over I/O) or compute for more than some
    /// tens of microseconds; costs nothing in the pool.
    /// </summary>
    public static async ValueTask LeaveAsync()
    {
        if (!Thread.CurrentThread.IsThreadPoolThread) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }
}
