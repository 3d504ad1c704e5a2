using Gateway.JsonSchema;
using Gateway.Policies.Contract;
using Gateway.Policies.Idempotency;

namespace Gateway.Configuration;

/// <summary>What can be wrong with a use of idempotency beside the rest of its route: the contract of the body, and who calls.</summary>
internal static class BusinessKeyChecks
{
    public static void Check(IReadOnlyList<(string Name, PolicyDocument Policy)> used, PolicyScope scope, bool authenticates)
    {
        if (used.Select(u => u.Policy.Options).OfType<IdempotencyOptions>().FirstOrDefault() is not { } idempotency) return;
        if (!authenticates)
        {
            scope.Error("GW5046", scope.PlaceOf(idempotency, ""), $"the route '{scope.RouteName}' asks nobody who they are, so all callers would share their keys and get each other's answers",
                "add a policy of the kind authenticate");
        }
        if (used.Select(u => u.Policy.Options).OfType<ContractOptions>().FirstOrDefault()?.Request is not { } name || scope.File(CompiledContract.Path(name)) is null) return;
        if (CompiledContract.Find(name, scope.PlaceOf(idempotency, ""), scope) is not { } contract) return;
        foreach (var path in idempotency.Key.Distinct())
        {
            if (FaultOf(path, contract) is var (wrong, cure)) scope.Error("GW5045", scope.PlaceOf(idempotency, nameof(idempotency.Key)), wrong, cure);
        }
    }

    /// <summary>Members that name the order in which accepted work is forwarded: one that no body has would make one lane of all.</summary>
    public static void CheckOrder(IReadOnlyList<(string Name, PolicyDocument Policy)> used, IReadOnlyList<string> members, PolicyScope scope, Place place)
    {
        if (used.Select(u => u.Policy.Options).OfType<ContractOptions>().FirstOrDefault()?.Request is not { } name || scope.File(CompiledContract.Path(name)) is null) return;
        if (CompiledContract.Find(name, place, scope) is not { } contract) return;
        foreach (var path in members.Distinct())
        {
            if (FaultOf(path, contract, "inOrderOf") is var (wrong, cure)) scope.Error("GW5263", place, wrong, cure);
        }
    }

    private static (string Wrong, string Cure)? FaultOf(string path, CompiledContract contract, string who = "the business key")
    {
        var members = path.Split('.');
        var end = contract.Schema.Follow(members);
        if (end.Names is { } names)
            return ($"{who} names '{path}', and {contract.Name} has no member '{string.Join('.', members[..(end.Known + 1)])}'", Nearest.Cure(members[end.Known], names));
        return end.Known == members.Length && (end.Kinds & (SchemaKinds.String | SchemaKinds.Number)) == SchemaKinds.None
            ? ($"{who} names '{path}', which is neither text nor a number in {contract.Name}", "name a member that is, within it or beside it")
            : null;
    }
}
