using System.Collections.Frozen;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>What nobody may hold together, and what nobody may do one after the other.</summary>
public sealed class DutiesTests
{
    [Theory]
    [InlineData(false, Role.Viewer)]
    [InlineData(false, Role.Operator, Role.Viewer)]
    [InlineData(false, Role.Operator, Role.Approver)]
    [InlineData(false, Role.Administrator, Role.Viewer)]
    [InlineData(true, Role.Operator, Role.Administrator)]
    [InlineData(true, Role.Administrator, Role.Viewer, Role.Approver)]
    [InlineData(true, Role.Administrator, Role.Viewer, Role.Approver, Role.Operator)]
    public void Who_looks_after_the_record_neither_acts_nor_approves(bool conflict, params Role[] roles) =>
        Assert.Equal(conflict, Duties.Conflict(roles.ToFrozenSet()) is not null);

    [Fact]
    public void Who_asks_for_a_release_does_not_approve_it_and_somebody_else_does()
    {
        OperatorAct[] before = [Act("olaf", "release.request", "rel_1"), Act("anna", "release.request", "rel_2")];

        Assert.NotNull(Duties.Conflict(Act("olaf", "release.approve", "rel_1"), before));
        Assert.Null(Duties.Conflict(Act("anna", "release.approve", "rel_1"), before));
        Assert.Null(Duties.Conflict(Act("olaf", "release.approve", "rel_2"), before));
        Assert.Null(Duties.Conflict(Act("olaf", "release.request", "rel_1"), before));
        Assert.Null(Duties.Conflict(Act("olaf", "release.approve", "rel_1"), []));
    }

    [Fact]
    public void Every_rule_says_why() => Assert.All(Duties.Roles.Select(r => r.Why).Concat(Duties.Steps.Select(s => s.Why)), why => Assert.True(why.Length > 20));

    [Theory]
    [InlineData(Role.Viewer, true)]
    [InlineData(Role.Operator, false)]
    [InlineData(Role.Approver, true)]
    [InlineData(Role.Administrator, false)]
    public void Whoever_has_a_role_may_look_and_no_role_brings_another(Role role, bool may) =>
        Assert.Equal(may, new Operator("anna") { Roles = new HashSet<Role> { Role.Approver } }.May(role));

    [Fact]
    public void Whoever_has_none_may_not_even_look() => Assert.False(new Operator("nobody").May(Role.Viewer));

    private static OperatorAct Act(string actor, string action, string target) => new(actor, action, target);
}
