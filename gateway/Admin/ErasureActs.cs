using System.Text.Json;

namespace Gateway.Admin;

/// <summary>What administrators do to the audit: what is about a person is erased. Erasing and its record are one transaction.</summary>
internal sealed class ErasureActs(IStore store)
{
    /// <summary>The person stands in the body, and nowhere else: not in the path, and not in the record.</summary>
    public async Task<Acted> EraseAsync(OperatorRequest request)
    {
        if (SubjectOf(request.Body) is not { Length: > 0 } person)
            return Acted.Refused(Failure.MalformedRequest, "Say who: subject in the body, an IP address, issuer/sub of a token, or an operator, as records name them.", "subject-missing");
        return Erased(await store.EraseAuditAsync(person, times => request.Record(Erased(times)), request.Aborted));
    }

    private static Acted Erased(int times) => new() { After = new { erased = times }, Answer = new { erased = times }, Recorded = true };

    private static string? SubjectOf(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.String ? subject.GetString() : null;
}
