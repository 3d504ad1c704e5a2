using Gateway.Adapters.Odoo;
using Gateway.Simulators;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Gateway.OperationStatus;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Which of Odoo's two interfaces is called, and what is found out about a database before it is needed.</summary>
public sealed class OdooWireTests
{
    private const string Chair = """{"sku":"FURN_7777"}""";

    [Theory]
    [InlineData(16, "Odoo 16.0 over JSON-RPC")]
    [InlineData(18, "Odoo 18.0 over JSON-RPC")]
    [InlineData(19, "Odoo 19.0 over JSON-2")]
    public async Task The_version_decides_and_the_examination_finds_all_that_operations_need(int version, string what)
    {
        await using var bench = await OdooBench.StartAsync(simulator: new OdooSimulatorOptions { Version = version });
        Assert.Null(bench.Backend.Findings);

        Assert.Null(await bench.Backend.ExamineAsync(TestContext.Current.CancellationToken));

        Assert.Equal((what, ""), (bench.Backend.Findings!.What, string.Join("; ", bench.Backend.Findings.Lacks)));
    }

    [Fact]
    public async Task An_examination_is_made_once()
    {
        await using var bench = await OdooBench.StartAsync(simulator: new OdooSimulatorOptions { Version = 17 });
        await bench.CallAsync("item.read", Chair);
        var asked = bench.Odoo.CallsOf("sale.order", "fields_get");

        await bench.Backend.ExamineAsync(TestContext.Current.CancellationToken);
        await bench.CallAsync("item.read", Chair);

        Assert.Equal((1, 1), (asked, bench.Odoo.CallsOf("sale.order", "fields_get")));
    }

    [Fact]
    public async Task An_old_Odoo_without_a_login_is_the_operators_business()
    {
        await using var bench = await OdooBench.StartAsync(options => options with { Login = null }, new OdooSimulatorOptions { Version = 18 });

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal(NotSent, result.Status);
        Assert.Contains("add login:", result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("login", result.Detail, StringComparison.Ordinal);
        Assert.Contains("add login:", await bench.Backend.ExamineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong-key-1234", "admin")]
    [InlineData("demo-odoo-key", "nobody")]
    public async Task A_user_that_Odoo_does_not_let_in_over_JSON_RPC_is_the_operators_business(string key, string login)
    {
        await using var bench = await OdooBench.StartAsync(
            options => options with { Login = login, Credential = new CredentialOptions { Key = new Secret("secret://demo/x", key) } }, new OdooSimulatorOptions { Version = 18 });

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal(NotSent, result.Status);
        Assert.Contains("credential", result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(key, result.Reason + result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_Odoo_behind_a_declared_JSON_2_is_told_with_the_cure()
    {
        await using var bench = await OdooBench.StartAsync(options => options with { Api = OdooApi.Json2 }, new OdooSimulatorOptions { Version = 16 });

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.NotEqual(Done, result.Status);
        Assert.Contains("wants api: auto and login:", result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("api:", result.Detail, StringComparison.Ordinal);
        Assert.Empty(bench.Odoo.Orders);
    }

    [Fact]
    public async Task An_unknown_database_over_JSON_RPC_shows_nobody_where_the_database_server_is()
    {
        await using var bench = await OdooBench.StartAsync(options => options with { Database = "nosuchdb" }, new OdooSimulatorOptions { Version = 18 });

        var result = await bench.CreateAsync(OdooBench.Order());

        Assert.Equal(NotSent, result.Status);
        Assert.Contains("unknown database", result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_was_replaced_is_shown_over_JSON_RPC_as_soon_as_Odoo_refuses_the_old_one()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "withdrawn-key", TestContext.Current.CancellationToken);
            var clock = new FakeTimeProvider();
            await using var bench = await OdooBench.StartAsync(
                options => options with { Credential = new CredentialOptions { Key = new FileSecret("secret://file/x", file, clock) } }, new OdooSimulatorOptions { Version = 18 });
            Assert.Equal(NotSent, (await bench.CallAsync("item.read", Chair)).Status);

            await File.WriteAllTextAsync(file, "demo-odoo-key", TestContext.Current.CancellationToken);

            Assert.Equal(Done, (await bench.CallAsync("item.read", Chair)).Status);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task An_Odoo_that_comes_back_as_another_version_is_called_as_that()
    {
        var clock = new LaterClock();
        var old = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Version = 18 });
        await using var backend = OdooBench.Open(old.Url, clock: clock);
        var order = OdooBench.Order();
        Assert.Equal(Done, (await backend.Operations["order.create"].CallAsync(OdooBench.Call(order, "so_1"), TestContext.Current.CancellationToken)).Status);

        var port = old.Url.Port;
        await old.DisposeAsync();
        clock.Skip(TimeSpan.FromMinutes(1));
        var away = await backend.Operations["item.read"].CallAsync(new OperationCall(OdooBench.Json("""{"sku":"NOPE"}"""), OdooBench.Acme), TestContext.Current.CancellationToken);
        await using var upgraded = await OdooSimulator.StartAsync(new OdooSimulatorOptions { Version = 19, Port = port });
        var made = await backend.Operations["order.create"].CallAsync(OdooBench.Call(order, "so_2"), TestContext.Current.CancellationToken);

        Assert.Equal((NotSent, Done), (away.Status, made.Status));
        Assert.Equal("C62", OdooBench.Json(made.Record).GetProperty("lines")[0].GetProperty("unit_code").GetString());
        Assert.Null(await backend.ExamineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Odoo 19.0 over JSON-2", backend.Findings!.What);
    }

    [Fact]
    public async Task An_examination_of_an_Odoo_that_is_down_says_so_and_may_be_made_again()
    {
        await using var bench = await OdooBench.StartAsync(options => options with { Timeout = TimeSpan.FromSeconds(2) });
        bench.Odoo.Chaos.Set(new ChaosRule(ChaosMode.Down));
        Assert.NotNull(await bench.Backend.ExamineAsync(TestContext.Current.CancellationToken));

        bench.Odoo.Chaos.Heal();

        Assert.Null(await bench.Backend.ExamineAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>It is later at once, and timers run as they do.</summary>
    private sealed class LaterClock : TimeProvider
    {
        private long _skipped;

        public void Skip(TimeSpan by) => Interlocked.Add(ref _skipped, (long)(by.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => base.GetTimestamp() + Volatile.Read(ref _skipped);
    }
}
