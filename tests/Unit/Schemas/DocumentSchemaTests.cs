using System.Text;
using System.Text.Json;
using Gateway.Cases;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.Import;
using Gateway.JsonSchema;
using Gateway.Schemas;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Schemas;

/// <summary>The JSON Schemas of the documents, and that the documents of this repository are bound to them.</summary>
public sealed class DocumentSchemaTests
{
    public static TheoryData<string> Names => [.. DocumentSchema.All.Select(s => s.Name)];

    public static TheoryData<string> Documents => [.. WorkspaceFiles.Read(Repository.Root).Paths.Where(p => p.EndsWith(".yaml", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_checked_in_is_what_the_records_make(string name)
    {
        var schema = Named(name);
        var file = Path.Combine(Repository.Root, schema.Path);

        Assert.True(File.Exists(file) && File.ReadAllText(file) == Encoding.UTF8.GetString(ReadableJson.Write(schema.Write())),
            $"{schema.Path} is stale; call: dotnet run --project gateway -- schemas");
    }

    [Fact]
    public void No_other_schema_is_checked_in() => Assert.Equal(
        DocumentSchema.All.Select(s => s.Path).Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Path.Combine(Repository.Root, DocumentSchema.Folder)).Select(f => $"{DocumentSchema.Folder}/{Path.GetFileName(f)}").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_member_says_what_it_is(string name)
    {
        var schema = Named(name).Write();
        var records = schema["definitions"]!.AsObject().Select(d => d.Value!.AsObject()).Append(schema);

        var silent = records.Where(r => r["additionalProperties"]?.GetValueKind() == JsonValueKind.False)
            .SelectMany(r => r["properties"]!.AsObject()).Where(m => m.Value!["description"] is null).Select(m => $"{m.Key}: {m.Value!.ToJsonString()}");

        Assert.Empty(silent);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_names_its_schema_and_keeps_it(string path)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, path));
        var schema = DocumentSchema.Of(path);

        Assert.True(schema is not null, $"{path} has no schema");
        Assert.Equal(schema.LineFor(path), text.Split('\n')[0]);
        Assert.Empty(Errors(schema, text));
    }

    [Theory]
    [InlineData("partners/acme.yaml", "# yaml-language-server: $schema=../schemas/workspace.schema.json")]
    [InlineData("policies.yaml", "# yaml-language-server: $schema=schemas/workspace.schema.json")]
    [InlineData("policies.production.yaml", "# yaml-language-server: $schema=schemas/overlay.schema.json")]
    [InlineData("transforms/a/b/c.tests.yaml", "# yaml-language-server: $schema=../../../schemas/mapping-cases.schema.json")]
    public void The_first_line_leads_from_the_document_to_its_schema(string path, string line) => Assert.Equal(line, DocumentSchema.Of(path)!.LineFor(path));

    [Theory]
    [InlineData("apis: { a: { owner: x, routes: { r: { match: GET /, target: { forward: b }, timeout: 30s, maxBody: 1MB, policies: [p, rateLimit: { limit: 1, window: 1s }] } } } }")]
    [InlineData("partners: { a: { name: 1.10, tier: \"${TIER}\", consumers: { c: { keys: [{ secret: secret://env/X }] } } } }")]
    [InlineData("partners: { a: { name: A, webhooks: { w: { url: \"${URL}/x\", events: [], secrets: [], timeout: \"${T}\" } } } }")]
    [InlineData("backends: { b: { adapter: http, url: https://b.example, credential: { key: secret://file/run/x } } }")]
    [InlineData("backends: { b: { adapter: http, url: https://b.example, authorities: secret://file/ca, passHeaders: [Cookie], credential: { oauth2: { tokenUrl: https://t.example, clientId: g, clientSecret: secret://env/S, secretIn: body }, certificate: { file: secret://file/c }, expires: 2027-01-31 } } }")]
    [InlineData("governance: { proxies: { networks: [10.0.0.0/8], hops: 2, header: forwarded } }")]
    [InlineData("tiers:\ngovernance: { webhooks: { allowHttp: true } }")]
    [InlineData("codes: { t: { from: a, to: b, values: { \"any name!\": 380 } } }")]
    public void What_the_loader_takes_is_taken(string text) => Assert.Empty(Errors(Named("workspace"), text));

    [Theory]
    [InlineData("apis: { a: { owner: x, routes: { r: { match: GET /, target: { forward: b }, timeout: 30 } } } }", "#/apis/a/routes/r/timeout")]
    [InlineData("companies: { a: { name: A, id: 0 } }", "#/companies/a/id")]
    [InlineData("companies: { a: { name: A, id: 01 } }", "#/companies/a/id")]
    [InlineData("partners: { a: { name: } }", "#/partners/a/name")]
    [InlineData("partners: { a b: { name: A } }", "#/partners/a b")]
    [InlineData("partners: { a: { naem: A } }", "#/partners/a/naem")]
    [InlineData("backends: { b: { adapter: http, url: https://b.example, database: d } }", "#/backends/b/database")]
    [InlineData("backends: { b: { adapter: http, url: https://b.example, credential: { key: geheim } } }", "#/backends/b/credential/key")]
    [InlineData("governance: { webhooks: { allowHttp: yes } }", "#/governance/webhooks/allowHttp")]
    public void What_it_refuses_is_refused_at_its_place(string text, string pointer) =>
        Assert.Contains(pointer, Errors(Named("workspace"), text).Select(e => Uri.UnescapeDataString(e.InstancePointer)));

    [Theory]
    [InlineData("backends: { odoo: { database: d } }", true)]
    [InlineData("backends: { odoo: { databse: d } }", false)]
    [InlineData("backends: { odoo: { adapter: http, database: d } }", false)]
    [InlineData("policies: { quota: { rateLimit: { limit: 5 } } }", true)]
    [InlineData("apis: { a: { routes: { r: { policies: [cache: { megabytes: 5 }] } } } }", false)]
    public void An_overlay_says_only_what_is_different_and_lists_as_a_whole(string text, bool taken) => Assert.Equal(taken, Errors(Named("overlay"), text).Count == 0);

    [Fact]
    public void The_verb_writes_them_and_wants_a_directory()
    {
        using var folder = new TempFolder();
        using var output = new StringWriter();

        Assert.Equal(Commands.Fine, SchemasCommand.Run(folder.Root, output));
        Assert.Equal(Commands.CouldNotRun, SchemasCommand.Run(Path.Combine(folder.Root, "nowhere"), output));
        Assert.All(DocumentSchema.All, s => Assert.True(File.Exists(Path.Combine(folder.Root, s.Path))));
    }

    private static DocumentSchema Named(string name) => DocumentSchema.All.Single(s => s.Name == name);

    private static IReadOnlyList<SchemaError> Errors(DocumentSchema schema, string text)
    {
        var compiled = Schema.Compile(Encoding.UTF8.GetBytes(schema.Write().ToJsonString()), new SchemaOptions { Strict = true });
        Assert.Empty(compiled.Diagnostics);
        var found = new List<Diagnostic>();
        var root = YamlReader.Read("document.yaml", text, found);
        Assert.Empty(found);
        return root is null ? [] : compiled.Schema!.Validate(YamlJson.Of(root));
    }
}
