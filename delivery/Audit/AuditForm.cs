using System.Text;

namespace Gateway.Delivery.Audit;

/// <summary>
/// Audit records as bytes: about 55 a record. What is about persons is not among them; a commitment to it stands in its place
/// (<see cref="AuditPerson"/>).
/// </summary>
internal static class AuditForm
{
    /// <summary>The form of before there was a chain: without persons and acts.</summary>
    private const byte Unchained = 1;

    private const byte Chained = 2;

    [Flags]
    private enum Parts : byte
    {
        /// <summary>The correlation id is not the trace id: the caller gave one.</summary>
        OwnTrace = 1,

        Act = 2,

        /// <summary>The correlation id is written as 16 bytes.</summary>
        Short = 4,
    }

    /// <summary>
    /// The records: a byte for the form, then each record. Texts that repeat (names, outcomes) are written once and then by number: 0 stands for
    /// null, a new number is followed by its text. So are persons, with their commitments for a text. A time is the ticks since the one before.
    /// </summary>
    /// <returns>The bytes, and what is about persons, salted, by number from 1.</returns>
    public static (byte[] Records, IReadOnlyList<byte[]> Persons) Write(IReadOnlyList<AuditRecord> records)
    {
        var block = new Writing(records.Count);
        foreach (var record in records) block.Write(record);
        return (block.Bytes, block.Persons);
    }

    /// <param name="persons">Gives the person of a number and its commitment; null for one who was erased. Asked once a number.</param>
    /// <exception cref="InvalidDataException">The bytes are not what <see cref="Write"/> gives.</exception>
    public static List<AuditRecord> Read(ReadOnlyMemory<byte> block, AuditClass about, Func<int, byte[], AuditPerson?> persons)
    {
        try
        {
            using var from = new BinaryReader(new MemoryStream(block.ToArray()), Encoding.UTF8);
            var form = from.ReadByte();
            if (form is not (Unchained or Chained)) throw new InvalidDataException("These audit records are in a form that this build does not know.");
            var reading = new Reading(from, about, persons);
            var records = new List<AuditRecord>();
            while (from.BaseStream.Position < block.Length) records.Add(form == Chained ? reading.Record() : reading.UnchainedRecord());
            return records;
        }
        catch (Exception broken) when (broken is IOException or ArgumentException or FormatException or OverflowException)
        {
            throw new InvalidDataException("These bytes are not audit records.", broken);
        }
    }

    /// <summary>A block as it is written: what has a number so far.</summary>
    private sealed class Writing
    {
        private readonly AuditBytes _to;
        private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
        private readonly Dictionary<AuditPerson, int> _numbers = [];
        private readonly List<byte[]> _persons = [];
        private (AuditPerson Person, int Number) _last;
        private long _before;

        public Writing(int records)
        {
            _to = new AuditBytes(64 * records + 256);
            _to.Byte(Chained);
        }

        public byte[] Bytes => _to.ToArray();

        public IReadOnlyList<byte[]> Persons => _persons;

        public void Write(AuditRecord record)
        {
            Person(AuditPerson.Of(record));
            _to.Signed(record.At.UtcTicks - _before);
            _before = record.At.UtcTicks;
            _to.Double(record.Milliseconds);
            _to.Number((ulong)record.Status);
            Name(record.Tenant);
            Name(record.Act is null ? record.Consumer : null);
            Name(record.Route);
            Name(record.Method);
            Name(record.Revision);
            Name(record.Outcome);
            Name(record.Reason);
            _to.Text(record.Class == AuditClass.Personal ? "" : record.Path);
            Ids(record);
            if (record.Act is { } act) Write(act);
        }

        private void Ids(AuditRecord record)
        {
            var @short = AuditBytes.IsTraceId(record.CorrelationId);
            var own = record.TraceId != record.CorrelationId;
            _to.Byte((byte)((own ? Parts.OwnTrace : 0) | (record.Act is null ? 0 : Parts.Act) | (@short ? Parts.Short : 0)));
            if (@short) _to.TraceId(record.CorrelationId);
            else _to.Text(record.CorrelationId);
            if (own) _to.Text(record.TraceId ?? "");
        }

