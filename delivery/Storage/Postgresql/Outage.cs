using System.Net.Sockets;
using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>Which errors mean that the database is not available, rather than that a statement is wrong.</summary>
internal static class Outage
{
    /// <summary>
    /// Classes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection, authorization, catalogue, insufficient
    /// resources, the operator's intervention, system error, internal error.
    /// </summary>
    private static readonly string[] Classes = ["08", "28", "3D", "53", "57", "58", "XX"];

    /// <summary>Read-only (a standby), a transaction that stood still, serialization, deadlock, a lock that was waited for too long, privileges.</summary>
    private static readonly string[] States = ["25006", "25P03", "40001", "40P01", "55P03", "42501"];

    /// <summary>The outage that an error is; null for any other.</summary>
    public static StoreUnavailableException? Of(Exception error) => error switch
    {
        PostgresException told => IsOutage(told.SqlState) ? Told(told.MessageText, told) : null,
        NpgsqlException or SocketException or IOException or TimeoutException => Told(error.Message, error),
        _ when IsHalfWritten(error) => Told("the connection was lost while a statement was written", error),
        ObjectDisposedException => Closed(),
        _ => null,
    };

    /// <summary>The connection is gone, or of a server that became another: the next one may be good.</summary>
    public static bool IsLost(Exception error) => error switch
    {
        PostgresException told => told.SqlState is "25006" or "25P03" || told.SqlState.StartsWith("57P", StringComparison.Ordinal) || told.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException => error.InnerException is not TimeoutException,
        _ => error is SocketException or IOException || IsHalfWritten(error),
    };

    /// <summary>A connection that ends while a statement is written to it leaves parameters half bound, and the library's next step tells that as a mistake of its caller's.</summary>
    private static bool IsHalfWritten(Exception error) => error is InvalidOperationException and not ObjectDisposedException && error.Source == nameof(Npgsql);

    public static StoreUnavailableException Closed()
    {
        const string message = "The store is closed.";
        return new StoreUnavailableException(message, new ObjectDisposedException(nameof(PostgresqlStore), message));
    }

    /// <summary>The time that a call may take is over.</summary>
    public static StoreUnavailableException TooLong(string why)
    {
        var message = $"The database can't be read or written: {why}";
        return new StoreUnavailableException(message, new TimeoutException(message));
    }

    private static bool IsOutage(string state) => Classes.Contains(state[..2]) || States.Contains(state);

    private static StoreUnavailableException Told(string why, Exception error) => new($"The database can't be read or written: {why}", error);
}
