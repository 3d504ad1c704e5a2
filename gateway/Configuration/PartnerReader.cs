using System.Collections.Frozen;
using System.Globalization;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Partners, their consumers and their webhooks, checked against the rest of the document.</summary>
internal sealed class PartnerReader
{
    private readonly WorkspaceDocument _document;
    private readonly LoadedWorkspace _workspace;
    private readonly CodeReader _codes;
    private readonly ICollection<Diagnostic> _diagnostics;
    private readonly List<Consumer> _consumers = [];
    private readonly List<Subscription> _subscriptions = [];
    private readonly Dictionary<string, string> _owners = [];
    private readonly Dictionary<string, string> _keyOwners = [];
    private readonly Dictionary<string, string> _subjectOwners = [];
    private readonly CertificateOwners _certificates;

    public PartnerReader(WorkspaceDocument document, LoadedWorkspace workspace, CodeReader codes, ICollection<Diagnostic> diagnostics)
    {
        _document = document;
        _workspace = workspace;
        _codes = codes;
        _diagnostics = diagnostics;
        _certificates = new CertificateOwners(document, workspace.Places, diagnostics);
        foreach (var (name, partner) in document.Partners) Read(name, partner);
    }

    public IReadOnlyList<Consumer> Consumers => _consumers;

    public IReadOnlyList<Subscription> Subscriptions => _subscriptions;

    private Places Places => _workspace.Places;

    private void Read(string name, PartnerDocument document)
    {
        if (document.Tier is { } tier && !_document.Tiers.ContainsKey(tier))
            Error("GW2005", Places.Of(document, nameof(document.Tier)), $"there is no tier '{tier}'", Nearest.Cure(tier, _document.Tiers.Keys));
        var partner = new Partner(name, document.Name)
        {
            Tier = document.Tier,
            Buyers = document.Buyers,
            Company = document.Company,
            Warehouse = document.Warehouse,
            TimeZone = ReadTimeZone(document),
            Codes = _codes.Own(document.Codes),
        };
        foreach (var (consumer, entry) in document.Consumers) ReadConsumer(partner, consumer, entry, Places.Of(document.Consumers, consumer));
        foreach (var (webhook, entry) in document.Webhooks) ReadWebhook(partner, webhook, entry);
    }

    private TimeZoneInfo ReadTimeZone(PartnerDocument document)
    {
        // Names of Windows' are found too, but not on every host.
        if (TimeZoneInfo.TryFindSystemTimeZoneById(document.TimeZone, out var zone) && zone.HasIanaId && zone.Id == document.TimeZone) return zone;
        Error("GW2055", Places.Of(document, nameof(document.TimeZone)), $"there is no time zone '{document.TimeZone}'", Nearest.Cure(document.TimeZone, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)));
        return TimeZoneInfo.Utc;
    }

    private void ReadConsumer(Partner partner, string name, ConsumerDocument document, Place place)
    {
        if (!_owners.TryAdd(name, partner.Name))
            Error("GW2006", place, $"the consumer '{name}' belongs to the partner {_owners[name]} already", $"names are unique over all partners: {partner.Name}-{name}");
        for (var i = 0; i < document.Subjects.Count; i++) CheckSubject(document.Subjects, i, name);
        for (var i = 0; i < document.Scopes.Count; i++)
        {
            if (!_document.Scopes.ContainsKey(document.Scopes[i]))
                Error("GW2050", Places.Of(document.Scopes, i.ToString(CultureInfo.InvariantCulture)), $"there is no scope '{document.Scopes[i]}'", Nearest.Cure(document.Scopes[i], _document.Scopes.Keys));
        }
        _consumers.Add(new Consumer(name, partner)
        {
            KeyHashes = [.. document.Keys.Select(k => Hash(k, name)).OfType<ReadOnlyMemory<byte>>()],
            Subjects = document.Subjects,
            Certificates = _certificates.Read(document.Certificates, name),
            Scopes = document.Scopes.ToFrozenSet(),
        });
    }

    private void CheckSubject(IReadOnlyList<string> subjects, int index, string consumer)
    {
        var subject = subjects[index];
        var place = Places.Of(subjects, index.ToString(CultureInfo.InvariantCulture));
        if (subject.Split('/', 2) is not [var issuer, { Length: > 0 }] || !_document.Issuers.ContainsKey(issuer))
            Error("GW2007", place, $"'{subject}' does not begin with a declared issuer", _document.Issuers.ContainsKey(subject) ? "write it as ISSUER/SUBJECT" : $"write it as ISSUER/SUBJECT; {Nearest.Cure(subject.Split('/')[0], _document.Issuers.Keys)}");
        else if (!_subjectOwners.TryAdd(subject, consumer) && _subjectOwners[subject] is var owner && owner != consumer)
            Error("GW2029", place, $"the subject '{subject}' belongs to the consumer '{owner}' already", "let one consumer have it");
    }

    private ReadOnlyMemory<byte>? Hash(KeyDocument key, string consumer)
    {
        if (Places.Has(key, nameof(key.Sha256)) == Places.Has(key, nameof(key.Secret)))
        {
            Error("GW2008", Places.Of(key), "a key is either a hash or a secret", "write sha256: … or secret: secret://env/NAME");
            return null;
        }
        if (key.Secret?.Reveal() is "" || (key.Sha256 is null && key.Secret is null)) return null;
        if (key.Sha256 is not (null or { Length: 64 }) || key.Sha256?.All(char.IsAsciiHexDigitLower) == false) return null;
        var hash = key.Sha256 is { } hex
            ? Convert.FromHexString(hex)
            : System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key.Secret!.Reveal()));
        if (!_keyOwners.TryAdd(Convert.ToHexString(hash), consumer) && _keyOwners[Convert.ToHexString(hash)] is var owner && owner != consumer)
            Error("GW2009", Places.Of(key), $"this key belongs to the consumer '{owner}' already", "issue a key of its own");
        return hash;
    }

    private void ReadWebhook(Partner partner, string name, WebhookDocument document)
    {
        if (document.Url.Scheme != Uri.UriSchemeHttps && !_document.Governance.AllowHttpWebhooks)
            Error("GW2010", Places.Of(document, nameof(document.Url)), "a webhook goes to https only", "use https, or let an operator set governance.allowHttpWebhooks for a trial");
        if (document.Secrets.Count == 0)
            Error("GW2011", Places.Of(document, nameof(document.Secrets)), "a webhook needs a signing secret", "add secrets: [secret://env/NAME]");
        foreach (var secret in document.Secrets.Where(s => s.Reveal() is { Length: > 0 } value && !Delivery.Webhooks.StandardWebhooks.IsSecret(value)))
            Error("GW2012", Places.Of(document, nameof(document.Secrets)), $"{secret} is not a signing secret", "a secret is whsec_ and 24 to 64 bytes in base64");
        _subscriptions.Add(new Subscription(name, partner.Name, document.Url, document.Events)
        {
            Secrets = document.Secrets,
            Schedule = document.Retry,
            Timeout = document.Timeout,
        });
    }

    private void Error(string code, Place place, string message, string cure) =>
        _diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
