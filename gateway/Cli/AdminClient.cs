using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary>
/// The admin port of a running gateway, as verbs call it. The operator's token comes from GATEWAY_TOKEN or by reference, never in clear from
/// the command line, which everybody on the machine can read.
/// </summary>
internal sealed class AdminClient(Uri admin, string? token) : IDisposable
{
    private const string TokenVariable = "GATEWAY_TOKEN";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = admin, Timeout = TimeSpan.FromSeconds(60) };

    public static Option<string> Address() => new("--admin")
    {
        Description = "Address of the gateway's admin port.",
        DefaultValueFactory = _ => "http://127.0.0.1:8081",
    };

    public static Option<string?> Token() => new("--token")
    {
        Description = $"Where the operator's token is: secret://env/NAME or secret://file/PATH. Default: the variable {TokenVariable}, which holds the token or such a reference.",
    };

    public static Option<string> Reason() => new("--reason") { Description = "Why, for the audit.", Required = true };

    public static Option<AdminFormat> Format() => new("--format") { CustomParser = Arguments.Word<AdminFormat>, Description = "text or json: the answer as it came.", DefaultValueFactory = _ => AdminFormat.Text };

    /// <summary>Calls the admin port, and says on standard error what kept it from an answer that is good.</summary>
    /// <param name="call">What to do; its exit code is the verb's.</param>
    /// <param name="reference">See <see cref="Token"/>.</param>
    public static async Task<int> RunAsync(string address, string? reference, Func<AdminClient, Task<int>> call)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var admin) || admin.Scheme is not ("http" or "https")) return Commands.Fail($"'{address}' is no address of an admin port; write http://127.0.0.1:8081");
        if (TokenOf(reference, out var wrong) is var token && wrong is not null) return Commands.Fail(wrong);
        if (token is not null && admin.Scheme == "http" && !admin.IsLoopback) await Console.Error.WriteLineAsync($"the token goes to {admin.Host} in clear; use https, or a tunnel");
        using var client = new AdminClient(admin, token);
        try
        {
            return await call(client);
        }
        catch (HttpRequestException unreachable)
        {
            return Commands.Fail($"the admin port at {admin} can't be reached: {unreachable.Message}");
        }
        catch (TaskCanceledException)
        {
            return Commands.Fail($"the admin port at {admin} did not answer in time");
        }
    }

    /// <summary>The answer as JSON; null where it has none, or where it was no success: that is told on standard error.</summary>
    /// <param name="path">From the root: <c>/deliveries</c>.</param>
    /// <param name="why">The reason of an act; null for a look.</param>
    public async Task<(int Code, JsonNode? Answer)> SendAsync(HttpMethod method, string path, string? why = null, JsonNode? body = null, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (why is not null) body = new JsonObject([.. body?.AsObject().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())) ?? [], new("reason", why)]);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var answer = await _client.SendAsync(request, cancellation);
        var told = Parse(await answer.Content.ReadAsStringAsync(cancellation));
        if (answer.IsSuccessStatusCode) return (Commands.Fine, told);
        await Console.Error.WriteLineAsync($"refused with {(int)answer.StatusCode}: {(string?)(told as JsonObject)?["detail"] ?? answer.ReasonPhrase}");
        if (token is null && answer.StatusCode == HttpStatusCode.Unauthorized) await Console.Error.WriteLineAsync($"no token was shown: set {TokenVariable}, or name where it is with --token secret://env/NAME or secret://file/PATH");
        return (Commands.Findings, null);
    }

    /// <summary>Says an answer as it came.</summary>
    public static void Write(JsonNode? answer, TextWriter output) => output.WriteLine(answer?.ToJsonString(Indented) ?? "");

    public void Dispose() => _client.Dispose();

    private static JsonNode? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? TokenOf(string? reference, out string? wrong)
    {
        wrong = null;
        var given = reference ?? Environment.GetEnvironmentVariable(TokenVariable);
        if (string.IsNullOrEmpty(given) || (reference is null && !given.StartsWith("secret://", StringComparison.Ordinal))) return string.IsNullOrEmpty(given) ? null : given;
        return Arguments.Secret("--token", given, out wrong)?.Reveal();
    }
}

internal enum AdminFormat
{
    Text,
    Json,
}
