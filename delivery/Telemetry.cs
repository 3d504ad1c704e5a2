using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gateway.Delivery;

/// <summary>What this room tells OpenTelemetry; hosts subscribe by <see cref="Name"/>.</summary>
public static class Telemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Gateway.Delivery";

    internal static KeyValuePair<string, object?> Endpoint(string key) => new("endpoint", key);

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> EventsAppended =
        Meter.CreateCounter<long>("gateway.events.appended", "{event}", "Events appended to the log by this process.");

    /// <summary>By <c>outcome</c>: delivered, retry, dead.</summary>
    internal static readonly Counter<long> Attempts =
        Meter.CreateCounter<long>("gateway.webhook.attempts", "{attempt}", "Webhook attempts by what followed from them.");

    internal static readonly Histogram<double> AttemptDuration =
        Meter.CreateHistogram<double>("gateway.webhook.attempt.duration", "s", "Time of one webhook attempt, until the endpoint's status.");

    internal static readonly Gauge<long> Backlog =
        Meter.CreateGauge<long>("gateway.webhook.backlog", "{delivery}", "Deliveries that are pending; counted now and then, up to 10 000.");

    /// <summary>By <c>cause</c>.</summary>
    internal static readonly Gauge<long> DeadLetters =
        Meter.CreateGauge<long>("gateway.deadletters", "{delivery}", "Dead letters that wait for a decision, by what they died of; counted now and then.");

    internal static readonly Gauge<double> Lag =
        Meter.CreateGauge<double>("gateway.webhook.lag", "s", "How long the earliest pending delivery is overdue.");

    /// <summary>By <c>endpoint</c>: the part of its failure budget that is spent, 1 where it is disabled.</summary>
    internal static readonly Gauge<double> Budget =
        Meter.CreateGauge<double>("gateway.webhook.budget", "{budget}", "Part of an endpoint's failure budget that is spent; 1 while it is disabled.");

    /// <summary>By <c>endpoint</c>: 0 closed, 1 open.</summary>
    internal static readonly Gauge<int> Circuit =
        Meter.CreateGauge<int>("gateway.webhook.circuit", "{state}", "1 while an endpoint is left alone after failures one behind the other.");

    /// <summary>By <c>endpoint</c>: conditions of subscriptions that failed, so that an event was not delivered.</summary>
    internal static readonly Counter<long> ConditionFailures =
        Meter.CreateCounter<long>("gateway.webhook.condition.failures", "{event}", "Events that were not delivered because a subscription's condition could not be judged.");

    internal static readonly Gauge<long> Endpoints =
        Meter.CreateGauge<long>("gateway.webhook.endpoints", "{endpoint}", "Endpoints that this node sends to.");

    internal static readonly Gauge<long> Nodes =
        Meter.CreateGauge<long>("gateway.cluster.nodes", "{node}", "Nodes of the cluster that this one knows to be at work, itself among them; 0 while it is out of it.");

    internal static readonly Counter<long> AuditBreaks =
        Meter.CreateCounter<long>("gateway.audit.breaks", "{break}", "Heads of the audit that somebody else had changed when a record was to be appended.");

    /// <summary>By <c>flow</c> and <c>state</c>: done, failed, cancelled.</summary>
    internal static readonly Gauge<long> FlowShards =
        Meter.CreateGauge<long>("gateway.flow.shards", "{shard}", "Shards of the flows' instances that this node works on, of 64.");

    internal static readonly Counter<long> FlowsEnded =
        Meter.CreateCounter<long>("gateway.flows.ended", "{instance}", "Instances of flows that have ended, by how.");

    /// <summary>By <c>flow</c> and <c>state</c>: running, undoing, parked, paused.</summary>
    internal static readonly Gauge<long> FlowsOpen =
        Meter.CreateGauge<long>("gateway.flows.open", "{instance}", "Instances of flows that have not ended; counted every half minute.");

    internal static readonly Gauge<long> FlowsLate =
        Meter.CreateGauge<long>("gateway.flows.late", "{instance}", "Of these, how many are behind what is promised of them.");

    /// <summary>By <c>flow</c>, <c>figure</c>, and what the figure is counted by.</summary>
    internal static readonly Gauge<long> FlowFigure =
        Meter.CreateGauge<long>("gateway.flows.figure", "{instance}", "Instances that count for a figure of a flow now; counted every half minute.");

    internal static readonly Gauge<double> FlowFigureAmount =
        Meter.CreateGauge<double>("gateway.flows.figure.amount", null, "What these make up, where the figure has an amount.");

    internal static readonly Counter<long> FlowFigureTotal =
        Meter.CreateCounter<long>("gateway.flows.figure.counted", "{instance}", "Instances that this node has counted for a figure that lasts.");

    /// <summary>By <c>flow</c> and <c>figure</c>.</summary>
    internal static readonly Counter<long> FlowFigureFailures =
        Meter.CreateCounter<long>("gateway.flows.figure.failures", "{instance}", "Times that it could not be told whether an instance counts for a figure.");

    /// <summary>By <c>flow</c> and <c>window</c>: 1 spends what the objective leaves for broken promises in just its time.</summary>
    internal static readonly Gauge<double> FlowBurn =
        Meter.CreateGauge<double>("gateway.flows.burn", "{rate}", "How fast a flow spends what its objective leaves for broken promises.");

    /// <summary>By <c>flow</c> and <c>kind</c>: parked, failed, late, escalated, unfound.</summary>
    internal static readonly Counter<long> FlowAlerts =
        Meter.CreateCounter<long>("gateway.flows.alerts", "{alert}", "What people were told about instances of flows.");
}
