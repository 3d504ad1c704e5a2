using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Partners;

/// <summary>APIs of partners that all take one kind of document; where each is stands with the partner.</summary>
public sealed record PartnerOptions : BackendOptions
{
    /// <summary>Each partner has its own.</summary>
    [NotWritten]
    public override required Uri Url { get; init; } = Nowhere;

    [Description("Endpoints may be http, and in our own network: for trials, and for partners behind a private line.")]
    public bool AllowInside { get; init; }

    [Description("Longest answer taken, bytes.")]
    [Range(1, 64 << 20)]
    public int MaxAnswerBytes { get; init; } = 1 << 20;

    /// <summary>To each endpoint.</summary>
    public override int? UsuallyAtOnce => 16;

    /// <summary>RFC 6761 section 6.4: no name that anybody has.</summary>
    private static readonly Uri Nowhere = new("https://endpoints.invalid");
}

/// <summary>Sends a document to the API of the partner that it is for, once: with an Idempotency-Key of ours, and a read-back or repeats where the partner offers that.</summary>
public sealed class PartnerAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    public override string Name => "partner";

    public override string Summary => "Sends documents to partners' own APIs, each at its own address, with its own credential and circuit.";

    public override Type OptionsType => typeof(PartnerOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [DocumentSend.Description];

    public override Backend Open(string name, BackendOptions options, TimeProvider clock) => new PartnerBackend(name, (PartnerOptions)options, clock, logs, outside);
}
