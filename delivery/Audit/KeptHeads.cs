using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Delivery.Audit;

/// <summary>
/// The heads of the audit's chains, in a file beside the keys: who can write to the store alone can't take back what they say. The form is that of
/// <c>audit head</c>.
/// </summary>
public sealed class KeptHeads(string keyDirectory)
{
    public const string FileName = "audit-heads.json";

    /// <summary>For people and for <c>audit verify --heads</c>.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly string _file = Path.Combine(keyDirectory, FileName);

    /// <summary>What a file says; none where it is empty.</summary>
    /// <exception cref="InvalidDataException">It does not hold heads.</exception>
    public static async Task<IReadOnlyList<KnownHead>> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using var content = File.OpenRead(file);
            return await JsonSerializer.DeserializeAsync<List<KnownHead>>(content, Json, cancellation) ?? [];
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException($"'{file}' does not hold heads as 'audit head' prints them: {malformed.Message}", malformed);
        }
    }

    /// <summary>Those that were kept last; none before the first.</summary>
    /// <exception cref="InvalidDataException">Somebody wrote something else there.</exception>
    public async Task<IReadOnlyList<KnownHead>> ReadAsync(CancellationToken cancellation) => File.Exists(_file) ? await ReadAsync(_file, cancellation) : [];

    /// <summary>
    /// Keeps the last head of each chain in place of those before. Where the store has less than it once had, the old ones stay, for
    /// <c>audit verify</c> to show what is gone.
    /// </summary>
    /// <returns>Names of the segments of which something is gone.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(IReadOnlyList<AuditSegment> segments, CancellationToken cancellation)
    {
        var before = await ReadAsync(cancellation);
        var gone = before.Where(head => !segments.Any(head.MayBeOf)).Select(head => head.Segment).ToList();
        if (gone.Count > 0) return gone;
        List<KnownHead> now = [.. segments.GroupBy(s => (s.Node, s.Class)).Select(chain => KnownHead.Of(chain.Last()))];
        if (now.SequenceEqual(before)) return [];
        var next = $"{_file}.{Environment.ProcessId}";
        await using (var file = new FileStream(next, Options))
        {
            await JsonSerializer.SerializeAsync(file, now, Json, cancellation);
        }
        File.Move(next, _file, overwrite: true);
        return [];
    }

    private static FileStreamOptions Options
    {
        get
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.WriteThrough };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return options;
        }
    }
}
