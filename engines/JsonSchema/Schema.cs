using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.JsonSchema.Compilation;
using Gateway.JsonSchema.Evaluation;

namespace Gateway.JsonSchema;

/// <summary>
/// A JSON Schema (draft 2020-12, or draft-07 by <c>$schema</c>) compiled to a tree of validators. Immutable and safe for
/// concurrent use.
/// </summary>
public sealed class Schema
{
    private readonly SchemaNode _root;
    private readonly int _maxDepth;

    internal Schema(SchemaNode root, string? title, int maxDepth)
    {
        _root = root;
        _maxDepth = maxDepth;
        Title = title;
    }

    /// <summary>The root schema's <c>title</c>.</summary>
    public string? Title { get; }

    /// <summary>The members that the schema names for an object, along references, choices and conditions. Made anew with every call.</summary>
    public IReadOnlyDictionary<string, SchemaMember> Members => MemberSearch.Find(_root);

    /// <summary>Follows names of members from the document's root on, along references, choices and conditions.</summary>
    public SchemaPath Follow(IReadOnlyList<string> path) => MemberSearch.Follow(_root, path);

    /// <summary>Whether members that the schema does not name have rules, by <c>patternProperties</c> or <c>additionalProperties</c>.</summary>
    public bool HasRulesForOtherMembers => MemberSearch.HasRulesForOthers(_root);

    /// <summary>Whether a value of this kind may be valid; for several kinds, whether one of any of them may.</summary>
    public bool Takes(SchemaKinds kinds) => (MemberSearch.KindsOf(_root) & kinds) != SchemaKinds.None;

    /// <summary>
    /// Compiles the schema document <paramref name="utf8"/> (UTF-8 JSON, with or without byte order mark; not kept).
    /// Never throws on a bad schema: every finding is a diagnostic, and with any diagnostic there is no schema.
    /// </summary>
    public static SchemaCompilation Compile(ReadOnlyMemory<byte> utf8, SchemaOptions options) => SchemaCompiler.Compile(utf8, options);

    /// <summary>Flag mode: stops at the first failure and allocates nothing when the instance is valid.</summary>
    public bool IsValid(JsonElement instance) => IsValid(JsonMarshal.GetRawUtf8Value(instance));

    /// <summary>
    /// The same for JSON that is known to be well-formed, without duplicate names and white space before it, as a writer leaves it: it is not parsed,
    /// and on anything else the answer means nothing.
    /// </summary>
    public bool IsValid(ReadOnlySpan<byte> wellFormed)
    {
        Run run = Run.Start(_maxDepth, wellFormed.Length);
        try
        {
            return _root.Matches(wellFormed, 0, run, default) && !run.Aborted;
        }
        finally
        {
            run.Finish();
        }
    }

    /// <summary>
    /// List mode: everything that is wrong with the instance, in document order of discovery, at most <paramref
    /// name="maxErrors"/> entries. Empty means valid. Messages never contain instance values.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxErrors"/> is less than 1.</exception>
    public IReadOnlyList<SchemaError> Validate(JsonElement instance, int maxErrors = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxErrors, 1);
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(instance);
        Run run = Run.Start(_maxDepth, text.Length, new ErrorLog(maxErrors));
        try
        {
            bool valid = _root.Matches(text, 0, run, default) && !run.Aborted;
            return valid ? [] : SensitivePlaces.Cut(run.Errors(), _root);
        }
        finally
        {
            run.Finish();
        }
    }
}
