using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

/// <summary>What operators allow beyond the safe defaults.</summary>
public sealed record GovernanceDocument
{
    [Description("Where webhooks may go. Without it to public addresses, over https, to port 443.")]
    public WebhookReachDocument Webhooks { get; init; } = new();

    [Description("on: a change of files and SIGHUP are taken over. signal: SIGHUP alone. off: nothing is, until the process is started anew.")]
    public ReloadMode Reload { get; init; } = ReloadMode.On;

    [Description("How much one address may send to either port, before anybody asks who it is. An IPv6 address stands for its /64.")]
    public AddressLimitDocument AddressLimit { get; init; } = new();

    [Description("What the public port takes of anybody: sizes and times.")]
    public ServerLimits Server { get; init; } = new();

    [Description("Who may read /metrics on the admin port. loopback: callers on the same machine, and operators. operators: they alone. open: everybody who reaches the port.")]
    public MetricsAccess Metrics { get; init; } = MetricsAccess.Loopback;

    [Description("Load balancers and proxies before the gateway. Without it nobody is believed who he says his caller is.")]
    public ProxiesDocument? Proxies { get; init; }

    [Description("How many attempts to get in may fail before nobody is listened to for a while: 429 instead of 401.")]
    public FailedAttemptLimits FailedAttempts { get; init; } = new();

    [Description("How long records of the audit are kept.")]
    public AuditDocument Audit { get; init; } = new();

    [Description("Findings of lint that are accepted for a time.")]
    public IReadOnlyList<WaiverDocument> Waivers { get; init; } = [];
}

public sealed record WebhookReachDocument
{
    [Description("They may go to http addresses, readable on their way. For trials on loopback only.")]
    public bool AllowHttp { get; init; }

    [Description("Networks that are not public and that they may reach all the same, in CIDR notation: 10.20.0.0/16, 127.0.0.0/8.")]
    public IReadOnlyList<string> AllowNetworks { get; init; } = [];

    [Description("Ports where endpoints may listen: 443, 8443, 9000-9099.")]
    [MinLength(1)]
    public IReadOnlyList<string> Ports { get; init; } = ["443"];

    [Description("Subscriptions that partners make themselves.")]
    public OwnSubscriptionsDocument Own { get; init; } = new();
}

public sealed record OwnSubscriptionsDocument
{
    [Description("So many may a partner have.")]
    [Range(0, 1000)]
    public int Most { get; init; } = 20;

    [Description("They may go where allowHttp and allowNetworks let the webhooks of the workspace go: whoever may make one reaches into those networks. For trials on loopback only.")]
    public bool Inside { get; init; }
}

public sealed record AddressLimitDocument
{
    internal const string Unlimited = "unlimited";

    [Description("Requests a second.")]
    [Range(1, 10_000_000)]
    public int PerSecond { get; init; } = AddressLimits.Default;

    [Description("Networks whose addresses may send more, or less: a partner behind one address, a proxy that tells nobody who called.")]
    public IReadOnlyList<NetworkLimitDocument> Networks { get; init; } = [];
}

public sealed record NetworkLimitDocument
{
    [Description("In CIDR notation: 203.0.113.0/24, 2001:db8::/32, 192.0.2.7/32.")]
    public required string Network { get; init; }

    [Description("Requests a second of each of its addresses, or unlimited.")]
    [RegularExpression("^([1-9][0-9]{0,6}|10000000|unlimited)$")]
    public required string PerSecond { get; init; }

    [Description("Whose it is, and why it may.")]
    [MinLength(3)]
    public required string Name { get; init; }
}

public sealed record ProxiesDocument
{
    [Description("Networks they connect from, in CIDR notation: 10.0.0.0/8, 2001:db8::/32, 192.0.2.7/32.")]
    public required IReadOnlyList<string> Networks { get; init; }

    [Description("Most proxies between a caller and the gateway. What stands before the last so many entries was written by strangers.")]
    [Range(1, 10)]
    public int Hops { get; init; } = 1;

    [Description("How they tell who called: xForwarded (X-Forwarded-For, -Proto, -Host), forwarded (RFC 7239), none. The other headers are believed of nobody.")]
    public ForwardedForm Header { get; init; } = ForwardedForm.XForwarded;

    [Description("How they tell the certificate of who connected to them: none, clientCert (Client-Cert, RFC 9440), xForwardedClientCert (Envoy's, with Cert). They must take it off what callers send.")]
    public CertificateHeader CertificateHeader { get; init; }

    [Description("They send no baggage (W3C) of strangers along, so theirs goes on to backends.")]
    public bool Baggage { get; init; }
}

public sealed record AuditDocument
{
    [Description("By what they are about: the dataClass of the API. What is older is dropped, a day at a time; that it was there stays provable.")]
    public AuditRetention Retention { get; init; } = new();
}
