using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Gateway.Cli.Reports;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;

namespace Gateway.Cli;

/// <summary>Arguments and options that several verbs share.</summary>
internal static class Arguments
{
    /// <summary>The last argument of every verb that works on a workspace.</summary>
    public static Argument<string> Workspace() => new("workspace")
    {
        Description = "Directory of the workspace; the last argument, before options that take several words.",
        DefaultValueFactory = _ => ".",
    };

    public static Option<string> Urls() => new("--urls")
    {
        Description = "Address of the public port; port 0 takes a free one.",
        DefaultValueFactory = _ => "http://127.0.0.1:8080",
    };

    public static Option<string> AdminUrls() => new("--admin-urls")
    {
        Description = "Address of the admin port; port 0 takes a free one.",
        DefaultValueFactory = _ => "http://127.0.0.1:8081",
    };

    public static Option<ReportFormat> Format() => new("--format")
    {
        CustomParser = Word<ReportFormat>,
        Description = "text, json, sarif (SARIF 2.1.0), junit, markdown (a comment for a pull request) or github (annotations of GitHub Actions).",
        DefaultValueFactory = _ => ReportFormat.Text,
    };

    public static Option<string> Environment() => new("--environment", "-e")
    {
        Description = "Name of the overlay policies.NAME.yaml.",
        DefaultValueFactory = _ => "",
    };

    /// <summary>Reads a value of an enum as people write it, <c>security-weakening</c>, in whatever case; another word is told with those that are taken.</summary>
    public static T Word<T>(ArgumentResult argument) where T : struct, Enum
    {
        var known = Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()), StringComparer.OrdinalIgnoreCase);
        if (argument.Tokens is [{ Value: var word }] && known.TryGetValue(word, out var found)) return found;
        argument.AddError($"{NameOf(argument)} is one of {string.Join(", ", known.Keys)}, not '{argument.Tokens[0].Value}'");
        return default;
    }

    /// <summary>Reads a whole number between two others.</summary>
    public static Func<ArgumentResult, int> Number(int least, int most) => argument =>
    {
        if (int.TryParse(argument.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        argument.AddError(string.Create(CultureInfo.InvariantCulture, $"{NameOf(argument)} is a whole number from {least} to {most}, not '{argument.Tokens[0].Value}'"));
        return default;
    };

    public static Option<string> Data() => new("--data")
    {
        Description = "Directory of the durable state.",
        DefaultValueFactory = _ => StateDirectory("data"),
    };

    public static Option<string> Keys() => new("--keys")
    {
        Description = "Directory of the keys that encrypt it; never inside --data.",
        DefaultValueFactory = _ => StateDirectory("keys"),
    };

    /// <summary>The secret that an option refers to; null, and what is wrong, where there is none.</summary>
    public static Secret? Secret(string option, string reference, out string? wrong)
    {
        var found = new List<Diagnostic>();
        var secret = new References(System.Environment.GetEnvironmentVariable, "", resolveSecrets: true, TimeProvider.System, found).Secret(new Node.Scalar(reference, Plain: false, new Place(option, 0, 0)));
        wrong = secret is null ? $"{option}: {found[0].Message}; {found[0].Cure}" : null;
        return secret;
    }

    private static string NameOf(ArgumentResult argument) => (argument.Parent as OptionResult)?.Option.Name ?? argument.Argument.Name;

    /// <summary><c>$XDG_STATE_HOME/odoo-gateway/NAME</c>, by default under <c>~/.local/state</c>.</summary>
    private static string StateDirectory(string name)
    {
        var home = System.Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(home, "odoo-gateway", name);
    }

    /// <summary>A time, as workspaces write it.</summary>
    public static TimeSpan? Span(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (Scalars.Parse(new Node.Scalar(text, true, Place.None), typeof(TimeSpan)) is TimeSpan span) return span;
        argument.AddError($"'{text}' is no time; write 30m, 2h or 1d");
        return null;
    }
}
