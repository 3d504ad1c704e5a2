using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Gateway.Tests.Conformance.Stores;

/// <summary>What PostgreSQL did for a statement of the store: prepared, with its values, and really carried out.</summary>
internal static partial class PostgresqlPlans
{
    /// <param name="mode">One of <c>plan_cache_mode</c>: a plan for these values, or one for all.</param>
    /// <param name="counts">What is told beside rows: <c>BUFFERS</c>.</param>
    public static async Task<string> OfAsync(NpgsqlConnection db, NpgsqlBatchCommand asked, string mode, string counts = "")
    {
        var cancellation = StoreFixture.Cancellation;
        var names = Bound().Matches(asked.CommandText).Select(m => m.Groups[1].Value).Distinct().ToList();
        var sql = Bound().Replace(asked.CommandText, m => $"${names.IndexOf(m.Groups[1].Value) + 1}");
        var bound = names.Select(name => (NpgsqlParameter)asked.Parameters[name]).ToList();
        var types = bound.Count == 0 ? "" : $"({string.Join(", ", bound.Select(TypeOf))})";
        await using (var prepare = db.CreateCommand())
        {
            prepare.CommandText = $"SET plan_cache_mode = {mode}; DEALLOCATE ALL; PREPARE asked {types} AS {sql}";
            await prepare.ExecuteNonQueryAsync(cancellation);
        }
        await using var explain = db.CreateCommand();
        explain.CommandText = $"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF{(counts.Length > 0 ? ", " + counts : "")}) EXECUTE asked{(bound.Count == 0 ? "" : $"({string.Join(", ", bound.Select(p => Literal(p.Value)))})")}";
        await using var rows = await explain.ExecuteReaderAsync(cancellation);
        var plan = new List<string>();
        while (await rows.ReadAsync(cancellation)) plan.Add(rows.GetString(0));
        return string.Join('\n', plan);
    }

    /// <summary>Pages of 8 kB that the statement looked at, wherever they were; those of its planning are not counted.</summary>
    public static async Task<long> PagesAsync(NpgsqlConnection db, NpgsqlBatchCommand asked, string mode)
    {
        var plan = await OfAsync(db, asked, mode, "BUFFERS");
        var planning = plan.IndexOf("Planning:", StringComparison.Ordinal);
        // What a node says holds what is below it.
        var told = Pages().Match(planning < 0 ? plan : plan[..planning]);
        return told.Success ? told.Groups["pages"].Captures.Sum(c => long.Parse(c.ValueSpan, CultureInfo.InvariantCulture)) : 0;
    }

    private static string TypeOf(NpgsqlParameter parameter) => parameter.NpgsqlDbType switch
    {
        NpgsqlDbType.Bigint => "bigint",
        NpgsqlDbType.Integer => "integer",
        NpgsqlDbType.Text => "text",
        NpgsqlDbType.Bytea => "bytea",
        NpgsqlDbType.Array | NpgsqlDbType.Bigint => "bigint[]",
        NpgsqlDbType.Array | NpgsqlDbType.Text => "text[]",
        var other => throw new NotSupportedException($"{other}"),
    };

    private static string Literal(object? value) => value switch
    {
        long[] numbers => $"'{{{string.Join(',', numbers)}}}'",
        string[] texts => $"'{{{string.Join(',', texts)}}}'",
        byte[] bytes => $"'\\x{Convert.ToHexString(bytes)}'",
        string text => $"'{text}'",
        long or int => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        _ => "NULL",
    };

    [GeneratedRegex(@"(?<!@)@(\w+)")]
    private static partial Regex Bound();

    [GeneratedRegex(@"Buffers: shared(?: (?:hit|read)=(?<pages>\d+))+")]
    private static partial Regex Pages();
}
