using System.ComponentModel;

namespace Gateway.Policies.Authenticate.Webhooks;

public sealed record WebhookOptions : WayOptions
{
    private const int LeastPathSecret = 16;

    [Description("standard: Standard Webhooks v1 (webhook-id, webhook-timestamp, webhook-signature). easypost: X-Hmac-Signature, an HMAC over the body. secretPath: a part of the path is the secret, as Odoo's automation rules send it.")]
    public required WebhookScheme Scheme { get; init; }

    [Description("Whose webhooks they are: the consumer that they stand for.")]
    public required string Consumer { get; init; }

    [Description("Secrets, by reference; several hold at once while one replaces the other.")]
    public required IReadOnlyList<Secret> Secrets { get; init; }

    [Description("With secretPath: the parameter of the route's path that is the secret.")]
    public string? Parameter { get; init; }

    internal override string Challenge => $"Webhook realm=\"gateway\", scheme=\"{Name}\"";

    internal override bool NeedsBytes => Scheme != WebhookScheme.SecretPath;

    public override IEnumerable<string> Headers => Scheme switch { WebhookScheme.Standard => [WebhookSignature.SignatureHeader], WebhookScheme.Easypost => [EasyPostSignature.Header], _ => [] };

    private string Name => Scheme switch { WebhookScheme.Standard => "standard", WebhookScheme.Easypost => "easypost", _ => "secretPath" };

    private string Demand => Scheme switch
    {
        WebhookScheme.Standard => "a webhook signed by Standard Webhooks v1",
        WebhookScheme.Easypost => $"a webhook with an HMAC in {EasyPostSignature.Header}",
        _ => $"a webhook whose path has the secret as {{{Parameter}}}",
    };

    internal override IEnumerable<SurfaceCredential> Credentials(PolicyScope scope) => [new SurfaceCredential.Webhook(Name, Consumer, Demand)
    {
        Header = Scheme switch { WebhookScheme.Standard => WebhookSignature.SignatureHeader, WebhookScheme.Easypost => EasyPostSignature.Header, _ => null },
        Parameter = Scheme == WebhookScheme.SecretPath ? Parameter : null,
    }];

    internal override string Explain(Consumer? consumer) => $"{Demand}, as {Consumer}{(consumer is null || consumer.Name == Consumer ? "" : $", which {consumer.Name} is not")}";

    internal override WayIn Open(PolicyScope scope)
    {
        var consumer = scope.Consumers.FirstOrDefault(c => c.Name == Consumer);
        if (consumer is null)
            scope.Error("GW5084", scope.PlaceOf(this, nameof(Consumer)), $"there is no consumer '{Consumer}'", Nearest.Cure(Consumer, scope.Consumers.Select(c => c.Name)));
        var secrets = Secrets.Select(scope.Outside.ValueOf).Where(secret => secret.Length > 0).ToList();
        CheckSecrets(scope, secrets);
        if (Scheme == WebhookScheme.SecretPath) CheckParameter(scope);
        else if (Parameter is not null)
            scope.Error("GW5086", scope.PlaceOf(this, nameof(Parameter)), $"'parameter' has no meaning with {Name}: its proof stands in a header", "remove it");
        consumer ??= new Consumer(Consumer, new Partner("-", "-"));
        return Scheme switch
        {
            WebhookScheme.Standard => new StandardWebhookWay(consumer, secrets, Signatures.SignatureKeys.Memory(scope, consumer), scope.Clock),
            WebhookScheme.Easypost => new EasyPostWay(consumer, secrets),
            _ => new SecretPathWay(consumer, secrets, Parameter ?? ""),
        };
    }

    private void CheckSecrets(PolicyScope scope, IReadOnlyList<string> secrets)
    {
        var place = scope.PlaceOf(this, nameof(Secrets));
        if (Secrets.Count == 0) scope.Error("GW5085", place, "webhooks have no secret, so none of them would be let in", "add secrets: [secret://env/NAME]");
        if (Scheme == WebhookScheme.Standard && secrets.Any(secret => !WebhookSignature.IsSecret(secret)))
            scope.Error("GW5085", place, "a secret is none of Standard Webhooks", "a secret is whsec_ and 24 to 64 bytes in base64");
        if (Scheme == WebhookScheme.SecretPath && secrets.Any(secret => !IsPathSecret(secret)))
            scope.Error("GW5085", place, "a secret can't stand in a path, or is easily guessed", $"use {LeastPathSecret} or more letters, digits, '-', '.', '_' or '~'");
    }

    private static bool IsPathSecret(string secret) => secret.Length >= LeastPathSecret && secret.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~');

    /// <summary>The secret stays here: a backend's path and what an operation is called with must do without it.</summary>
    private void CheckParameter(PolicyScope scope)
    {
        var place = scope.PlaceOf(this, nameof(Parameter));
        if (Parameter is null || !scope.PathParameters.Contains(Parameter))
            scope.Error("GW5086", place, Parameter is null ? "secretPath does not say which part of the path is the secret" : $"the path has no parameter '{Parameter}'", Parameter is null ? "add parameter: and the name of a parameter of the path" : Nearest.Cure(Parameter, scope.PathParameters));
        else if (scope.Target is PlanTarget.Forward { Path: null })
            scope.Error("GW5086", place, "the request would be forwarded with the secret in its path", "add path: to the target, without the secret");
        else if (scope.Target is PlanTarget.Forward { Path: { } path } && path.Contains($"{{{Parameter}}}", StringComparison.Ordinal))
            scope.Error("GW5086", place, $"the path at the backend would show the secret: {path}", "take it out of the target's path");
    }
}

/// <summary>How a system proves that a webhook is its own.</summary>
public enum WebhookScheme
{
    /// <summary>Standard Webhooks 1.0.0, symmetric.</summary>
    Standard,

    /// <summary>EasyPost's: HMAC-SHA256 over the body.</summary>
    Easypost,

    /// <summary>A secret that is a part of the path.</summary>
    SecretPath,
}
