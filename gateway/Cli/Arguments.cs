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
}
