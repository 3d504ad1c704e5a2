namespace Gateway;

/// <summary>
/// Segregation of duties, as data: what nobody may hold together, and what nobody may do one after the other. Roles are held against it
/// where they are granted (<c>validate</c>, and a token that brings several groups), steps where they are taken.
/// </summary>
public static class Duties
{
    public static readonly IReadOnlyList<RolesApart> Roles =
    [
        new(Role.Operator, Role.Administrator, "who replays a message could delete the record of it"),
        new(Role.Approver, Role.Administrator, "who lets something go could delete the record of it"),
    ];

    public static readonly IReadOnlyList<StepsApart> Steps =
    [
        new("release.request", "release.approve", "who asks for a release does not approve it"),
    ];

    /// <summary>What two of these roles may not be one operator's; null when all of them may.</summary>
    public static RolesApart? Conflict(IReadOnlySet<Role> roles) => Roles.FirstOrDefault(apart => roles.Contains(apart.One) && roles.Contains(apart.Other));

    /// <summary>Which rule keeps somebody from a step; null when none does.</summary>
    /// <param name="act">What is about to be done.</param>
    /// <param name="before">What was done to the same target until now, by whomever.</param>
    public static StepsApart? Conflict(OperatorAct act, IEnumerable<OperatorAct> before) => Steps.FirstOrDefault(apart =>
        apart.Second == act.Action && before.Any(earlier => earlier.Action == apart.First && earlier.Target == act.Target && earlier.Actor == act.Actor));
}

/// <summary>Two roles that nobody has both of, and why.</summary>
public sealed record RolesApart(Role One, Role Other, string Why);

/// <summary>Two actions on one target that nobody takes both of, in this order, and why.</summary>
public sealed record StepsApart(string First, string Second, string Why);
