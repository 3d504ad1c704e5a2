using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>backends</c>: how a running gateway's backends are: what is under way and waits there, and how their circuits stand.</summary>
internal static class BackendsCommand
{
    public static Command Create()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var command = new Command("backends", "Shows a running gateway's backends: what is under way and waits there, and how their circuits stand.") { admin, token, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/backends", cancellation: cancellation);
            if (answer is not JsonArray backends) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else foreach (var backend in backends) Console.WriteLine(Line(backend!));
            return code;
        }));
        return command;
    }

    /// <summary><c>odoo  circuit open since 2026-11-29T08:12:00Z, 12 s more; 2 running, 3 waiting (acme 2, globex 1)</c></summary>
    internal static string Line(JsonNode backend)
    {
        var circuits = backend["circuits"]!.AsArray().Select(circuit => Circuit(circuit!));
        return $"{backend["name"]}  {string.Join("; ", [.. circuits, .. Gate(backend["gate"]), .. Endpoints(backend["endpoints"])])}".TrimEnd();
    }

    private static string Circuit(JsonNode circuit) =>
        "circuit " + ((string?)circuit["destination"] is { } destination ? $"of {destination} " : "") + circuit["state"]
        + (circuit["since"] is { } since ? $" since {since}" : "") + (circuit["openForSeconds"] is { } open ? $", {open} s more" : "");

    /// <summary>Of those that have nothing under way, nothing is said.</summary>
    private static IEnumerable<string> Endpoints(JsonNode? endpoints) => endpoints is null ? [] : endpoints.AsArray()
        .Where(e => (int)e!["gate"]!["running"]! > 0 || e["gate"]!["waiting"]!.AsObject().Count > 0 || e["gate"]!["closedForSeconds"] is not null)
        .Select(e => $"endpoint of {e!["partner"]}: {string.Join(", ", Gate(e["gate"]))}");

    private static IEnumerable<string> Gate(JsonNode? gate)
    {
        if (gate is null) yield break;
        var waiting = gate["waiting"]!.AsObject();
        var whose = string.Join(", ", waiting.Select(line => $"{(line.Key.Length > 0 ? line.Key : "first")} {line.Value}"));
        yield return $"{gate["running"]} running, {waiting.Sum(line => (int)line.Value!)} waiting{(whose.Length > 0 ? $" ({whose})" : "")}";
        if (gate["closedForSeconds"] is { } closed) yield return $"left alone for {closed} s, as it asked";
    }
}
