using Gateway.JsonSchema.Comparison;
using Gateway.JsonSchema.Compilation;

namespace Gateway.JsonSchema;

/// <summary>Which way documents of a contract go, seen from those who agreed to it.</summary>
public enum SchemaDirection
{
    /// <summary>Callers write them: what was allowed must stay allowed.</summary>
    Request,

    /// <summary>Callers read them: what was promised must stay promised. They are expected to pass over members they do not know.</summary>
    Response,
}

/// <summary>One difference between two versions of a contract.</summary>
/// <param name="Pointer">Where in the documents the contract is about, as a URI-fragment JSON Pointer (RFC 6901 section 6) with <c>*</c> for any
/// item or member: <c>#/orderLines/*/quantity</c>.</param>
/// <param name="Keyword">The schema keyword that differs.</param>
/// <param name="Location">Where it stands: in the newer document, or in the older when the newer no longer has it.</param>
/// <param name="Breaking">Callers who keep to the older version may fail by it.</param>
/// <param name="Reason">What differs, in plain English: <c>the lower bound was 0 and is 1</c>.</param>
public sealed record SchemaChange(string Pointer, string Keyword, string Location, bool Breaking, string Reason);

/// <summary>
/// Tells how two versions of a contract differ, and what of it breaks callers. It compares what the schemas say, keyword by keyword along their
/// references; where it can't tell whether a change is harmless (another pattern, another condition), it says breaking.
/// </summary>
public static class SchemaComparison
{
    /// <summary>The differences, breaking ones first, in the order in which the newer document has them.</summary>
    /// <param name="older">UTF-8 JSON.</param>
    /// <param name="olderOptions">Where it was found, and where what it refers to is found.</param>
    /// <param name="newer">UTF-8 JSON.</param>
    /// <exception cref="ArgumentException">One of the documents does not compile, a reference that leads nowhere included; the message tells where and why.</exception>
    public static IReadOnlyList<SchemaChange> Compare(
        ReadOnlyMemory<byte> older, SchemaOptions olderOptions, ReadOnlyMemory<byte> newer, SchemaOptions newerOptions, SchemaDirection direction)
    {
        SchemaView before = Load(older, olderOptions, nameof(older));
        SchemaView after = Load(newer, newerOptions, nameof(newer));
        ChangeLog log = new(direction);
        new Comparer(log).Compare(new Pair(before, after, "#", false));
        return log.Sorted();
    }

    private static SchemaView Load(ReadOnlyMemory<byte> utf8, SchemaOptions options, string parameter)
    {
        if (SchemaCompiler.Compile(utf8, options).Diagnostics is [{ } first, ..])
            throw new ArgumentException($"{first.Uri}{first.Pointer} ({first.Line},{first.Column}): {first.Message}; {first.Cure}", parameter);
        SchemaSet set = new(options, new Findings());
        string uri = UriReference.Split(options.BaseUri?.OriginalString ?? "").Document;
        return SchemaView.Of(set, set.Load(uri, utf8, Dialect.Of(options.DefaultDraft))!.Value);
    }
}
