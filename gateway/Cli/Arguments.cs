using System.CommandLine;
using Gateway.Cli.Reports;

namespace Gateway.Cli;

/// <summary>Arguments and options that several verbs share.</summary>
internal static class Arguments
{
    public static Argument<string> Workspace() => new("workspace")
    {
        Description = "Directory of the workspace.",
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
        Description = "text, json, sarif (SARIF 2.1.0), junit, markdown (a comment for a pull request) or github (annotations of GitHub Actions).",
        DefaultValueFactory = _ => ReportFormat.Text,
    };

    public static Option<string> Environment() => new("--environment", "-e")
    {
        Description = "Name of the overlay policies.NAME.yaml.",
        DefaultValueFactory = _ => "",
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

    /// <summary><c>$XDG_STATE_HOME/odoo-gateway/NAME</c>, by default under <c>~/.local/state</c>.</summary>
    private static string StateDirectory(string name)
    {
        var home = System.Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(home, "odoo-gateway", name);
    }
}
