using System.Collections.Frozen;
using System.Globalization;
using Gateway.Configuration.Yaml;
using Gateway.Delivery.Webhooks;

namespace Gateway.Configuration;

/// <summary>Partners, their consumers and their webhooks, checked against the rest of the document.</summary>
internal sealed class PartnerReader
{
    private readonly WorkspaceDocument _document;
    private readonly LoadedWorkspace _workspace;
    private readonly CodeReader _codes;
    private readonly SignatureKeyReader _signatureKeys;
    private readonly ICollection<Diagnostic> _diagnostics;
    private readonly List<Consumer> _consumers = [];
    private readonly List<Subscription> _subscriptions = [];
    private readonly List<Partner> _partners = [];
    private readonly IReadOnlyDictionary<string, ConsumerRole> _roles;
    private readonly Dictionary<string, string> _owners = [];
    private readonly Dictionary<string, string> _keyOwners = [];
    private readonly Dictionary<string, string> _subjectOwners = [];
    private readonly CertificateOwners _certificates;
    private readonly WebhookChecks _webhooks;

    public PartnerReader(WorkspaceDocument document, LoadedWorkspace workspace, CodeReader codes, ICollection<Diagnostic> diagnostics)
    {
        _document = document;
        _workspace = workspace;
        _codes = codes;
        _signatureKeys = new SignatureKeyReader(workspace.Places, diagnostics);
        _diagnostics = diagnostics;
        _certificates = new CertificateOwners(document, workspace.Places, diagnostics);
        WebhookReach = new WebhookReachReader(workspace.Places, diagnostics).Read(document.Governance.Webhooks);
        _webhooks = new WebhookChecks(WebhookReach, workspace.Places, diagnostics);
        SubscriptionRules = WebhookReachReader.RulesOf(document.Governance.Webhooks.Own, WebhookReach);
        _roles = ReadRoles();
        foreach (var (name, partner) in document.Partners) Read(name, partner);
    }

    public IReadOnlyList<Partner> Partners => _partners;

    public IReadOnlyList<Consumer> Consumers => _consumers;

    public IReadOnlyList<Subscription> Subscriptions => _subscriptions;

    /// <summary>Where they may go.</summary>
    public WebhookReach WebhookReach { get; }

    /// <summary>What holds for those that partners make themselves.</summary>
    public SubscriptionRules SubscriptionRules { get; }

    private Places Places => _workspace.Places;

    private void Read(string name, PartnerDocument document)
    {
        var tier = document.Tier is { } named ? _document.Tiers.GetValueOrDefault(named) : null;
        if (document.Tier is { } unknown && tier is null && !Places.Has(_document.Tiers, unknown))
            Error("GW2005", Places.Of(document, nameof(document.Tier)), $"there is no tier '{unknown}'", Nearest.Cure(unknown, _document.Tiers.Keys));
        var partner = new Partner(name, document.Name)
        {
            Tier = document.Tier,
            Buyers = document.Buyers,
            Companies = [.. Known(document.Companies, _document.Companies, "GW5072", "company", "companies").Select(c => new Company(c, _document.Companies[c].Id) { Journal = _document.Companies[c].Journal })],
            Warehouse = document.Warehouse,
            Invoicing = document.Invoicing,
            Flows = document.Flows is { } flows ? [.. Known(flows, _document.Flows, "GW5411", "flow", "flows")] : null,
            Warehouses = [.. new[] { document.Warehouse }.OfType<string>().Concat(tier?.Warehouses ?? []).Distinct()],
            TimeZone = ReadTimeZone(document),
            Codes = _codes.Own(document.Codes),
        };
        _partners.Add(partner);
        foreach (var (consumer, entry) in document.Consumers) ReadConsumer(partner, consumer, entry, Places.Of(document.Consumers, consumer));
        foreach (var (webhook, entry) in document.Webhooks) ReadWebhook(partner, webhook, entry);
    }

    private Dictionary<string, ConsumerRole> ReadRoles()
    {
        foreach (var (_, role) in _document.Roles) Scopes(role.Scopes);
        foreach (var (_, company) in _document.Companies) ReadTimeZone(company, nameof(company.TimeZone), company.TimeZone);
        return _document.Roles.ToDictionary(r => r.Key, r => new ConsumerRole(r.Key, r.Value.Scopes.ToFrozenSet()));
    }

