using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Policies.Transform;

/// <summary>
/// Where a mapping writes: a thread's own buffer, used again and again, so that a document costs its own bytes once and not
/// a buffer that had to be guessed.
/// </summary>
internal sealed class MappingOutput
{
    /// <summary>A buffer that grew beyond this is left to the collector.</summary>
    private const int MaxKept = 1 << 18;

    [ThreadStatic]
    private static MappingOutput? _idle;

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    private MappingOutput() => Writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public Utf8JsonWriter Writer { get; }

    /// <summary>The thread's output, or another while that is in use; empty.</summary>
    public static MappingOutput Take()
    {
        var output = _idle ?? new MappingOutput();
        _idle = null;
        return output;
    }

    /// <summary>What was written.</summary>
    public byte[] ToBytes()
    {
        Writer.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    /// <summary>Empties it for the thread's next mapping; what was written of a failed one is dropped.</summary>
    public void GiveBack()
    {
        if (_buffer.Capacity > MaxKept) return;
        _buffer.ResetWrittenCount();
        Writer.Reset();
        _idle = this;
    }
}
