using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Gateway.Tests.Functional.Support;

/// <summary>
/// Stands between a gateway and PostgreSQL and reads what goes by (frontend/backend protocol 3.0), so that a test kills the gateway exactly where it writes, with nothing in the
/// product for that. Everything passes until the statement comes that a test waits for; its connection stands still then, and all the others go on.
/// </summary>
internal sealed class PostgresqlTap : IWriteStops
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly int _port;
    private volatile Stop? _stop;

    private PostgresqlTap(NpgsqlConnectionStringBuilder server)
    {
        _port = server.Port;
        _listener.Start();
        server.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Connection = server.ConnectionString;
        _ = AcceptAsync();
    }

    /// <summary>As <c>state.postgresql.connection</c> says it.</summary>
    public string Connection { get; }

    /// <param name="connection">Of a database on this machine.</param>
    public static PostgresqlTap Before(string connection) => new(new NpgsqlConnectionStringBuilder(connection));

    /// <summary>Stops at the next statement like this; completes when it stands there. In a transaction <see cref="WriteSide.Behind"/> is behind its commit.</summary>
    public Task StopAt(WriteBoundary boundary, WriteSide side) => (_stop = new Stop(new Regex(boundary.Statement, RegexOptions.Singleline), side, boundary.Nth)).Reached.Task;

    /// <summary>Stops nowhere any more; what stands still does so until its gateway is gone.</summary>
    public void GoOn() => _stop = null;

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Dispose();
        _ends.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ends.Token), _ends.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken ends)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port, ends);
                var talk = new Talk(this, client.GetStream(), server.GetStream(), ends);
                if (await talk.BeginAsync()) await Task.WhenAny(talk.AskAsync(), talk.AnswerAsync()).Unwrap();
            }
            catch (Exception ended) when (ended is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One of the two is gone; the other learns it by the end of its connection.
            }
        }
    }

    private sealed record Stop(Regex Statement, WriteSide Side, int Nth)
    {
        private int _met;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether this is the statement that is waited for.</summary>
        public bool IsAt(string statement) => !Reached.Task.IsCompleted && Statement.IsMatch(statement) && Interlocked.Increment(ref _met) == Nth;
    }

    /// <summary>One connection.</summary>
    private sealed class Talk(PostgresqlTap tap, NetworkStream client, NetworkStream server, CancellationToken ends)
    {
        private const int Startup = 196608;
        private const int Cancel = 80877102;

        private readonly Dictionary<string, string> _prepared = [];
        private readonly List<string> _batch = [];
        private readonly MemoryStream _asked = new();
        private bool _inTransaction;

        // What was met in the transaction that is open.
        private Stop? _met;

        // Whose answers are kept back from here on.
        private volatile Stop? _kept;

        /// <summary>What goes before the messages. False where nothing more is said.</summary>
        public async Task<bool> BeginAsync()
        {
            while (true)
            {
                var length = new byte[4];
                await client.ReadExactlyAsync(length, ends);
                var rest = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - 4];
                await client.ReadExactlyAsync(rest, ends);
                await server.WriteAsync((byte[])[.. length, .. rest], ends);
                switch (BinaryPrimitives.ReadInt32BigEndian(rest))
                {
                    case Startup: return true;
                    case Cancel: return false;
                }
                // It asks for encryption, and is told in one byte that there is none.
                var answer = new byte[1];
                await server.ReadExactlyAsync(answer, ends);
                await client.WriteAsync(answer, ends);
            }
        }

        public async Task AskAsync()
        {
            while (true)
            {
                var (type, message) = await ReadAsync(client);
                var text = message.AsSpan(5);
                if (type == 'P') _prepared[First(text)] = First(text[(First(text).Length + 1)..]);
                else if (type == 'B') _batch.Add(_prepared.GetValueOrDefault(First(text[(First(text).Length + 1)..]), ""));
                else if (type == 'Q') _batch.Add(First(text));
                _asked.Write(message);
                if (type is 'P' or 'B' or 'D' or 'E' or 'C') continue;
                if (StandsStill())
                {
                    // Until the gateway is gone.
                    await client.CopyToAsync(Stream.Null, ends);
                    return;
                }
                await server.WriteAsync(_asked.ToArray(), ends);
                _asked.SetLength(0);
                _batch.Clear();
            }
        }

        public async Task AnswerAsync()
        {
            while (true)
            {
                var (type, message) = await ReadAsync(server);
                if (_kept is not { } stop) await client.WriteAsync(message, ends);
                else if (type == 'Z') stop.Reached.TrySetResult();
            }
        }

        /// <summary>Whether what was asked is not to reach the database.</summary>
        private bool StandsStill()
        {
            foreach (var statement in _batch)
            {
                if (statement.StartsWith("BEGIN", StringComparison.OrdinalIgnoreCase)) _inTransaction = true;
                if (tap._stop is { } stop && stop.IsAt(statement))
                {
                    if (stop.Side == WriteSide.Before)
                    {
                        stop.Reached.TrySetResult();
                        return true;
                    }
                    _met = stop;
                }
                if (statement.StartsWith("ROLLBACK", StringComparison.OrdinalIgnoreCase)) (_inTransaction, _met) = (false, null);
                if (statement.StartsWith("COMMIT", StringComparison.OrdinalIgnoreCase)) _inTransaction = false;
            }
            if (!_inTransaction && _met is not null) _kept = _met;
            return false;
        }

        private async Task<(char Type, byte[] Message)> ReadAsync(NetworkStream stream)
        {
            var head = new byte[5];
            await stream.ReadExactlyAsync(head, ends);
            var message = new byte[1 + BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
            head.CopyTo(message, 0);
            await stream.ReadExactlyAsync(message.AsMemory(5), ends);
            return ((char)head[0], message);
        }

        /// <summary>The text up to its end, which is a zero.</summary>
        private static string First(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..text.IndexOf((byte)0)]);
    }
}
