using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Delivery.Webhooks;

/// <summary>
/// Keeps the subscriptions in memory in step with the store: read before the ports open, then twice a second. While the store is away, what is known
/// holds on, and nothing is delivered either.
/// </summary>
internal sealed partial class SubscriptionFollower(SubscriptionBook book, TimeProvider clock, ILogger<SubscriptionFollower> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await book.FollowAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var down = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Every, clock, stoppingToken);
                await book.FollowAsync(stoppingToken);
                down = false;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (StoreUnavailableException unavailable)
            {
                if (!down) Behind(unavailable.Message);
                down = true;
            }
        }
    }

    [LoggerMessage(42, LogLevel.Warning, "The subscriptions of partners can't be read anew; what is known holds: {Message}")]
    private partial void Behind(string message);
}
