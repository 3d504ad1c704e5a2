using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Keys;

namespace Gateway.Cli;

/// <summary><c>keys list|issue|rotate|revoke</c>: the API keys that a running gateway has issued; <c>keys make</c>: one for the workspace, without a gateway.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Issues API keys of consumers on a running gateway, rotates them, and takes them back.")
    {
        List(),
        Issue(),
        Rotate(),
        Revoke(),
        Make(),
    };

    private static Command List()
    {
        var (admin, token, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Format());
        var consumer = new Option<string?>("--consumer") { Description = "Only this consumer's." };
        var command = new Command("list", "Keys that were issued, newest first: never the keys themselves.") { admin, token, consumer, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var query = parsed.GetValue(consumer) is { } wanted ? $"?consumer={Uri.EscapeDataString(wanted)}" : "";
            var (code, answer) = await client.SendAsync(HttpMethod.Get, "/keys" + query, cancellation: cancellation);
            if (answer is not JsonArray keys) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else foreach (var key in keys) Console.WriteLine(Line(key!));
            return code;
        }));
        return command;
    }

    private static Command Issue()
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var consumer = new Option<string>("--consumer") { Description = "Who comes with it: a consumer of the workspace.", Required = true };
        var scopes = new Option<string[]>("--scopes") { Description = "What it may do at most. Default: all that its consumer may.", AllowMultipleArgumentsPerToken = true };
        var expires = Expires("Default: 365d.");
        var command = new Command("issue", "Issues a key, and shows it: once.") { admin, token, consumer, scopes, expires, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var wish = new JsonObject { ["consumer"] = parsed.GetValue(consumer) };
            if (parsed.GetValue(scopes) is { Length: > 0 } narrow) wish["scopes"] = new JsonArray([.. narrow.Select(s => JsonValue.Create(s))]);
            if (parsed.GetValue(expires) is { } until) wish["expires"] = until;
            var (code, answer) = await client.SendAsync(HttpMethod.Post, "/keys", parsed.GetValue(reason), wish, cancellation);
            return Show(code, answer, parsed.GetValue(format));
        }));
        return command;
    }

    private static Command Rotate()
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var id = Id();
        var expires = Expires("Default: as long as the key that it replaces was for.");
        var overlap = new Option<string?>("--overlap") { Description = "How long the key that is replaced holds on: 12h, 7d, 2027-06-30. Default: 24h." };
        var command = new Command("rotate", "Issues a key in the place of another, which holds on for a while, and shows it: once.") { id, admin, token, overlap, expires, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var wish = new JsonObject();
            if (parsed.GetValue(overlap) is { } ends) wish["overlap"] = ends;
            if (parsed.GetValue(expires) is { } until) wish["expires"] = until;
            var (code, answer) = await client.SendAsync(HttpMethod.Post, Path(parsed.GetValue(id)!, "rotate"), parsed.GetValue(reason), wish, cancellation);
            return Show(code, answer, parsed.GetValue(format));
        }));
        return command;
    }

    private static Command Revoke()
    {
        var (admin, token, reason, format) = (AdminClient.Address(), AdminClient.Token(), AdminClient.Reason(), AdminClient.Format());
        var id = Id();
        var command = new Command("revoke", "Takes a key back: the next request that comes with it is refused.") { id, admin, token, reason, format };
        command.SetAction((parsed, cancellation) => AdminClient.RunAsync(parsed.GetValue(admin)!, parsed.GetValue(token), async client =>
        {
            var (code, answer) = await client.SendAsync(HttpMethod.Post, Path(parsed.GetValue(id)!, "revoke"), parsed.GetValue(reason), cancellation: cancellation);
            if (answer is null) return code;
            if (parsed.GetValue(format) == AdminFormat.Json) AdminClient.Write(answer, Console.Out);
            else Console.WriteLine($"{answer["id"]} of {answer["consumer"]} is revoked");
            return code;
        }));
        return command;
    }

    private static Command Make()
    {
        var command = new Command("make", "Makes a key for the workspace, without a gateway: the key for its consumer, its hash for keys: in the partner's file.");
        command.SetAction(_ =>
        {
            var (_, key) = KeyText.New();
            Console.WriteLine($"key     {key}");
            Console.WriteLine($"sha256  {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}");
            return Commands.Fine;
        });
        return command;
    }

    private static int Show(int code, JsonNode? answer, AdminFormat format)
    {
        if (answer is null) return code;
        if (format == AdminFormat.Json)
        {
            AdminClient.Write(answer, Console.Out);
            return code;
        }
        Console.WriteLine(answer["key"]);
        Console.Error.WriteLine($"issued {Line(answer["issued"]!)}; it is shown this once");
        if (answer["replaced"] is { } replaced) Console.Error.WriteLine($"replaces {Line(replaced)}");
        return code;
    }

    private static string Line(JsonNode key)
    {
        var scopes = key["scopes"] is JsonArray some ? string.Join(' ', some.Select(s => (string?)s)) : "all scopes of its consumer";
        return $"{key["id"]}  {(string?)key["state"],-8}  {key["consumer"]}  {scopes}  expires {key["expiresAt"] ?? "never"}  last used {key["lastUsedAt"] ?? "never"}";
    }

    private static Argument<string> Id() => new("id") { Description = "As keys list shows it: the 12 characters after gwk_." };

    private static Option<string?> Expires(string otherwise) => new("--expires") { Description = $"When it ends: 90d, 12h, 2027-06-30, or never. {otherwise}" };

    private static string Path(string id, string verb) => $"/keys/{Uri.EscapeDataString(id)}/{verb}";
}
