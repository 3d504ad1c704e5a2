namespace Gateway.Pipeline.Backends;

/// <summary>
/// Tells when the head of a forwarded answer has come. That a destination answers is known then; how long the body takes is a matter of the caller, who may
/// read as slowly as it likes.
/// </summary>
internal sealed class ForwardHead
{
    private readonly TaskCompletionSource<int> _status = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer's status, once.</summary>
    public Task<int> Status => _status.Task;

    /// <summary>Has the request told of its answer's head.</summary>
    public static ForwardHead Of(HttpContext http)
    {
        var head = new ForwardHead();
        http.Features.Set(head);
        return head;
    }

    public static void Came(HttpContext http, int status) => http.Features.Get<ForwardHead>()?._status.TrySetResult(status);
}
