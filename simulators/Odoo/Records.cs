namespace Gateway.Simulators.Odoo;

/// <summary>Creating, changing and deleting records with everything a model attaches to it.</summary>
internal static class Records
{
    public static Row Create(this Session session, Model model, Values values)
    {
        if (model.InsteadOfCreating(session, values) is { } existing)
            return existing;
        var row = session.Insert(model);
        if (values.ExternalId is { } externalId)
            ExternalIds.Add(session, externalId, row);
        foreach (var (name, value) in values)
            if (!model.Fields[name].IsToMany)
                Store(session, row, model.Fields[name], value);
        foreach (var field in model.Fields.Values)
            if (field.Default is { } initial && !values.ContainsKey(field.Name))
                session.Set(row, field.Name, initial(session));
        model.Creating(session, row);
        CheckRequired(session, row);
        foreach (var (name, value) in values)
            if (model.Fields[name].IsToMany)
                Apply(session, row, model.Fields[name], (IReadOnlyList<Command>?)value ?? []);
        model.Changed(session, row, values.Keys.ToHashSet());
        return row;
    }

    public static void Write(this Session session, Row row, Values values)
    {
        foreach (var (name, value) in values)
        {
            var field = row.Model.Fields[name];
            if (field.IsToMany)
                Apply(session, row, field, (IReadOnlyList<Command>?)value ?? []);
            else
                Store(session, row, field, value);
        }
        session.Touch(row);
        CheckRequired(session, row);
        row.Model.Changed(session, row, values.Keys.ToHashSet());
    }

    public static void Delete(this Session session, Row row)
    {
        row.Model.Deleting(session, row);
        foreach (var name in ExternalIds.Of(session, row))
            session.Remove(name);
        session.Remove(row);
    }

    private static void Store(Session session, Row row, Field field, object? value)
    {
        if (field.Compute is not null)
            return;
        if (field.Type is FieldType.Many2One && value is int id && session.Find(field.Relation!, id) is null)
            throw OdooError.Missing(field.Relation!, id, session.User);
        session.Set(row, field.Name, value);
    }

    private static void CheckRequired(Session session, Row row)
    {
        foreach (var field in row.Model.Fields.Values)
            if (field is { IsRequired: true, Compute: null } && session.Get(row, field) is null)
                throw new MissingValue(row.Model, field);
    }

    private static void Apply(Session session, Row owner, Field field, IReadOnlyList<Command> commands)
    {
        foreach (var command in commands)
            if (field.Type is FieldType.One2Many)
                ApplyToLines(session, owner, field, command);
            else
                session.Set(owner, field.Name, NextIds(session, field, session.Ids(owner, field.Name), command));
    }

    private static void ApplyToLines(Session session, Row owner, Field field, Command command)
    {
        var lines = session.Table(field.Relation!).Model;
        switch (command.Kind)
        {
            case CommandKind.Create:
                var created = new Values { ExternalId = command.Values!.ExternalId };
                foreach (var (name, value) in command.Values)
                    created[name] = value;
                created[field.Inverse!] = owner.Id;
                session.Create(lines, created);
                break;
            case CommandKind.Update:
                session.Write(session.Record(lines.Name, command.Id), command.Values!);
                break;
            case CommandKind.Delete or CommandKind.Unlink:
                session.Delete(session.Record(lines.Name, command.Id));
                break;
            case CommandKind.Link:
                session.Set(session.Record(lines.Name, command.Id), field.Inverse!, owner.Id);
                break;
            default:
                var kept = command.Ids ?? [];
                foreach (var id in session.Ids(owner, field.Name).Except(kept))
                    session.Delete(session.Record(lines.Name, id));
                foreach (var id in kept)
                    session.Set(session.Record(lines.Name, id), field.Inverse!, owner.Id);
                break;
        }
    }

    private static int[] NextIds(Session session, Field field, int[] ids, Command command) => command.Kind switch
    {
        CommandKind.Create => [.. ids, session.Create(session.Table(field.Relation!).Model, command.Values!).Id],
        CommandKind.Link => [.. ids.Append(session.Record(field.Relation!, command.Id).Id).Distinct()],
        CommandKind.Delete or CommandKind.Unlink => [.. ids.Where(id => id != command.Id)],
        CommandKind.Set => [.. command.Ids!.Select(id => session.Record(field.Relation!, id).Id)],
        CommandKind.Clear => [],
        _ => ids,
    };
}

/// <summary>PostgreSQL's NOT NULL. A call and <c>load</c> tell it in different words.</summary>
internal sealed class MissingValue(Model model, Field field) : Exception(
    $"Missing required value for the field '{field.Label}' ({field.Name}).\nModel: '{model.Label}' ({model.Name})\n"
    + "- create/update: a mandatory field is not set\n- delete: another model requires the record being deleted, you can archive it instead\n")
{
    public string FieldName { get; } = field.Name;
}
