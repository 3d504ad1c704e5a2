using System.Text.RegularExpressions;
using Gateway.Configuration;

namespace Gateway.Tests.Functional.Support;

/// <summary>A copy of the root workspace with an overlay <c>policies.test.yaml</c>, and folders for state and keys; gone when disposed.</summary>
internal sealed partial class TestWorkspace : IDisposable
{
    public const string ShopKey = "test-key-of-acme-shop";
    public const string EdiKey = "test-key-of-globex-edi";

    /// <summary>Of our own people, for what is the partner's.</summary>
    public const string AcmeDeskKey = "test-key-of-acme-fulfilment";

    public const string GlobexDeskKey = "test-key-of-globex-fulfilment";
    public const string OperatorToken = "test-token-of-an-operator-that-is-long-enough";
    public const string HintSecret = "hint-secret-of-the-odoo-0001";
    public const string WebhookSecret = "whsec_ZGVtby1wYXJ0bmVyLXNlY3JldC0wMDAx";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-test-");

    public TestWorkspace(Uri odoo, Uri tms, Uri partner, string more = "", string governance = "", string create = "", string backend = "")
    {
        Directory.CreateDirectory(Root);
        File.Copy(Path.Combine(Repository.Root, WorkspaceFiles.Entry), Path.Combine(Root, WorkspaceFiles.Entry));
        foreach (var room in new[] { "partners", "routes", "transforms", "flows" }) Copy(Path.Combine(Repository.Root, room), Path.Combine(Root, room));
        // Who waits a minute for Odoo is left alone for longer: tests have the times of who says nothing, and shorter ones where they write them.
        foreach (var file in Directory.EnumerateFiles(Root, "*.yaml", SearchOption.AllDirectories)) File.WriteAllText(file, Minute().Replace(File.ReadAllText(file), ""));
        Write("policies.test.yaml", $$"""
            governance: { webhooks: { allowHttp: true, allowNetworks: [127.0.0.0/8], ports: [1-65535] }{{governance}} }
            backends:
              odoo: { url: "{{odoo}}", database: demo, timeout: 2s, resilience: { circuit: { minimumCalls: 1000 } }{{backend}} }
              # The gate of who declares none: what is let through here is for other limits to say.
              tms: { url: "{{tms}}", timeout: 80s, limits: { concurrent: 16 } }
              carrier: { adapter: http, url: "{{tms}}", credential: { key: secret://env/TMS_KEY, header: API-Key } }
            partners:
              # What a test orders, it carries out itself.
              globex: { flows: [] }
              acme:
                flows: []
                webhooks:
                  orders: { url: "{{partner}}webhooks", retry: [200ms, 500ms, 1s, 1s, 1s, 1s, 2s, 2s, 5s, 5s, 5s] }
            operators:
              tester: { roles: [operator], tokens: [{ secret: secret://env/OPERATOR_TOKEN }] }
            apis:
              orders:
                routes:
                  # What can't be sent fails here; where it is to be accepted, as the shipped route does, the test says so.
                  orders.create: { timeout: 3s{{(create.Contains("target:", StringComparison.Ordinal) ? create : create + ", target: { whenDown: fail }")}} }
            {{more}}
            """);
    }

    public string Root => Path.Combine(_folder.FullName, "workspace");

    public string Data => Path.Combine(_folder.FullName, "data");

    public string Keys => Path.Combine(_folder.FullName, "keys");

    /// <summary>The secrets that the root workspace refers to.</summary>
    public static IReadOnlyDictionary<string, string> Secrets { get; } = new Dictionary<string, string>
    {
        ["ODOO_KEY"] = "demo-odoo-key",
        ["TMS_KEY"] = "demo-tms-key",
        ["WMS_KEY"] = "demo-wms-key",
        ["WMS_WEBHOOK_SECRET"] = "whsec_ZGVtby13YXJlaG91c2Utc2VjcmV0LTAwMDE=",
        ["ACME_FULFILMENT_KEY"] = AcmeDeskKey,
        ["GLOBEX_FULFILMENT_KEY"] = GlobexDeskKey,
        ["ACME_SHOP_KEY"] = ShopKey,
        ["GLOBEX_EDI_KEY"] = EdiKey,
        ["ACME_WEBHOOK_SECRET"] = WebhookSecret,
        ["ODOO_HINTS"] = HintSecret,
        ["OPERATOR_TOKEN"] = OperatorToken,
        ["GATEWAY_TOKEN"] = "secret://env/OPERATOR_TOKEN",
    };

    public void Write(string path, string content)
    {
        // Renamed into place, as editors and deployments do: no reader sees half a file.
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full + ".new", content);
        File.Move(full + ".new", full, overwrite: true);
    }

    /// <summary>A file beside the workspace, like a mounted secret; its full path.</summary>
    public string Beside(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Delete(string path) => File.Delete(Path.Combine(Root, path));

    public string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    [GeneratedRegex(@"\n +(changeT|t)imeout: 60s(?=\n)")]
    private static partial Regex Minute();
}
