using Gateway.Cli;
using Gateway.Tests.Unit.Configuration.Flows;
using Xunit;

namespace Gateway.Tests.Unit.Cases;

/// <summary>The verb <c>test</c> on flows: a case that must not hold does not, and says why and where.</summary>
public sealed class FlowCasesTests : IDisposable
{
    private const string Begun = "{ event: order.accepted.v1, data: { id: ord_1, buyer: ACME-DE, by: eve } }";
    private const string Checked = Begun + "\n{ call: odoo/credit.check, answer: { record: { sufficient: true } } }";
    private const string Held = Begun + "\n{ call: odoo/credit.check, answer: { record: { sufficient: false } } }";
    private const string Released = Checked + "\n{ call: wms/warehouse-order.create, answer: { reference: \"1001\" } }";

    private readonly FlowFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Cases_that_hold_pass()
    {
        var (code, said) = await _folder.TestAsync(FlowCasesText.Shipped + FlowCasesText.Refused);

        Assert.True(code == Commands.Fine, said);
        Assert.Contains("2 cases passed, 0 failed", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Begun, "running", "odoo/credit.check is called, for the step 'credit', and the case does not say so")]
    [InlineData("{ passes: 1h }", "done", "act 1: an instance begins with an event: write event: first")]
    [InlineData("{ event: order.cancelled.v1 }", "done", "act 1: the flow begins with order.accepted.v1")]
    [InlineData("{ event: order.accepted.v1, data: {} }", "done", "act 1: it begins nothing: its key is no text")]
    [InlineData(Begun + "\n{ call: odoo/order.confirm }", "running", "act 2: odoo/credit.check is called, for the step 'credit'")]
    [InlineData(Begun + "\n{ call: odoo/credit.check, with: { buyer: GLOBEX } }", "running", "act 2: the input is another: ")]
    [InlineData(Released + "\n{ call: odoo/order.confirm }", "running", "act 4: nothing is called; the steps that are open are 'shipped pause'")]
    [InlineData(Released + "\n{ told: order.shipped.v1 }", "running", "act 4: nothing was told")]
    [InlineData(Released + "\n{ alert: late }", "running", "act 4: nobody was told anything")]
    [InlineData(Released, "done", "it ends running, not done")]
    [InlineData(Released, "running", "the steps that are open are 'shipped pause', not ''")]
    [InlineData(Held + "\n{ agrees: hold, by: eve }", "running", "act 3: whose matter it is does not approve it")]
    [InlineData(Held + "\n{ agrees: hold, by: bob, because: whose matter it is }", "running", "act 3: that could be done")]
    [InlineData(Held + "\n{ agrees: credit, by: bob }", "running", "act 3: ")]
    [InlineData(Held + "\n{ passes: 4h }\n{ alert: parked }", "running", "act 4: it was told that it is late: ")]
    [InlineData(Checked + "\n{ call: wms/warehouse-order.create, answer: { is: notSent } }\n{ passes: 1h }", "running", "act 4: wms/warehouse-order.create is called before, at ")]
    public async Task What_comes_otherwise_fails_with_the_act_and_the_reason(string play, string ends, string why)
    {
        var (code, said) = await PlayAsync(play, ends);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.Contains("0 cases passed, 1 failed", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_about_something_else_or_with_other_data_is_not_the_one_that_was_expected()
    {
        const string All = Released + "\n{ event: wms.order.shipped.v1, about: release, data: { status: Fulfilled } }\n{ passes: 1h }\n{ passes: 1s }\n";

        Assert.Contains("act 7: it is about 'ord_1'", (await PlayAsync(All + "{ told: order.shipped.v1, subject: ord_2 }", "done")).Said, StringComparison.Ordinal);
        Assert.Contains("act 7: its data are others: ", (await PlayAsync(All + "{ told: order.shipped.v1, data: { id: ord_2 } }", "done")).Said, StringComparison.Ordinal);
        Assert.Contains("act 7: order.shipped.v1 was told", (await PlayAsync(All + "{ told: order.kept.v1 }", "done")).Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shp", "acme", Begun, "GW4014: there is no flow 'shp'; did you mean 'ship'?")]
    [InlineData("ship", "amce", Begun, "GW4014: there is no partner with consumers 'amce'; did you mean 'acme'?")]
    [InlineData("ship", "quiet", Begun, "GW4014: there is no partner with consumers 'quiet'")]
    [InlineData("ship", "acme", "{}", "GW4013: an act is one of event, call, told, alert, figure, passes, agrees, refuses and cancels")]
    [InlineData("ship", "acme", "{ event: order.accepted.v1, told: order.shipped.v1 }", "GW4013: an act is one of event, call, told, alert, figure, passes, agrees, refuses and cancels")]
    [InlineData("ship", "acme", "{ alert: loud }", "GW1014: ")]
    [InlineData("ship", "acme", "{ evnt: order.accepted.v1 }", "GW1012: 'evnt' is not known here; did you mean 'event'?")]
    public async Task What_can_t_be_played_is_a_finding_and_no_failed_case(string flow, string partner, string play, string finding)
    {
        var (code, said) = await PlayAsync(play, "running", flow, partner);

        Assert.Equal(Commands.Findings, code);
        Assert.Contains(finding, said, StringComparison.Ordinal);
        Assert.Contains("0 cases passed, 0 failed", said, StringComparison.Ordinal);
    }

    private Task<(int Code, string Said)> PlayAsync(string play, string ends, string flow = "ship", string partner = "acme") => _folder.TestAsync(
        $"cases:\n  - name: it\n    flow: {flow}\n    partner: {partner}\n    ends: {ends}\n    play:\n" + string.Concat(play.Split('\n').Select(act => act.Length == 0 ? "" : $"      - {act}\n")));
}
