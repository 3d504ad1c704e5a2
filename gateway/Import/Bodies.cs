using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Import;

/// <summary>Bodies of requests and answers as contracts, where they are JSON.</summary>
internal sealed class Bodies(Specification specification, Contracts contracts)
{
    private static readonly string[] MethodsWithBody = ["POST", "PUT", "PATCH"];

    public RequestDraft Request(Part operation, string method, string name, Action<NoteKind, string> tell)
    {
        var none = new RequestDraft(null, []);
        if (operation["requestBody"].Node is null) return none;
        var (body, problem) = specification.Follow(operation["requestBody"]);
        var types = body["content"].Members.ToList();
        if (problem is not null || types.Count == 0) return None($"the body is not checked: {problem ?? "nothing is said about it"}");
        var json = types.Where(t => IsJson(t.Name)).ToList();
        var others = types.Except(json).Select(t => t.Name).ToList();
        if (!MethodsWithBody.Contains(method)) return None($"the body is not checked: a {method} has none that the gateway reads");
        if (json.Count == 0) return None($"the body is not checked: it is no JSON but {string.Join(", ", others)}");
        if (SchemaOf(json, $"{name}.request", Direction.Request) is not { } contract) return None("the body is not checked: the document lets it be anything");
        if (others.Count > 0) tell(NoteKind.Stricter, $"bodies must be JSON; the document takes {string.Join(", ", others)} too");
        var declared = json.Select(t => Bare(t.Name)).Where(t => !IsTakenAnyway(t) && !t.Contains('*')).Distinct();
        return new RequestDraft(contract, [.. declared], Optional: !body.Flag("required"));

        RequestDraft None(string why)
        {
            tell(NoteKind.NotChecked, why);
            return none;
        }
    }

    public AnswersDraft Answers(Part operation, string method, string name, Action<NoteKind, string> tell)
    {
        var statuses = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? success = null;
        var written = operation["responses"].Members.Where(r => !r.Name.StartsWith("x-", StringComparison.Ordinal)).ToList();
        var anySuccess = written.Any(r => r.Name.StartsWith('2'));
        foreach (var (status, response) in method == "HEAD" ? [] : written)
        {
            var range = status.ToUpperInvariant();
            // 401, 403, 407 and all of 5xx become problems of the gateway; what the backend wrote into them stays inside.
            if (range is "401" or "403" or "407" || range[0] is '1' or '5') continue;
            var (found, problem) = specification.Follow(response);
            var isSuccess = range == "2XX" || (range == "DEFAULT" && !anySuccess);
            var isStatus = int.TryParse(range, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 200 and <= 499;
            if (problem is not null) tell(NoteKind.NotChecked, $"the answer {status} is not checked: {problem}");
            else if (found["content"].Members.Any() && !isSuccess && !isStatus)
                tell(NoteKind.NotChecked, $"answers of {status} are not checked: a contract belongs to one status, or to all successes");
            else if (ContractOf(found, $"{name}.{(isStatus ? status : "success")}", status, tell) is { } contract)
            {
                if (isSuccess) success ??= contract;
                else statuses[status] = contract;
            }
        }
        return new AnswersDraft(success, statuses);
    }

    private string? ContractOf(Part response, string wished, string status, Action<NoteKind, string> tell)
    {
        var types = response["content"].Members.ToList();
        var json = types.Where(t => IsJson(t.Name)).ToList();
        var names = string.Join(", ", types.Select(t => t.Name));
        if (types.Count > 0 && json.Count == 0) tell(NoteKind.NotChecked, $"the answer {status} is not checked: it is no JSON but {names}");
        else if (json.Count < types.Count) tell(NoteKind.NotChecked, $"the answer {status} is not checked: it may be {names}, and a contract takes JSON only");
        else if (json.Count > 0) return SchemaOf(json, wished, Direction.Response);
        return null;
    }

    /// <summary>The contract of what several media types say; a contract does not see which of them a body has.</summary>
    private string? SchemaOf(List<(string Name, Part Part)> types, string wished, Direction direction)
    {
        var schemas = types.Select(t => t.Part["schema"]).Where(s => s.Node is not null).ToList();
        if (schemas.Count < types.Count) return null;
        schemas = [.. schemas.Where((s, i) => !schemas.Take(i).Any(other => JsonNode.DeepEquals(other.Node, s.Node)))];
        if (schemas is [var single]) return contracts.Inline(wished, single, direction);
        return contracts.Add(wished, new JsonObject { ["anyOf"] = new JsonArray([.. schemas.Select(s => contracts.Convert(s, direction))]) });
    }

    /// <summary>application/json, anything with the suffix +json (RFC 6839), and older names of JSON; a wildcard takes JSON as well.</summary>
    private static bool IsJson(string type)
    {
        type = Bare(type);
        return type is "*/*" or "application/*" or "application/json" or "text/json" or "application/x-json" || type.EndsWith("+json", StringComparison.Ordinal)
            || (type.StartsWith("application/vnd.", StringComparison.Ordinal) && type.EndsWith(".json", StringComparison.Ordinal));
    }

    private static bool IsTakenAnyway(string type) =>
        type == "application/json" || (type.StartsWith("application/", StringComparison.Ordinal) && type.EndsWith("+json", StringComparison.Ordinal));

    /// <summary>Without parameters, in small letters: media types do not tell them apart (RFC 9110 section 8.3.1).</summary>
    private static string Bare(string type) => type.Split(';')[0].Trim().ToLowerInvariant();
}
