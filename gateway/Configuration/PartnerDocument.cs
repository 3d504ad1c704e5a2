using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

public sealed record PartnerDocument
{
    [Description("The company's name, for people.")]
    public required string Name { get; init; }

    [Description("Who looks after this partner, one of owners. Default: whoever looks after the whole workspace.")]
    public string? Owner { get; init; }

    [Description("Service level, one of tiers.")]
    public string? Tier { get; init; }

    [Description("Buyers it may order for: the references of customers in Odoo, buyerParty.id in orders.")]
    public IReadOnlyList<string> Buyers { get; init; } = [];

    [Description("Our companies that this partner trades with, by their names under companies; it sees nothing of the others. What is made for it is made in the first.")]
    public IReadOnlyList<string> Companies { get; init; } = [];

    [Description("Code of the warehouse its orders ship from.")]
    public string? Warehouse { get; init; }

    [Description("When it is invoiced: delivery, each time that some of an order was shipped; order, once all of it was; month, all that a buyer ordered up to the end of a month.")]
    public Invoicing Invoicing { get; init; }

    [Description("Flows that its events begin, by their names; those that are not here are left to people. Default: all.")]
    public IReadOnlyList<string>? Flows { get; init; }

    [Description("IANA time zone that days of deliveries and lots are told in. Default: that of its first company, else UTC.")]
    public string? TimeZone { get; init; }

    [Description("Codes that mean something else for this partner, or only for it: by the name of the table.")]
    public IReadOnlyDictionary<string, OwnCodesDocument> Codes { get; init; } = new Dictionary<string, OwnCodesDocument>();

    [Description("Identities that call for this partner.")]
    public IReadOnlyDictionary<string, ConsumerDocument> Consumers { get; init; } = new Dictionary<string, ConsumerDocument>();

    [Description("Where this partner's events are delivered.")]
    public IReadOnlyDictionary<string, WebhookDocument> Webhooks { get; init; } = new Dictionary<string, WebhookDocument>();

    [Description("Where this partner takes documents in an API of its own, by the names of backends with the adapter partner.")]
    public IReadOnlyDictionary<string, EndpointOptions> Endpoints { get; init; } = new Dictionary<string, EndpointOptions>();
}

public sealed record ConsumerDocument
{
    [Description("service: a program. user: people, by way of a portal. device: a device at a location, whose keys end.")]
    public ConsumerKind Kind { get; init; } = ConsumerKind.Service;

    [Description("Where it stands; of a device, the code of its warehouse or shop.")]
    public string? Location { get; init; }

    [Description("API keys; two may be valid at once while one replaces the other.")]
    public IReadOnlyList<KeyDocument> Keys { get; init; } = [];

    [Description("Keys it signs requests with; two may have the same id while one replaces the other.")]
    public IReadOnlyList<SignatureKeyDocument> SignatureKeys { get; init; } = [];

    [Description("Tokens that are this consumer, as issuer/subject; the subject is the token's azp, client_id, appid or sub.")]
    public IReadOnlyList<string> Subjects { get; init; } = [];

    [Description("Client certificates that are this consumer.")]
    public IReadOnlyList<ConsumerCertificateDocument> Certificates { get; init; } = [];

    [Description("Roles that it has; a token that carries scopes or roles of its own narrows them.")]
    public IReadOnlyList<string> Roles { get; init; } = [];

    [Description("What it may do beside its roles; a token that carries scopes or roles of its own narrows them.")]
    public IReadOnlyList<string> Scopes { get; init; } = [];
}

public sealed record KeyDocument
{
    [Description("SHA-256 of the key, 64 hex digits: printf %s KEY | sha256sum.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public string? Sha256 { get; init; }

    [Description("The key itself, by reference.")]
    public Secret? Secret { get; init; }

    [Description("From when on it opens nothing; a day begins at midnight UTC. The keys of devices must end.")]
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>A certificate by its authority, and by one thing that tells it from the authority's others.</summary>
public sealed record ConsumerCertificateDocument
{
    [Description("The authority that issued it; declared under authorities.")]
    public required string Authority { get; init; }

    [Description("A DNS name among its subject alternative names, whole: edi.acme.example.")]
    [RegularExpression(@"^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$")]
    public string? Dns { get; init; }

    [Description("A URI among them, to the letter: spiffe://acme.example/edi.")]
    [RegularExpression("^[A-Za-z][A-Za-z0-9+.-]*:.+$")]
    public string? Uri { get; init; }

    [Description("An e-mail address among them, to the letter.")]
    [RegularExpression(@"^[^@\s]+@[^@\s]+$")]
    public string? Email { get; init; }

    [Description("SHA-256 of the certificate, 64 hex digits: openssl x509 -in FILE -outform der | sha256sum.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public string? Sha256 { get; init; }

    /// <summary>What was written of these four, by kind.</summary>
    internal IEnumerable<(string Kind, string Value)> Names => ((string, string?)[])
        [(ConsumerCertificate.Dns, Dns), (ConsumerCertificate.Uri, Uri), (ConsumerCertificate.Email, Email), (ConsumerCertificate.Sha256, Sha256)] is var all
        ? all.Where(n => n.Item2 is not null).Select(n => (n.Item1, n.Item2!))
        : [];
}

public sealed record WebhookDocument
{
    [Description("The partner's endpoint.")]
    public required Uri Url { get; init; }

    [Description("Event types to deliver; * is every type.")]
    public required IReadOnlyList<string> Events { get; init; }

    [Description("Which events of these types, in JSONata over the event as it is sent: those of which it is true. data.buyerParty.id = \"ACME-DE\". Default: all of them.")]
    public string? When { get; init; }

    [Description("What takes the place of the event's data, in JSONata over the event as it is sent. Default: the data as they are.")]
    public string? Mapping { get; init; }

    [Description("Signing secrets, newest first; all of them sign. whsec_…: shared with the receiver (v1). whsk_…: a key pair, of which the receiver has the public half (v1a).")]
    public required IReadOnlyList<Secret> Secrets { get; init; }

    [Description("Waiting times before the second, third … attempt.")]
    public IReadOnlyList<TimeSpan> Retry { get; init; } = WebhookRetries.ByDefault;

    [Description("Time for one attempt. Standard Webhooks asks for 15 to 30 seconds.")]
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    [Description("Deliveries under way at the same time, on each node.")]
    [Range(1, 64)]
    public int Concurrency { get; init; } = 4;

    [Description("Most attempts in a stretch of time, on each node. Default: no limit.")]
    public WebhookRate? Rate { get; init; }

    [Description("unordered: as they come. fifo: those of one ordering key (an order, a return) one behind the other; the next waits until the one before has arrived or is dead.")]
    public WebhookOrder Order { get; init; }

    [Description("structured: the body is the whole event, application/cloudevents+json. binary: the body is the event's data, and its attributes are headers, ce-id and others, which no signature is over.")]
    public WebhookMode Mode { get; init; }

    [Description("How long the endpoint may fail without one success: operators are told at 50, 70 and 90 %, and then it is disabled.")]
    [Range(typeof(TimeSpan), "00:00:01", "90.00:00:00")]
    public TimeSpan Budget { get; init; } = TimeSpan.FromDays(5);
}
