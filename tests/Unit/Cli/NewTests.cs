using System.CommandLine;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Scaffolding;
using Gateway.Tests.Unit.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Cli;

/// <summary>The verb <c>new</c>: what it writes is valid and passes its cases, and what is there stays.</summary>
public sealed class NewTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_workspace_is_valid_whole_and_told_in_its_README()
    {
        Assert.Equal(Commands.Fine, await RunAsync("workspace", _folder.Root));

        var said = await ProveAsync();
        Assert.Contains("valid: 1 route,", said, StringComparison.Ordinal);
        Assert.Contains("1 case passed, 0 failed", said, StringComparison.Ordinal);
        await using var governed = new StringWriter();
        Assert.True(await LintCommand.RunAsync(_folder.Root, null, new LoadOptions { ResolveSecrets = false }, governed) == Commands.Fine, governed.ToString());
        var readme = await File.ReadAllTextAsync(Path.Combine(_folder.Root, "README.md"), TestContext.Current.CancellationToken);
        Assert.All(Directory.GetDirectories(_folder.Root), d => Assert.Contains($"`{Path.GetFileName(d)}/", readme, StringComparison.Ordinal));
        await using var explained = new StringWriter();
        Assert.Equal(Commands.Fine, await ExplainCommand.RunAsync(_folder.Root, new("GET", "/v1/parcels/A-1", "example-shop"), new LoadOptions { ResolveSecrets = false }, explained));
    }

    [Theory]
    [InlineData("valid: 2 routes", "routes/shelves.yaml", "api", "shelves", "--owner", "warehouse team")]
    [InlineData("valid: 2 routes", "routes/parcels.yaml", "route", "parcels.list", "GET", "/v1/parcels")]
    [InlineData("valid: 2 routes", "routes/parcels.yaml", "route", "parcels.change", "PUT", "/v1/parcels/{id}")]
    [InlineData("2 cases passed", "transforms/carrier/label.to.jsonata", "mapping", "carrier/label.to")]
    [InlineData("2 cases passed", "transforms/carrier/parcel.to.jsonata", "mapping", "carrier/parcel.to")]
    [InlineData("2 cases passed", "transforms/wms/stock.tests.yaml", "mapping", "wms/stock")]
    [InlineData("valid: 1 route,", "partners/3pl.yaml", "partner", "3pl")]
    [InlineData("valid: 1 route,", "partners/example.yaml", "consumer", "example-edi", "--partner", "example")]
    public async Task What_is_added_to_it_is_valid_too(string said, string file, params string[] arguments)
    {
        await RunAsync("workspace", _folder.Root);
        var before = Contents();

        Assert.Equal(Commands.Fine, await RunAsync(In(_folder.Root, arguments)));

        Assert.Contains(said, await ProveAsync(), StringComparison.Ordinal);
        var after = Contents();
        Assert.NotEqual(before.GetValueOrDefault(file), after[file]);
        foreach (var (path, text) in before) AssertKept(text, after[path], path);
    }

    [Fact]
    public async Task The_shipped_workspace_can_be_added_to()
    {
        Ship();
        // All that it has itself is called by operations; a new route is forwarded.
        _folder.Write("routes/docks.yaml", "backends: { docks: { adapter: http, url: http://docks.internal } }\n");
        var before = Contents();
        string[][] additions =
        [
            ["route", "orders.list", "GET", "/v1/order-lists"],
            ["api", "complaints", "--owner", "logistics"],
            ["mapping", "wms/item.from"],
            ["mapping", "tms/order.to"],
            ["consumer", "acme-edi", "--partner", "acme"],
        ];

        // Each finds the workspace valid with those before it.
        foreach (var arguments in additions) Assert.Equal(Commands.Fine, await RunAsync(In(_folder.Root, arguments)));

        Assert.Contains("valid: 41 routes", await ProveAsync(), StringComparison.Ordinal);
        var after = Contents();
        foreach (var (path, text) in before) AssertKept(text, after[path], path);
    }

    /// <summary>Of all operations one of each kind: by what they do, need, make and are about.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Operations =>
        from adapter in Gateway.Adapters.Adapters.All
        from operation in adapter.Operations
        group (adapter, operation) by (operation.Effect, operation.Makes is null, operation.Needs.Count == 0, operation.Input.Count == 0, operation.About is null, operation.About?.Or.Count > 0) into kind
        select new TheoryDataRow<string, string>(kind.First().adapter.Name, kind.First().operation.Name);

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task An_API_that_calls_an_operation_is_valid_governed_and_passes_its_cases(string backend, string operation)
    {
        await WithBackendsAsync();

        var (code, said, wrong) = await Verbs.RunAsync("new", "api", "bookings", _folder.Root, "--owner", "logistics", "--backend", backend, "--operation", operation);

        Assert.True(code == Commands.Fine, said + wrong);
        Assert.DoesNotContain(said.Split('\n'), line => line.Contains("): error ", StringComparison.Ordinal));
        Assert.Contains("valid: 2 routes", await ProveAsync(), StringComparison.Ordinal);
        await using var governed = new StringWriter();
        Assert.True(await LintCommand.RunAsync(_folder.Root, null, new LoadOptions { ResolveSecrets = false }, governed) == Commands.Fine, governed.ToString());
    }

    [Theory]
    [InlineData("target: { call: odoo/order.create, creates: order }", "POST", "/v1/parcel-orders", "order.create")]
    [InlineData("target: { call: odoo/order.cancel, object: \"order/{id}\" }", "POST", "/v1/parcel-orders/{id}/cancellation", "order.cancel")]
    [InlineData("target: { call: odoo/order.read, object: \"order/{id}\" }", "GET", "/v1/parcel-orders/{id}", "order.read")]
    [InlineData("target: { call: odoo/invoice.create, object: \"order/{id}\" }", "POST", "/v1/parcel-orders/{id}/invoices", "invoice.create")]
    [InlineData("target: { call: odoo/invoice.create, creates: invoice }", "POST", "/v1/parcel-months", "invoice.create")]
    [InlineData("contract: { response: parcels-more-answer@1 }", "GET", "/v1/parcel-items/{sku}", "item.read")]
    [InlineData("contract: { query: parcels-more-query@1, response: parcels-more-answer@1 }", "GET", "/v1/parcel-stock", "inventory.read")]
    [InlineData("idempotency: {}", "PUT", "/v1/parcel-counts", "stock.count")]
    [InlineData("authorize: { scopes: [parcels.write] }", "POST", "/v1/parcel-labels", "label.create")]
    public async Task A_route_says_of_an_operation_what_it_makes_and_is_about(string line, string method, string path, string operation)
    {
        await WithBackendsAsync();
        // So that there is an order, whatever it is called.
        Assert.Equal(Commands.Fine, await RunAsync("api", "orders", _folder.Root, "--owner", "logistics", "--operation", "order.create"));
        var before = Contents();

        Assert.Equal(Commands.Fine, await RunAsync("route", "parcels.more", method, path, _folder.Root, "--operation", operation));

        Assert.Contains(line, (await File.ReadAllTextAsync(Path.Combine(_folder.Root, "routes/parcels.yaml"), TestContext.Current.CancellationToken))[before["routes/parcels.yaml"].Length..], StringComparison.Ordinal);
        Assert.Contains("valid: 3 routes", await ProveAsync(), StringComparison.Ordinal);
        foreach (var (file, text) in before) AssertKept(text, Contents()[file], file);
    }

    [Theory]
    [InlineData("api", "parcels")]
    [InlineData("api", "bookings", "--operation", "order.create")]
    [InlineData("api", "bookings", "--backend", "carrier", "--operation", "order.create")]
    [InlineData("api", "a/b")]
    [InlineData("api", "shelves", "--backend", "carier")]
    [InlineData("api", "shelves", "--policies", "caller")]
    [InlineData("route", "parcels.read", "GET", "/v2/parcels")]
    [InlineData("route", "parcels.again", "GET", "/v1/parcels/{number}")]
    [InlineData("route", "parcels.odd", "GTE", "/v1/parcels")]
    [InlineData("route", "shelves.read", "GET", "/v1/shelves")]
    [InlineData("mapping", "carrier/parcel.from")]
    [InlineData("mapping", "../parcel")]
    [InlineData("mapping", "canonical/parcel")]
    [InlineData("partner", "example")]
    [InlineData("consumer", "example-shop", "--partner", "example")]
    [InlineData("consumer", "other-shop", "--partner", "exmple")]
    public async Task What_is_there_or_would_be_wrong_is_refused_and_nothing_is_written(params string[] arguments)
    {
        await RunAsync("workspace", _folder.Root);
        var before = Contents();

        Assert.Equal(Commands.CouldNotRun, await RunAsync(In(_folder.Root, arguments)));

        Assert.Equal(before, Contents());
    }

    [Fact]
    public async Task What_lint_finds_in_what_was_made_is_told_and_nothing_else()
    {
        await RunAsync("workspace", _folder.Root);
        _folder.Write("routes/old.yaml", "apis: { old: { owner: us, routes: { old.read: { match: GET /old, public: why not, target: { forward: carrier } } } } }");

        var (code, said, _) = await Verbs.RunAsync("new", "route", "parcels.change", "PUT", "/v1/parcels/{id}", _folder.Root);

        Assert.Equal(Commands.Fine, code);
        var findings = said.Split('\n').Where(line => line.StartsWith("routes/", StringComparison.Ordinal)).ToList();
        Assert.Contains(findings, f => f.Contains("error unsafe-idempotent: ", StringComparison.Ordinal));
        Assert.All(findings, f => Assert.StartsWith("routes/parcels.yaml(", f, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_has_a_workspace_gets_no_other()
    {
        _folder.Write("README.md", "mine");

        Assert.Equal(Commands.CouldNotRun, await RunAsync("workspace", _folder.Root));

        Assert.Equal(["README.md"], Contents().Keys);
    }

    [Theory]
    [InlineData("a:\n  one: 1\n", 2, "one", "a:\n  one: 1\n  new:\n    x: 1\n")]
    [InlineData("a:\n  one:\n    # deep\n    b: 1\n\n# end\nz: 1\n", 2, "one", "a:\n  one:\n    # deep\n    b: 1\n\n  new:\n    x: 1\n\n# end\nz: 1\n")]
    [InlineData("a:\r\n  one:\r\n    b: 1\r\n", 2, "one", "a:\n  one:\n    b: 1\n\n  new:\n    x: 1\n")]
    [InlineData("a: { one: 1 }\n", 1, "one", null)]
    [InlineData("a:\n  one: { b: 1,\n    c: 2 }\n  two: 1", 2, "one", "a:\n  one: { b: 1,\n    c: 2 }\n\n  new:\n    x: 1\n  two: 1\n")]
    public void An_entry_is_put_behind_another(string text, int line, string name, string? expected) =>
        Assert.Equal(expected, YamlAppend.Behind(text, line, name, "new:\n  x: 1\n"));

    /// <summary>The workspace is the last argument, before all options.</summary>
    private static string[] In(string workspace, string[] arguments) =>
        [.. arguments.TakeWhile(a => !a.StartsWith('-')), workspace, .. arguments.SkipWhile(a => !a.StartsWith('-'))];

    private static Task<int> RunAsync(params string[] arguments) => NewCommand.Create().Parse(arguments).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>A new workspace with a backend of each kind that has operations, called as its adapter.</summary>
    private async Task WithBackendsAsync()
    {
        await RunAsync("workspace", _folder.Root);
        _folder.Write("routes/backends.yaml", """
            backends:
              odoo: { adapter: odoo, url: https://odoo.internal, database: production, timeout: 20s, credential: { key: secret://env/ODOO_KEY, expires: 2099-01-01 } }
              wms: { adapter: wms, url: https://wms.internal, timeout: 20s, credential: { key: secret://env/WMS_KEY, expires: 2099-01-01 } }
              tms: { adapter: tms, url: https://tms.internal, timeout: 20s, credential: { key: secret://env/TMS_KEY, expires: 2099-01-01 } }
              partner: { adapter: partner, timeout: 20s }
            """);
    }

    /// <summary>What validate and test say; both must be content.</summary>
    private async Task<string> ProveAsync()
    {
        await using var output = new StringWriter();
        var options = new LoadOptions { ResolveSecrets = false };
        var valid = await ValidateCommand.RunAsync(_folder.Root, options, output);
        var passed = await TestCommand.RunAsync(_folder.Root, new TestCommand.TestOptions(), options, output, stop: TestContext.Current.CancellationToken);
        Assert.True((valid, passed) == (Commands.Fine, Commands.Fine), output.ToString());
        return output.ToString();
    }

    private void Ship()
    {
        foreach (var path in WorkspaceFiles.Read(Repository.Root).Paths) _folder.Write(path, File.ReadAllText(Path.Combine(Repository.Root, path)));
    }

    private SortedDictionary<string, string> Contents() => new(
        Directory.EnumerateFiles(_folder.Root, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(_folder.Root, f), File.ReadAllText), StringComparer.Ordinal);

    /// <summary>Every line that was there is there, in its order.</summary>
    private static void AssertKept(string before, string after, string path)
    {
        var rest = new Queue<string>(after.Split('\n'));
        foreach (var line in before.TrimEnd('\n').Split('\n'))
        {
            while (rest.Count > 0 && rest.Peek() != line) rest.Dequeue();
            Assert.True(rest.TryDequeue(out _), $"{path} lost '{line}'");
        }
    }
}
