using System.CommandLine;
using Gateway.Import;
using Gateway.Schemas;

namespace Gateway.Cli;

/// <summary><c>schemas [WORKSPACE]</c>: writes the JSON Schemas by which editors complete and check the documents of a workspace.</summary>
internal static class SchemasCommand
{
    public static Command Create()
    {
        var workspace = Arguments.Workspace();
        var command = new Command("schemas", "Writes JSON Schemas of the YAML documents into schemas/, for editors.") { workspace };
        command.SetAction(parsed => Run(parsed.GetValue(workspace)!, Console.Out));
        return command;
    }

    public static int Run(string workspace, TextWriter output)
    {
        if (!Directory.Exists(workspace)) return Commands.Fail($"there is no directory {workspace}");
        try
        {
            Directory.CreateDirectory(Path.Combine(workspace, DocumentSchema.Folder));
            foreach (var schema in DocumentSchema.All)
            {
                File.WriteAllBytes(Path.Combine(workspace, schema.Path), ReadableJson.Write(schema.Write()));
                output.WriteLine($"{schema.Path}: {schema.Description}");
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Commands.Fail(cause.Message);
        }
        output.WriteLine($"bind a document to its schema in its first line, here routes/orders.yaml: {DocumentSchema.Of("routes/orders.yaml")!.LineFor("routes/orders.yaml")}");
        return Commands.Fine;
    }
}