    /// <summary>The partner's own, or that of its first company, of which <see cref="ReadRoles"/> has told what is wrong.</summary>
    private TimeZoneInfo ReadTimeZone(PartnerDocument document)
    {
        if (document.TimeZone is { } own) return ReadTimeZone(document, nameof(document.TimeZone), own);
        var company = document.Companies.Count > 0 ? _document.Companies.GetValueOrDefault(document.Companies[0]) : null;
        return company is not null && TimeZoneInfo.TryFindSystemTimeZoneById(company.TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;
    }

    private TimeZoneInfo ReadTimeZone(object owner, string member, string name)
    {
        // Names of Windows' are found too, but not on every host.
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId && zone.Id == name) return zone;
        Error("GW2055", Places.Of(owner, member), $"there is no time zone '{name}'", Nearest.Cure(name, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)));
        return TimeZoneInfo.Utc;
    }

    /// <summary>Those of the names that are declared; the others are reported, but for those whose declaration can't be read.</summary>
    private List<string> Known<T>(IReadOnlyList<string> names, IReadOnlyDictionary<string, T> declared, string code, string what, string section)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (!declared.ContainsKey(names[i]) && !Places.Has(declared, names[i]))
                Error(code, Places.Of(names, i.ToString(CultureInfo.InvariantCulture)), $"there is no {what} '{names[i]}'", $"declare it under {section}; {Nearest.Cure(names[i], declared.Keys)}");
        }
        return [.. names.Where(declared.ContainsKey)];
    }

    private List<string> Scopes(IReadOnlyList<string> names) => Known(names, _document.Scopes, "GW2050", "scope", "scopes");

    private void ReadConsumer(Partner partner, string name, ConsumerDocument document, Place place)
    {
        if (!_owners.TryAdd(name, partner.Name))
            Error("GW2006", place, $"the consumer '{name}' belongs to the partner {_owners[name]} already", $"names are unique over all partners: {partner.Name}-{name}");
        for (var i = 0; i < document.Subjects.Count; i++) CheckSubject(document.Subjects, i, name);
        List<ConsumerRole> roles = [.. Known(document.Roles, _document.Roles, "GW5061", "role", "roles").Select(r => _roles[r])];
        CheckDevice(name, document, place);
        _consumers.Add(new Consumer(name, partner)
        {
            Kind = document.Kind,
            Location = document.Location,
            KeyHashes = [.. document.Keys.Select(k => Hash(k, name) is { } hash ? new KeyHash(hash, k.Expires) : (KeyHash?)null).OfType<KeyHash>()],
            SignatureKeys = _signatureKeys.Read(document.SignatureKeys, name),
            Subjects = document.Subjects,
            Certificates = _certificates.Read(document.Certificates, name),
            Roles = roles,
            Scopes = Scopes(document.Scopes).Concat(roles.SelectMany(r => r.Scopes)).ToFrozenSet(),
        });
    }

    /// <summary>A device is lost one day: what it may is bound to a place, and ends by itself.</summary>
    private void CheckDevice(string name, ConsumerDocument document, Place place)
    {
        if (document.Kind != ConsumerKind.Device) return;
        if (string.IsNullOrEmpty(document.Location))
            Error("GW5070", place, $"the device '{name}' stands nowhere", "add location: CODE, of the warehouse or shop it belongs to");
        foreach (var key in document.Keys.Where(k => k.Expires is null))
            Error("GW5071", Places.Of(key), $"the key of the device '{name}' never ends", "add expires: YYYY-MM-DD");
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
        _webhooks.Check(document, document.Url, document.Secrets);
        if (document.When is { } when && EventCondition.Compile(when).Wrong is var (message, cure))
            Error("GW5360", Places.Of(document, nameof(document.When)), $"the condition of this webhook can't be judged: {message}", cure);
        if (document.Mapping is { } mapping && EventMapping.Compile(mapping).Wrong is var (broken, repair))
            Error("GW5361", Places.Of(document, nameof(document.Mapping)), $"the mapping of this webhook can't be run: {broken}", repair);
        _subscriptions.Add(new Subscription(name, partner.Name, document.Url, document.Events)
        {
            Secrets = document.Secrets,
            Schedule = document.Retry,
            Timeout = document.Timeout,
            Concurrency = document.Concurrency,
            Rate = document.Rate,
            Order = document.Order,
            Mode = document.Mode,
            Budget = document.Budget,
            When = document.When,
            Mapping = document.Mapping,
        });
    }

    private void Error(string code, Place place, string message, string cure) =>
        _diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
