namespace Gateway.Planning;

/// <summary>How much a change asks of those it meets, least first.</summary>
public enum EffectClass
{
    /// <summary>Nobody who keeps to what was agreed notices.</summary>
    Safe,

    /// <summary>Somebody should have a look.</summary>
    Attention,

    /// <summary>Callers who keep to what was agreed may fail.</summary>
    Breaking,

    /// <summary>Somebody may do what he could not do before.</summary>
    Weakening,
}

/// <summary>One thing that a change of the workspace does to one route.</summary>
/// <param name="Route">Name of the route.</param>
/// <param name="Text">What happens, in plain English: <c>contract order@1, body: #/orderLines/*/unitCode is required now</c>.</param>
public sealed record Effect(EffectClass Class, string Route, string Text)
{
    /// <summary>Where the route is declared now; none for one that is gone.</summary>
    public Place Place { get; init; } = Place.None;

    public override string ToString() => $"{Class.ToString().ToLowerInvariant(),-9} {Route}: {Text}";
}
