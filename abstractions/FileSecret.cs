using System.Text;

namespace Gateway;

/// <summary>
/// A secret in a file, which may be replaced at any time: it is read anew where it is used, once a second at most. Reading its content, and not
/// its times, sees renames and the links that Kubernetes turns. A file that is gone, empty or can't be read leaves the value that was.
/// </summary>
public sealed class FileSecret : Secret
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _clock;
    private volatile Content _content;
    private long _looked;

    /// <exception cref="IOException">The file can't be read, or is empty.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read.</exception>
    public FileSecret(string reference, string path, TimeProvider clock)
        : base(reference, "")
    {
        (_path, _clock) = (path, clock);
        _content = new Content(File.ReadAllBytes(path));
        _looked = clock.GetTimestamp();
        if (_content.Text.Length == 0) throw new InvalidDataException($"{path} is empty");
    }

    /// <summary>The text without white space at its ends.</summary>
    public override string Reveal() => Current().Text;

    public override ReadOnlyMemory<byte> RevealBytes() => Current().Bytes;

    public override void Refresh()
    {
        Volatile.Write(ref _looked, _clock.GetTimestamp());
        Look();
    }

    private Content Current()
    {
        var looked = Volatile.Read(ref _looked);
        // One looks; the others take what is there.
        if (_clock.GetElapsedTime(looked) >= Rest && Interlocked.CompareExchange(ref _looked, _clock.GetTimestamp(), looked) == looked) Look();
        return _content;
    }

    private void Look()
    {
        try
        {
            var bytes = File.ReadAllBytes(_path);
            if (bytes.AsSpan().SequenceEqual(_content.Bytes)) return;
            var content = new Content(bytes);
            if (content.Text.Length > 0) _content = content;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Between two versions, or taken away: what was there holds until something else is.
        }
    }

    private sealed class Content(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public string Text { get; } = Encoding.UTF8.GetString(bytes).Trim();
    }
}
