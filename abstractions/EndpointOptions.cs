using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway;

/// <summary>Where a partner takes one kind of document in an API of its own, and how it treats repeats.</summary>
public sealed record EndpointOptions
{
    [Description("Where documents are sent to. https, and outside of our own network, unless the backend says allowInside.")]
    public required Uri Url { get; init; }

    [Description("put: to the address with the document's id behind it. post: to the address.")]
    public EndpointMethod Method { get; init; }

    [Description("How the gateway signs in there; without it, it shows nothing.")]
    public CredentialOptions? Credential { get; init; }

    [Description("Authorities that the endpoint's certificate must come from, in PEM, by reference: secret://file/PATH. Default: those of the machine.")]
    public Secret? Authorities { get; init; }

    [Description("The partner answers a repeat of the same Idempotency-Key as it answered the first, and does nothing again. A call whose answer was lost is sent again.")]
    public bool KnowsRepeats { get; init; }

    [Description("Path of a GET that tells what became of a document, with {id} for its id: /documents/{id}. 404 and 410 mean that it never arrived.")]
    [RegularExpression(@"^/[^?#{}]*\{id\}[^#{}]*$")]
    public string? ReadBack { get; init; }
}

public enum EndpointMethod
{
    Post,
    Put,
}
