using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Gateway.Cases.Routes;

/// <summary>The file beside routes that proves them: <c>routes/orders.tests.yaml</c>.</summary>
public sealed record RouteCasesDocument
{
    [Description("The moment at which every case begins.")]
    public DateTimeOffset At { get; init; } = new(2027, 1, 1, 9, 0, 0, TimeSpan.Zero);

    [Description("What backends answer in every case, as often as they are asked; a case may say otherwise.")]
    public IReadOnlyDictionary<string, IReadOnlyList<CallDocument>> Backends { get; init; } = new Dictionary<string, IReadOnlyList<CallDocument>>();

    [Description("The cases, each on a gateway of its own.")]
    public required IReadOnlyList<RouteCaseDocument> Cases { get; init; }
}

/// <summary>One case: a gateway of its own, and one step or several.</summary>
public sealed record RouteCaseDocument : StepDocument
{
    [Description("What the case shows, as a sentence.")]
    public required string Name { get; init; }

    [Description("What backends answer in this case, before what the file says.")]
    public IReadOnlyDictionary<string, IReadOnlyList<CallDocument>> Backends { get; init; } = new Dictionary<string, IReadOnlyList<CallDocument>>();

    [Description("One after the other, on the same gateway; without it the case is one step itself.")]
    public IReadOnlyList<StepDocument> Steps { get; init; } = [];
}

/// <summary>A request, and all that must come of it; or only time that passes.</summary>
public record StepDocument
{
    [Description("What the step shows.")]
    public string? Step { get; init; }

    [Description("How much later than the step before.")]
    public TimeSpan? After { get; init; }

    [Description("At which moment, not before the step before.")]
    public DateTimeOffset? At { get; init; }

    [Description("Who calls; in a step, else the case's.")]
    public string? Consumer { get; init; }

    [Description("What the consumer shows; what the route takes of it, when left out.")]
    public CaseCredentials? Credentials { get; init; }

    [Description("Claims of the token beside those that name the consumer.")]
    public IReadOnlyDictionary<string, string> Claims { get; init; } = new Dictionary<string, string>();

    [Description("Method and path: GET /v1/items/DESK0005.")]
    public string? Request { get; init; }

    [Description("Headers of the request.")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [Description("The body as JSON.")]
    public JsonElement? Body { get; init; }

    [Description("The body as text, where it is no JSON, or other JSON than YAML can say.")]
    public string? Text { get; init; }

    [Description("How often the request is sent; what is expected holds for each.")]
    [Range(1, 100_000)]
    public int Times { get; init; } = 1;

    [Description("What the caller gets.")]
    public AnswerDocument? Answer { get; init; }

    [Description("What backends are asked, each once and in any order, beside what they answer anyway. No backend, or an empty list of one: nothing at all.")]
    public IReadOnlyDictionary<string, IReadOnlyList<CallDocument>>? Calls { get; init; }

    [Description("The events of this step, all of them.")]
    public IReadOnlyList<EventDocument>? Events { get; init; }
}

/// <summary>What a caller must get: what is not named may be anything.</summary>
public sealed record AnswerDocument
{
    [Description("The status of the answer.")]
    [Range(100, 599)]
    public int? Status { get; init; }

    [Description("The page of the problem's type: contract-broken.")]
    public string? Problem { get; init; }

    [Description("Pointers of the problem's errors, all of them: #/orderLines/0/quantity.")]
    public IReadOnlyList<string>? Pointers { get; init; }

    [Description("Headers that the answer must have.")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [Description("Headers that must not be there.")]
    public IReadOnlyList<string> Without { get; init; } = [];

    [Description("The whole body.")]
    public JsonElement? Body { get; init; }

    [Description("Members that the body must have, beside others.")]
    public JsonElement? Part { get; init; }
}

/// <summary>One request to a backend, and what it answers.</summary>
public sealed record CallDocument
{
    [Description("Method and path, with the query. Without it any request.")]
    public string? Request { get; init; }

    [Description("Headers that the request must have.")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [Description("Headers that the request must not have.")]
    public IReadOnlyList<string> Without { get; init; } = [];

    [Description("The request's whole body.")]
    public JsonElement? Body { get; init; }

    [Description("Members that the request's body must have, beside others.")]
    public JsonElement? Part { get; init; }

    [Description("What the backend answers: 200 and nothing, when left out.")]
    public BackendAnswerDocument Answer { get; init; } = new();

    [Description("Why there is no answer.")]
    public CallFailure? Fails { get; init; }
}

public sealed record BackendAnswerDocument
{
    [Description("The status of its answer.")]
    [Range(100, 599)]
    public int Status { get; init; } = 200;

    [Description("Headers of its answer.")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [Description("The body as JSON.")]
    public JsonElement? Body { get; init; }

    [Description("The body as text, where it is no JSON.")]
    public string? Text { get; init; }
}

public sealed record EventDocument
{
    [Description("The event's type: order.accepted.v1.")]
    public required string Type { get; init; }

    [Description("What it is about: the gateway's id of the object.")]
    public string? Subject { get; init; }

    [Description("The whole data.")]
    public JsonElement? Data { get; init; }

    [Description("Members that the data must have, beside others.")]
    public JsonElement? Part { get; init; }
}

/// <summary>Why a backend gives no answer.</summary>
public enum CallFailure
{
    /// <summary>No connection: the request is never sent.</summary>
    Refused,

    /// <summary>The request is sent, and time passes until the gateway gives up.</summary>
    Timeout,

    /// <summary>The request is sent, and the connection breaks.</summary>
    Broken,
}

/// <summary>What a caller shows of itself.</summary>
public enum CaseCredentials
{
    None,

    /// <summary>A key of the consumer.</summary>
    Key,

    /// <summary>A key of nobody.</summary>
    UnknownKey,

    /// <summary>A new token of the consumer's issuer, good for five minutes.</summary>
    Token,

    /// <summary>The token that the case sent last.</summary>
    SameToken,

    /// <summary>A token whose time is over.</summary>
    ExpiredToken,

    /// <summary>A token for somebody else's API.</summary>
    ForeignToken,

    /// <summary>A token that its issuer has not signed.</summary>
    ForgedToken,

    /// <summary>A good token that names nobody known.</summary>
    StrangersToken,

    /// <summary>An HTTP Message Signature by a key of the consumer's.</summary>
    Signature,

    /// <summary>A plain HMAC by a key of the consumer's.</summary>
    Hmac,

    /// <summary>What the system proves its webhooks with that the consumer stands for.</summary>
    Webhook,

    /// <summary>The proof that the route takes, by a key that is not the consumer's.</summary>
    ForgedSignature,

    /// <summary>The very proof that the case sent last.</summary>
    Replayed,
}
