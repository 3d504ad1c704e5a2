using System.Text.Json;

namespace Gateway.Planning;

/// <summary>One thing that a change of the workspace does.</summary>
/// <param name="Subject">To what: the name of a route, a consumer, a webhook, a backend.</param>
/// <param name="Text">What happens, in plain English: <c>contract order@1, body: #/orderLines/*/unitCode is required now</c>.</param>
public sealed record Effect(EffectClass Class, string Subject, string Text)
{
    /// <summary>Where the subject is declared now; none for one that is gone.</summary>
    public Place Place { get; init; } = Place.None;

    public override string ToString() => $"{NameOf(Class),-18} {Subject}: {Text}";

    /// <summary><c>security-weakening</c>.</summary>
    public static string NameOf(EffectClass effect) => JsonNamingPolicy.KebabCaseLower.ConvertName(effect.ToString());
}
