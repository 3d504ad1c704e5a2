using Gateway.Configuration.Yaml;
using Gateway.Policies;

namespace Gateway.Configuration;

/// <summary>From what a target says of accepting to how it accepts.</summary>
internal sealed class AcceptReader(Places places, ICollection<Diagnostic> diagnostics)
{
    /// <summary>Null where all is called while the caller waits, and where something is wrong, which is reported.</summary>
    /// <param name="place">Where the operation is named.</param>
    public Accepting? Of(TargetDocument target, BackendOperation operation, Place place)
    {
        var always = target.Accept is not null;
        if (!always && target.WhenDown == WhenDown.Fail)
        {
            if (target.Accepted is not null) Error("GW5261", places.Of(target, nameof(target.Accepted)), "nothing is accepted here: what can't be sent fails", "write accept: in place of call:, or whenDown: accept; or remove accepted:");
            return null;
        }
        if (always && places.Has(target, nameof(target.WhenDown)))
            Error("GW5261", places.Of(target, nameof(target.WhenDown)), "whenDown says what becomes of calls, and nothing is called here while the caller waits", "remove whenDown:");
        if (!IsFit(target, operation, always ? place : places.Of(target, nameof(target.WhenDown)))) return null;
        var options = target.Accepted ?? new AcceptedDocument();
        var urgency = UrgencyOf(options);
        return new Accepting(always, options.Received ?? $"{target.Creates}.received.v1", options.Rejected ?? $"{target.Creates}.rejected.v1")
        {
            InOrderOf = options.InOrderOf,
            Urgency = urgency is null ? null : urgency.Of,
            UrgencyText = options.Urgency,
        };
    }

    /// <summary>Whoever is told "later" must be able to ask for it, and the gateway to find out what became of it.</summary>
    private bool IsFit(TargetDocument target, BackendOperation operation, Place place)
    {
        if (operation.Descriptor.Effect == Effect.Reads)
        {
            Error("GW5260", place, $"{operation.FullName} only reads, so there is nothing to do later", "call it");
            return false;
        }
        if (target.Creates is null || target.Object is not null)
        {
            Error("GW5260", place, "what is accepted is followed by its object, so it must create one", "write creates: KIND, without object:; or call the operation, and let it fail");
            return false;
        }
        if (operation.Descriptor.ReadsBack) return true;
        Error("GW5260", place, $"{operation.FullName} can't be asked what became of a call, so what is cut off on its way would wait for an operator", "call it while the caller waits");
        return false;
    }

    private RequestUrgency? UrgencyOf(AcceptedDocument options)
    {
        if (options.Urgency is not { } text) return null;
        var urgency = new RequestUrgency(text);
        if (urgency.Wrong is not { } wrong) return urgency;
        Error("GW5262", places.Of(options, nameof(options.Urgency)), $"the urgency can't be told: {wrong}", "write JSONata that gives a day, a time or a number: delivery.requestedDeliveryPeriod.startDate");
        return null;
    }

    private void Error(string code, Place place, string message, string cure) => diagnostics.Add(new Diagnostic(code, Severity.Error, place, message, cure));
}
