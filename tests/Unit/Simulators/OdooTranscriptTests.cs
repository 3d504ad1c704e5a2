using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Unit.Simulators;

/// <summary>The simulator answers as the recorded server did: status, members, kinds of values, and the values that don't depend on its data.</summary>
public sealed class OdooTranscriptTests(TranscriptReplay replay) : IClassFixture<TranscriptReplay>
{
    /// <summary>Members whose values are the recorded server's own: ids, names, times, its stock and its company.</summary>
    private static readonly HashSet<string> OfItsOwn =
    [
        "id", "ids", "res_id", "name", "display_name", "origin", "write_date", "create_date", "date_order", "date_done",
            "scheduled_date", "in_date", "credit",
        "qty_available", "free_qty", "virtual_available", "incoming_qty", "outgoing_qty", "ref", "invoice_origin",
        "invoice_date", "invoice_date_due", "payment_reference", "available_quantity", "reserved_quantity", "code",
        "default_partner_id", "default_partner_shipping_id",
    ];

    /// <summary>Transcripts whose records were made by earlier calls, of which only the shape can be held.</summary>
    private static readonly HashSet<string> ShapeOnly = ["079", "081", "082", "404", "470", "471"];

    /// <summary>Members that are filled in one database and empty in the other.</summary>
    private static readonly HashSet<string> FilledOrNot = ["barcode"];

    public static TheoryData<string> Files => [.. Transcript.All().Select(transcript => transcript.File).DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Answers_as_recorded(string file)
    {
        SharedFiles.TranscriptsOrSkip();
        var (recorded, status, contentType, body) = replay.Answers[file];
        Assert.True(recorded.Status == status,
            $"recorded {recorded.Status}, answered {status}: {body[..Math.Min(400, body.Length)]}");
        if (recorded.RawAnswer is not null)
        {
            Assert.Equal(("text/html", recorded.RawAnswer), (contentType, body));
            return;
        }
        Assert.Equal("application/json", contentType);
        var differences = new List<string>();
        Compare("$", "", recorded.Answer, JsonNode.Parse(body), differences, recorded);
        Assert.True(differences.Count == 0, string.Join('\n', differences) + "\n" + body[..Math.Min(1500, body.Length)]);
    }

    private void Compare(string at, string member, JsonNode? recorded, JsonNode? ours, List<string> differences,
        Transcript transcript)
    {
        if (FilledOrNot.Contains(member))
            return;
        switch (recorded, ours)
        {
            case (JsonObject left, JsonObject right):
                var (wanted, given) = (left.Select(pair => pair.Key).ToHashSet(), right.Select(pair => pair.Key)
                    .Where(name => name != "debug").ToHashSet());
                if (!wanted.SetEquals(given))
                    differences.Add($"{at}: members {string.Join(',', wanted.Except(given))} are missing, {string.Join(',', given.Except(wanted))} are new");
                if (transcript.Status >= 400 && at == "$" && right["debug"]?.GetValueKind() is not JsonValueKind.String)
                    differences.Add($"{at}: an error has a traceback in debug");
                foreach (var (name, value) in left)
                    if (given.Contains(name))
                        Compare($"{at}.{name}", name, value, right[name], differences, transcript);
                break;
            case (JsonArray left, JsonArray right):
                if (left.Count != right.Count && !(at == "$" && ShapeOnly.Contains(transcript.File[..3])))
                    differences.Add($"{at}: {left.Count} items recorded, {right.Count} answered");
                for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
                    Compare($"{at}[{i}]", IsManyToOne(left) ? "id" : member, left[i], right[i], differences, transcript);
                break;
            default:
                if (Kind(recorded) != Kind(ours))
                    differences.Add($"{at}: recorded {recorded?.ToJsonString() ?? "null"}, answered {ours?.ToJsonString() ?? "null"}");
                else if (!ShapeOnly.Contains(transcript.File[..3]) && !OfItsOwn.Contains(member) && !IsBareId(at, recorded)
                    && Text(recorded, transcript) != Text(ours, transcript))
                    differences.Add($"{at}: recorded {recorded!.ToJsonString()}, answered {ours!.ToJsonString()}");
                else if (transcript.Status >= 400 && Text(recorded, transcript) != Text(ours, transcript))
                    differences.Add($"{at}: recorded {recorded!.ToJsonString()}, answered {ours!.ToJsonString()}");
                break;
        }
    }

    private string? Text(JsonNode? value, Transcript transcript) =>
        value is null ? null : replay.InOurIds(transcript.Path.Split('/')[3], value.GetValueKind() is JsonValueKind.String
            ? value.GetValue<string>() : value.ToJsonString());

    /// <summary>Whole numbers and floats are told apart as Python writes them, and so are times and other texts.</summary>
    private static string Kind(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Number => value.ToJsonString().Contains('.') ? "float" : "integer",
        JsonValueKind.String => System.Text.RegularExpressions.Regex.IsMatch(value.GetValue<string>(),
            @"^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$") ? $"time of {value.GetValue<string>().Length}" : "text",
        var kind => kind.Value.ToString(),
    };

    private static bool IsManyToOne(JsonArray array) =>
        array.Count == 2 && Kind(array[0]) == "integer" && Kind(array[1]) == "text";

    /// <summary>Ids in bare lists, and a count, are the recorded database's own.</summary>
    private static bool IsBareId(string at, JsonNode? value) => Kind(value) == "integer" && (at.EndsWith(']') || at == "$");
}
