namespace Gateway;

/// <summary>
/// What a route promises its callers, told at load by its target and by each of its policies: where OpenAPI and the checks of the body's
/// media type read it. Filled by the compiler, read by everybody else.
/// </summary>
public sealed class Surface
{
    /// <summary>Contract of the body: <c>order@1</c>; null where the body is not governed.</summary>
    public string? Request { get; set; }

    /// <summary>Whether a request may come without a body.</summary>
    public bool BodyOptional { get; set; }

    /// <summary>Media types taken for the body beside JSON, in lower case, without parameters.</summary>
    public IReadOnlyCollection<string> MediaTypes { get; set; } = [];

    /// <summary>What is taken and given beyond or short of the safe defaults.</summary>
    public Protection Protection { get; set; } = Protection.Default;

    /// <summary>Contracts of parameters by where they stand: <c>path</c>, <c>query</c>, <c>header</c>. Each describes one object.</summary>
    public SortedDictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>Headers that the policies read, beside the contracts.</summary>
    public List<SurfaceHeader> RequestHeaders { get; } = [];

    /// <summary>Contracts of answers by status; <see cref="AnySuccess"/> for every success without one of its own.</summary>
    public SortedDictionary<string, string> Responses { get; } = new(StringComparer.Ordinal);

    /// <summary>Media type of a success.</summary>
    public string AnswerType { get; set; } = Answer.JsonType;

    /// <summary>Media types that a success has where a caller asks for them by <c>Accept</c>.</summary>
    public List<string> OtherAnswerTypes { get; } = [];

    /// <summary>Statuses of success that the target gives.</summary>
    public SortedSet<int> Successes { get; } = [];

    /// <summary>The contracts only report: what breaks them passes.</summary>
    public bool Reports { get; set; }

    /// <summary>The contract of an answer's body; null where it has none. A 204 and a 205 are successes without a body.</summary>
    public string? ResponseOf(int status) =>
        Responses.TryGetValue(status.ToString(System.Globalization.CultureInfo.InvariantCulture), out var exact) ? exact
        : status is >= 200 and < 300 and not (204 or 205) ? Responses.GetValueOrDefault(AnySuccess)
        : null;

    /// <summary>Headers that every answer carries, or every answer of <see cref="SurfaceHeader.Status"/>.</summary>
    public List<SurfaceHeader> AnswerHeaders { get; } = [];

    /// <summary>Ways to tell who calls; one of them is enough. Empty: nobody is asked.</summary>
    public List<SurfaceCredential> Credentials { get; } = [];

    /// <summary>A part of the path is a secret of a caller's.</summary>
    public bool HidesPath => Credentials.Exists(way => way.Parts.Any(part => part is SurfaceCredential.Webhook { Parameter: not null }));

    /// <summary>Scopes that a caller needs, all of them.</summary>
    public SortedSet<string> Scopes { get; } = new(StringComparer.Ordinal);

    /// <summary>Roles of which a caller needs one; empty where none is needed.</summary>
    public SortedSet<string> Roles { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// There are objects that some callers must not know of: what is not there, and what they must not know of, gets one answer
    /// (<see cref="Refusal.NothingThere"/>).
    /// </summary>
    public bool HidesObjects { get; set; }

    /// <summary>How a call may be refused, beside what may happen to any.</summary>
    public SortedSet<Failure> Failures { get; } = [];

    /// <summary>Key in <see cref="Responses"/>: any status of success that has no contract of its own (OpenAPI 3.1 section 4.8.16).</summary>
    public const string AnySuccess = "2XX";
}

/// <summary>A header as callers see it.</summary>
/// <param name="Example">A value as it may look.</param>
public sealed record SurfaceHeader(string Name, string Description, string Example, bool Required = false)
{
    /// <summary>The one status whose answers carry it; null for all.</summary>
    public int? Status { get; init; }

    /// <summary>Only answers of success carry it.</summary>
    public bool OnSuccess { get; init; }

    /// <summary>Whether answers of a status carry it.</summary>
    public bool IsOn(int status) => (Status is null || Status == status) && (!OnSuccess || status < 300);
}

/// <summary>One way to tell who calls.</summary>
public abstract record SurfaceCredential
{
    /// <summary>For people: <c>an API key in X-Api-Key</c>.</summary>
    public abstract string Text { get; }

    /// <summary>The single credentials that it takes, all of them.</summary>
    public virtual IEnumerable<SurfaceCredential> Parts => [this];

    /// <summary>An API key in a header.</summary>
    public sealed record ApiKey(string Header) : SurfaceCredential
    {
        public override string Text => $"an API key in {Header}";
    }

    /// <summary>A token (RFC 6750) of an OpenID provider.</summary>
    public sealed record Token(string Issuer, Uri Address) : SurfaceCredential
    {
        /// <summary>Whether a discovery document lies under its address.</summary>
        public bool IsDiscovered { get; init; } = true;

        public override string Text => $"tokens of {Issuer}, {Address}";
    }

    /// <summary>A client certificate (RFC 8446 section 4.4.2) of an authority.</summary>
    public sealed record Certificate(string Authority) : SurfaceCredential
    {
        public override string Text => $"client certificates of {Authority}";
    }

    /// <summary>A signature over the request, by a key of the consumer's.</summary>
    /// <param name="Header">The header that carries it.</param>
    /// <param name="Demand">What it must be and cover, for people.</param>
    public sealed record Signature(string Header, string Demand) : SurfaceCredential
    {
        /// <summary>The one algorithm of keys that are taken; null for all of RFC 9421's registry.</summary>
        public string? Algorithm { get; init; }

        public override string Text => $"{Demand}, in {Header}";
    }

    /// <summary>What a system that sends webhooks proves itself with; it stands for one consumer.</summary>
    /// <param name="Scheme">How: <c>standard</c>, <c>easypost</c>, <c>secretPath</c>.</param>
    public sealed record Webhook(string Scheme, string Consumer, string Demand) : SurfaceCredential
    {
        /// <summary>The header that carries it; null where it stands in the path.</summary>
        public string? Header { get; init; }

        /// <summary>The parameter of the path that is the secret; null where a header carries the proof.</summary>
        public string? Parameter { get; init; }

        public override string Text => $"{Demand}, as {Consumer}";
    }

    /// <summary>Two credentials at once.</summary>
    public sealed record Both(SurfaceCredential One, SurfaceCredential Other) : SurfaceCredential
    {
        public override string Text => $"{One.Text}, with {Other.Text}";

        public override IEnumerable<SurfaceCredential> Parts => One.Parts.Concat(Other.Parts);
    }
}
