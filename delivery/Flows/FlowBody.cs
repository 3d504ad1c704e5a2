using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Delivery.Flows;

/// <summary>What an instance knows, as it is kept (<see cref="FlowInstance.Body"/>).</summary>
internal sealed class FlowBody
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The envelope of the event that it began with.</summary>
    public JsonElement Trigger { get; init; }

    /// <summary>What was begun, in its order.</summary>
    public List<StepRecord> Steps { get; init; } = [];

    /// <summary>What it is found by beside its key.</summary>
    public List<FlowRef> Refs { get; init; } = [];

    /// <summary>Positions of events that a step, or the cancellation, has taken.</summary>
    public List<long> Taken { get; init; } = [];

    /// <summary>How many entries its journal has.</summary>
    public int Entries { get; set; }

    /// <summary>How many of its steps are over.</summary>
    public int Over { get; set; }

    /// <summary>Who wants it cancelled, and why; null where nobody has asked.</summary>
    public string? CancelWhy { get; set; }

    /// <summary>Somebody wants it cancelled, and nobody has answered that yet.</summary>
    public bool CancelAsked { get; set; }

    /// <summary>What it becomes when it is undone; null where it is not being undone.</summary>
    public FlowState? Becomes { get; set; }

    /// <summary>Why it is being undone.</summary>
    public string? Why { get; set; }

    /// <summary>It is undone, and the steps behind that are done.</summary>
    public bool Closing { get; set; }

    /// <summary>That the whole takes longer than promised was told.</summary>
    public bool Late { get; set; }

    /// <summary>Whether it has kept its promise was told.</summary>
    public bool PromiseTold { get; set; }

    /// <summary>What it counts for.</summary>
    public List<FigureRecord> Figures { get; init; } = [];

    public static FlowBody Read(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<FlowBody>(json.Span, Form)!;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Form);

    /// <summary>A step as it was begun last; null where it was not, in this round.</summary>
    public StepRecord? Find(string step) => Steps.Find(s => s.Name == step && !s.IsPast);

    /// <summary>A step of a round.</summary>
    public StepRecord? Find(string step, int round) => Steps.Find(s => s.Name == step && s.Round == round);
}

/// <summary>That an instance counts for a figure, and how (<see cref="FigureChange"/>).</summary>
internal sealed record FigureRecord(string Name, string Group, long? Amount, bool Lasts);

/// <summary>How far a step is.</summary>
internal enum StepStatus
{
    Open,
    Done,

    /// <summary>Its condition did not hold, or its time ran out and the flow goes on.</summary>
    Passed,

    /// <summary>An operator said that it is not to be done.</summary>
    Skipped,

    /// <summary>The instance has ended without it.</summary>
    Dropped,
}

/// <summary>A step that was begun.</summary>
internal sealed class StepRecord
{
    public required string Name { get; init; }

    /// <summary>How many times the step was begun before: more than 0 in the later rounds of what is repeated.</summary>
    public int Round { get; init; }

    /// <summary>Its round is over.</summary>
    public bool IsPast { get; set; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Rounds that are over, of what is repeated.</summary>
    public int Rounds { get; set; }

    public StepStatus Status { get; set; }

    /// <summary>The how manieth step of the instance it was that came to its end; 0 for one that has not.</summary>
    public int Order { get; set; }

    public JsonElement? Result { get; set; }

    /// <summary>Of a call.</summary>
    public CallRecord? Call { get; set; }

    /// <summary>Of the call that undoes it.</summary>
    public CallRecord? Undo { get; set; }

    /// <summary>When a wait is over.</summary>
    public DateTimeOffset? Until { get; set; }

    /// <summary>Which way was chosen, from 1; 0 for none.</summary>
    public int Way { get; set; }

    /// <summary>Who has agreed.</summary>
    public List<string> Agreed { get; init; } = [];

    /// <summary>That it takes longer than promised was told.</summary>
    public bool ToldLate { get; set; }

    /// <summary>That its time has run out was told, and it waits on.</summary>
    public bool Stays { get; set; }

    /// <summary>How many of its escalations were told.</summary>
    public int Escalated { get; set; }

    [JsonIgnore]
    public bool IsOver => Status != StepStatus.Open;
}

/// <summary>How far a call is.</summary>
internal enum CallStatus
{
    /// <summary>To be sent, from <see cref="CallRecord.NextAt"/> on.</summary>
    Ready,

    /// <summary>To be sent when the backend can be reached again.</summary>
    Kept,

    /// <summary>Sent, or about to be, by the node that has the lease.</summary>
    Calling,

    /// <summary>It may or may not have been carried out: the backend is asked, from <see cref="CallRecord.NextAt"/> on.</summary>
    Unknown,
    Done,

    /// <summary>Nothing becomes of it, and nothing was changed by it.</summary>
    Failed,
}

internal sealed class CallRecord
{
    public CallStatus Status { get; set; }

    /// <summary>Attempts that were spent.</summary>
    public int Attempts { get; set; }

    /// <summary>How often it could not be found out what became of it, in a row.</summary>
    public int Asked { get; set; }

    public DateTimeOffset? NextAt { get; set; }

    /// <summary>How often it was held back by something of ours.</summary>
    public int Held { get; set; }

    /// <summary>An earlier call may have begun something at the backend that this one has to take up.</summary>
    public bool Resumes { get; set; }

    /// <summary>From when on no call that was sent can be under way any more.</summary>
    public DateTimeOffset? OverAt { get; set; }

    /// <summary>What an operator wants it called with, in place of what the flow says.</summary>
    public JsonElement? Input { get; set; }

    /// <summary>What was wrong last.</summary>
    public string? Trouble { get; set; }

    [JsonIgnore]
    public bool IsUncertain => Status is CallStatus.Calling or CallStatus.Unknown;
}
