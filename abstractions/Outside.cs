namespace Gateway;

/// <summary>
/// The way out: every connection to a backend, its authorization server or a token issuer is made through it, and it says which keys of consumers hold. The gateway
/// uses the network and the keys that were declared; cases put doubles in their place.
/// </summary>
public class Outside
{
    /// <summary>The world as it is.</summary>
    public static readonly Outside World = new();

    /// <summary>What sends requests to a backend of the workspace.</summary>
    /// <param name="connections">Makes the connections that the adapter would use.</param>
    public virtual HttpMessageHandler Backend(string name, Func<HttpMessageHandler> connections) => connections();

    /// <summary>What asks a backend's authorization server for tokens.</summary>
    public virtual HttpMessageHandler Tokens(string backend, Func<HttpMessageHandler> connections) => connections();

    /// <summary>The value of a secret that was not looked for; empty.</summary>
    public virtual string Unknown(Secret secret) => "";

    /// <summary>What fetches the keys of a token issuer; null for connections of its own.</summary>
    public virtual HttpMessageHandler? Issuer(string name, IssuerOptions declared) => null;

    /// <summary>A consumer with the keys that hold.</summary>
    public virtual Consumer Known(Consumer declared) => declared;
}
