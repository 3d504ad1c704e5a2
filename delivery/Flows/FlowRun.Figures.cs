using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Delivery.Flows;

/// <summary>What an instance counts for, and whether it keeps its flow's promise.</summary>
public sealed partial class FlowRun
{
    /// <summary>Characters of a name in a group.</summary>
    private const int LongestName = 100;

    private static readonly decimal Unit = (decimal)Math.Pow(10, FlowFigure.Digits);

    private readonly List<(string Figure, string Error)> _uncounted = [];

    /// <summary>Figures that could not be told at the last <see cref="Move"/>, and why. They are as they were.</summary>
    public IReadOnlyList<(string Figure, string Error)> Uncounted => _uncounted;

    /// <summary>Whoever is late is told once, also while an operator is waited for.</summary>
    private void WatchPromise()
    {
        if (_instance.EndedAt is not null || _body.Late || _body.Becomes is not null || flow.Promise is not { } promise || !IsPast(_instance.CreatedAt + promise)) return;
        _body.Late = true;
        Note("", "late", $"longer than {Span(promise)}");
        Tell(FlowAlertKind.Late, "", flow.Owner, $"takes longer than {Span(promise)}, as promised");
    }

    /// <summary>Told once: as soon as the promise is broken, else at the end. What was cancelled has neither kept nor broken it.</summary>
    private bool? KeptPromise()
    {
        if (flow.Promise is not { } promise || _body.PromiseTold) return null;
        bool? kept = _body.Late ? false : _instance.State switch
        {
            FlowState.Done => _instance.EndedAt <= _instance.CreatedAt + promise,
            FlowState.Failed => false,
            _ => null,
        };
        _body.PromiseTold = kept is not null;
        return kept;
    }

    /// <summary>What has changed of what it counts for.</summary>
    private List<FigureChange> Recount(string stage)
    {
        _uncounted.Clear();
        var changes = new List<FigureChange>();
        foreach (var gone in _body.Figures.Where(c => !c.Lasts && flow.Figures.All(f => f.Name != c.Name)).ToList()) Count(gone.Name, gone, null, changes);
        if (flow.Figures.Count == 0) return changes;
        var sight = new FlowSight(Known, null, partner, Now) { Instance = Standing(stage) };
        foreach (var figure in flow.Figures)
        {
            var counted = _body.Figures.Find(c => c.Name == figure.Name);
            if (figure.Lasts && counted is { Lasts: true }) continue;
            if (_instance.EndedAt is not null && !figure.Lasts) Count(figure.Name, counted, null, changes);
            else if (Try(figure, sight, out var now)) Count(figure.Name, counted, now, changes);
        }
        return changes;
    }

    private void Count(string figure, FigureRecord? counted, FigureRecord? now, List<FigureChange> changes)
    {
        if (counted == now) return;
        if (counted is not null) _body.Figures.Remove(counted);
        if (now is not null) _body.Figures.Add(now);
        changes.Add(new FigureChange(figure, now?.Group, now?.Amount, now?.Lasts ?? false));
    }

    /// <summary>False where it can't be told.</summary>
    /// <param name="now">Null where the instance does not count.</param>
    private bool Try(FlowFigure figure, in FlowSight sight, out FigureRecord? now)
    {
        now = null;
        var counts = figure.While(sight);
        if (counts.Error is { } error) return Fail(figure, "while", error);
        if (!counts.IsTrue) return true;
        var group = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(group))
        {
            json.WriteStartObject();
            foreach (var (name, expression) in figure.By)
            {
                var value = expression(sight);
                if (value.Error is { } wrong) return Fail(figure, $"by.{name}", wrong);
                if (value.Text is { } text) json.WriteString(name, text.Length > LongestName ? text[..LongestName] : text);
            }
            json.WriteEndObject();
        }
        if (!TryAmount(figure, sight, out var amount)) return false;
        now = new FigureRecord(figure.Name, Encoding.UTF8.GetString(group.WrittenSpan), amount, figure.Lasts);
        return true;
    }

    private bool TryAmount(FlowFigure figure, in FlowSight sight, out long? amount)
    {
        amount = null;
        if (figure.Amount is not { } expression) return true;
        var value = expression(sight);
        if (value.Error is { } error) return Fail(figure, "amount", error);
        if (value.Json.IsEmpty) return true;
        if (!decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || Math.Abs(number) > FlowFigure.MostAmount)
            return Fail(figure, "amount", $"it gives no number, or one beyond {FlowFigure.MostAmount}");
        amount = (long)decimal.Round(number * Unit);
        return true;
    }

    private bool Fail(FlowFigure figure, string member, string error)
    {
        _uncounted.Add((figure.Name, $"{member}: {error}"));
        return false;
    }

    /// <summary><c>{ state, stage, late, overdue }</c>: its state in one word, the steps that are open, those of them that take longer than promised, and whether the whole does.</summary>
    private JsonElement Standing(string stage) => JsonSerializer.SerializeToElement(new
    {
        state = Word(_instance.State),
        stage = stage.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        late = _body.Steps.Where(s => s is { IsOver: false, ToldLate: true }).Select(s => s.Name),
        overdue = _body.Late,
    });
}
