using System.Text.Json;

namespace Gateway.Jsonata.Runtime;

/// <summary>
/// Where the result is written, in part while it is still being worked out. A field's name waits for its value, because a
/// field without one is left out.
/// </summary>
internal sealed class Output(Evaluation run, Utf8JsonWriter writer)
{
    private readonly long _limit = writer.BytesCommitted + writer.BytesPending + run.Options.MaxOutputBytes;
    private JsonEncodedText _name;
    private bool _hasName;

    /// <summary>The name of what is put next.</summary>
    public void Name(JsonEncodedText name)
    {
        _name = name;
        _hasName = true;
    }

    /// <summary>Writes a value unless there is none, or unless it stands for what was written already.</summary>
    public void Put(in Value value)
    {
        if (value.Kind == Value.WrittenKind)
        {
            return;
        }
        if (value.IsUndefined)
        {
            _hasName = false;
            return;
        }
        PutItem(value);
    }

    /// <summary>Writes a value, or null when an array holds a place for none.</summary>
    public void PutItem(in Value value)
    {
        WriteName();
        JsonText.Write(run, value, writer, _limit);
        JsonText.CheckSize(run, writer, _limit);
    }

    public void StartObject()
    {
        WriteName();
        JsonText.CheckLimits(run, writer, _limit);
        writer.WriteStartObject();
    }

    public void EndObject() => writer.WriteEndObject();

    public void StartArray()
    {
        WriteName();
        JsonText.CheckLimits(run, writer, _limit);
        writer.WriteStartArray();
    }

    public void EndArray() => writer.WriteEndArray();

    private void WriteName()
    {
        if (_hasName)
        {
            _hasName = false;
            writer.WritePropertyName(_name);
        }
    }
}
