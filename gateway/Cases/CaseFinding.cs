namespace Gateway.Cases;

/// <summary>What is told of cases, of mappings and of routes, that could not prove anything.</summary>
internal static class CaseFinding
{
    private const string Code = "GW4013";

    public static Diagnostic Of(Place place, string message, string cure) => new(Code, Severity.Error, place, message, cure);

    public static Diagnostic OfNoCases(string file) => Of(new Place(file, 1, 1), "the file has no case", "write one, or remove the file");

    /// <summary>Cases of one name: in a report nobody could tell which of them failed.</summary>
    public static IEnumerable<Diagnostic> Twice<T>(IEnumerable<T> cases, Func<T, string> name, Func<T, Place> place) =>
        cases.GroupBy(name).SelectMany(same => same.Skip(1)).Select(one => Of(place(one), $"'{name(one)}' is the name of another case of this file", "say what this one shows beside it"));
}
