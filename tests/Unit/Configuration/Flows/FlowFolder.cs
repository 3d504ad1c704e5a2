using Gateway.Cli;
using Gateway.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Unit.Configuration.Flows;

/// <summary>A workspace with two backends, a partner and one flow.</summary>
internal sealed class FlowFolder : IDisposable
{
    /// <summary>Every kind of step, and all that may stand around them.</summary>
    public const string Whole = """
        flows:
          ship:
            owner: us
            description: From an accepted order to what left the warehouse.
            runbook: https://wiki.example.com/ship
            on: { event: order.accepted.v1, key: data.id }
            promise: 5d
            urgency: data.requested
            steps:
              - step: credit
                call: odoo/credit.check
                input: '{ "buyer": trigger.data.buyer }'
                timeout: 1d
                refs: { salesOrder: trigger.data.salesOrderId }
              - step: hold
                if: steps.credit.record.sufficient = false
                approve: { count: 2, notBy: trigger.data.by }
                timeout: 3d
                onTimeout: undo
                promise: 4h
                escalate: [{ after: 1d, to: logistics }]
              - step: release
                call: wms/warehouse-order.create
                input: '{ "reference_id": flow.key }'
                transform: { request: wms/release }
                timeout: 1d
                retry: { attempts: 3, first: 5s, most: 1m }
                onFailure: undo
                undo: { call: wms/warehouse-order.cancel }
              - step: both
                parallel:
                  - steps:
                      - step: shipped
                        await: { event: wms.order.shipped.v1, by: release, if: $event.data.status = "Fulfilled" }
                        timeout: 5d
                        onTimeout: stay
                  - steps:
                      - { step: pause, wait: { for: 1h } }
              - step: way
                choose:
                  - if: trigger.data.many
                    steps:
                      - { step: many, wait: { for: 1m } }
                  - steps:
                      - { step: one, wait: { for: 1s } }
              - step: told
                final: true
                emit: { event: order.shipped.v1, data: '{ "id": flow.key }' }
            cancel:
              event: order.cancelled.v1
              refused: { event: order.kept.v1, data: '{ "id": flow.key }' }
            afterFailure:
              - { step: sorry, wait: { for: 1m } }

        """;

    private const string Entry = """
        policies:
          callers: { authenticate: { apiKey: {} } }
        backends:
          odoo: { adapter: odoo, url: http://odoo.internal, database: production, api: json2, credential: { key: secret://env/ODOO_KEY } }
          wms: { adapter: wms, url: http://wms.internal, webhooks: { secrets: [secret://env/WMS_HOOKS] } }
        partners:
          acme: { name: Acme, consumers: { acme-shop: { keys: [{ secret: secret://env/ACME }] } } }
          quiet: { name: Quiet }

        """;

    private readonly TempFolder _folder = new();

    public FlowFolder(string flows = Whole)
    {
        Write("policies.yaml", Entry);
        Write("transforms/wms/release.jsonata", "$");
        Write("flows/ship.yaml", flows);
    }

    public string Root => _folder.Root;

    /// <summary>One flow <c>ship</c>, with these steps: a line each, without the indentation.</summary>
    public static string With(string steps) => $$"""
        flows:
          ship:
            owner: us
            description: For a test.
            on: { event: order.accepted.v1 }
            steps:

        """ + string.Concat(steps.Split('\n').Select(line => $"      {line}\n"));

    public void Write(string path, string content) => _folder.Write(path, content);

    public LoadedWorkspace Load() => _folder.Load();

    /// <summary>The workspace and its Plan, which is not there where something is wrong.</summary>
    public async Task<(LoadedWorkspace Workspace, Compilation Compiled)> CompileAsync()
    {
        var workspace = Load();
        return (workspace, await new PlanCompiler(
            new Gateway.Pipeline.ExactlyOnce(new Gateway.Pipeline.WorkAtHand(), TimeProvider.System, NullLogger<Gateway.Pipeline.ExactlyOnce>.Instance), TimeProvider.System, new KeptState(), Outside.World, NullLoggerFactory.Instance)
            .CompileAsync(workspace));
    }

    /// <summary>The flow <c>ship</c>; null where something is wrong.</summary>
    public async Task<Flow?> FlowAsync()
    {
        var (_, compiled) = await CompileAsync();
        var flow = compiled.Plan?.Flows.Find("ship");
        if (compiled.Plan is { } plan) await plan.DisposeAsync();
        return flow;
    }

    /// <summary>What is wrong, as <c>CODE message</c>.</summary>
    public async Task<IReadOnlyList<string>> ErrorsAsync()
    {
        var (_, compiled) = await CompileAsync();
        if (compiled.Plan is { } plan) await plan.DisposeAsync();
        return [.. compiled.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => $"{d.Code} {d.Message}")];
    }

    /// <summary>What the verb <c>test</c> says of cases: its last line tells how many have passed.</summary>
    public async Task<(int Code, string Said)> TestAsync(string cases)
    {
        Write("flows/ship.tests.yaml", cases);
        using var output = new StringWriter { NewLine = "\n" };
        return (await TestCommand.RunAsync(Root, new TestCommand.TestOptions("flows/"), new LoadOptions { ResolveSecrets = false }, output, stop: Xunit.TestContext.Current.CancellationToken), output.ToString());
    }

    public void Dispose() => _folder.Dispose();
}