        private void Write(OperatorAct act)
        {
            _to.Text(act.Action);
            _to.Text(act.Target);
            _to.Optional(act.Why);
            _to.Optional(act.Before);
            _to.Optional(act.After);
        }

        private void Name(string? text)
        {
            if (text is null)
            {
                _to.Number(0);
            }
            else if (_names.TryGetValue(text, out var number))
            {
                _to.Number((ulong)number);
            }
            else
            {
                _names.Add(text, _names.Count + 1);
                _to.Number((ulong)_names.Count);
                _to.Text(text);
            }
        }

        private void Person(AuditPerson? somebody)
        {
            if (somebody is not { } person)
            {
                _to.Number(0);
                return;
            }
            // Calls of one connection follow each other often.
            if (_last.Number == 0 || _last.Person != person) _last = (person, _numbers.GetValueOrDefault(person));
            if (_last.Number > 0)
            {
                _to.Number((ulong)_last.Number);
                return;
            }
            _persons.Add(person.Salted());
            _last.Number = _persons.Count;
            _numbers.Add(person, _last.Number);
            _to.Number((ulong)_last.Number);
            _to.Raw(AuditPerson.Commitment(_persons[^1]));
        }
    }

    /// <summary>A block as it is read: the names and persons so far.</summary>
    private sealed class Reading(BinaryReader from, AuditClass about, Func<int, byte[], AuditPerson?> persons)
    {
        private readonly List<string> _names = [];
        private readonly List<AuditPerson?> _persons = [];
        private long _before;

        public AuditRecord Record()
        {
            var (somebody, person) = Person();
            _before += AuditBytes.Signed(from);
            var record = Told(new DateTimeOffset(_before, TimeSpan.Zero));
            var parts = (Parts)from.ReadByte();
            var correlationId = parts.HasFlag(Parts.Short) ? AuditBytes.TraceId(from) : from.ReadString();
            var traceId = parts.HasFlag(Parts.OwnTrace) ? from.ReadString() : correlationId;
            var act = parts.HasFlag(Parts.Act) ? Act(person?.Subject ?? "") : null;
            return record with
            {
                CorrelationId = correlationId,
                TraceId = traceId.Length == 0 ? null : traceId,
                Path = person?.Path ?? record.Path,
                Address = person?.Address,
                Subject = act is null ? person?.Subject : null,
                Erased = somebody && person is null,
                // An act tells its class by itself.
                Class = act is null ? about : default,
                Act = act,
            };
        }

        /// <summary>A record of the form of before.</summary>
        public AuditRecord UnchainedRecord()
        {
            var record = Told(new DateTimeOffset(from.ReadInt64(), TimeSpan.Zero));
            var correlationId = from.ReadString();
            var traceId = from.ReadBoolean() ? from.ReadString() : correlationId;
            return record with { CorrelationId = correlationId, TraceId = traceId.Length == 0 ? null : traceId };
        }

        /// <summary>What stands before the correlation id, in both forms.</summary>
        private AuditRecord Told(DateTimeOffset at)
        {
            var milliseconds = from.ReadDouble();
            var status = from.Read7BitEncodedInt();
            var (tenant, consumer, route, method, revision, outcome, reason) = (Name(), Name(), Name(), Name(), Name(), Name(), Name());
            return new AuditRecord(at, tenant ?? "", consumer, route ?? "", method ?? "", from.ReadString(), revision ?? "", "", status, outcome ?? "")
            {
                Reason = reason,
                Milliseconds = milliseconds,
                Class = about,
            };
        }

        private OperatorAct Act(string actor) => new(actor, from.ReadString(), from.ReadString())
        {
            Why = AuditBytes.Optional(from),
            Before = AuditBytes.Optional(from),
            After = AuditBytes.Optional(from),
        };

        private string? Name()
        {
            var number = from.Read7BitEncodedInt();
            if (number == 0) return null;
            if (number > _names.Count) _names.Add(from.ReadString());
            return _names[number - 1];
        }

        private (bool Somebody, AuditPerson? Person) Person()
        {
            var number = from.Read7BitEncodedInt();
            if (number == 0) return default;
            if (number > _persons.Count) _persons.Add(persons(_persons.Count + 1, from.ReadBytes(AuditPerson.CommitmentSize)));
            return (true, _persons[number - 1]);
        }
    }
}
