using Gateway.JsonSchema.Patterns;
using Gateway.JsonSchema.Unicode;

namespace Gateway.JsonSchema.Formats;

/// <summary>The Bidi rule, RFC 5893 section 2: once a name holds a right-to-left letter, all its labels must follow it.</summary>
internal static class IdnaBidi
{
    private static readonly string[] Classes = ["L", "R", "AL", "AN", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"];
    private static readonly string[] InRightToLeft = ["R", "AL", "AN", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"];
    private static readonly string[] InLeftToRight = ["L", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"];

    private static readonly Lazy<Dictionary<string, CodePointSet>> Sets =
        new(() => Classes.ToDictionary(name => name, name => UnicodeTables.IdnaSet("Bidi_" + name)));

    public static bool IsValid(List<int[]> labels)
    {
        List<string[]> classes = labels.ConvertAll(label => Array.ConvertAll(label, ClassOf));
        return !classes.Exists(label => label.Any(name => name is "R" or "AL" or "AN")) || classes.TrueForAll(FollowsRule);
    }

    private static bool FollowsRule(string[] label)
    {
        string last = Array.FindLast(label, name => name != "NSM") ?? "";
        switch (label[0])
        {
            case "R" or "AL":
                return label.All(InRightToLeft.Contains) && last is "R" or "AL" or "EN" or "AN" && !(label.Contains("EN") && label.Contains("AN"));
            case "L":
                return label.All(InLeftToRight.Contains) && last is "L" or "EN";
            default:
                return false;
        }
    }

    private static string ClassOf(int codePoint)
    {
        foreach ((string name, CodePointSet set) in Sets.Value)
        {
            if (set.Contains(codePoint))
                return name;
        }
        return "";
    }
}
