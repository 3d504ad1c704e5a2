namespace Gateway.Simulators.Odoo;

/// <summary>One Odoo model: its fields, its methods, and what happens when its records change.</summary>
internal sealed class Model
{
    private static readonly Field[] OfAll =
    [
        Field.Integer("id", "ID").ReadOnly().By((_, row) => row.Id),
        Field.Char("display_name", "Display Name").ReadOnly().NotStored().By((session, row) => row.Model.Display(session, row)),
        Field.Datetime("create_date", "Created on").ReadOnly().By((_, row) => row.CreatedAt),
        Field.Many2One("create_uid", "Created by", "res.users").ReadOnly().By((_, row) => row.CreatedBy),
        Field.Datetime("write_date", "Last Updated on").ReadOnly().By((_, row) => row.WrittenAt),
        Field.Many2One("write_uid", "Last Updated by", "res.users").ReadOnly().By((_, row) => row.WrittenBy),
    ];

    public Model(string name, string label, params Field[] fields)
    {
        Name = name;
        Label = label;
        Fields = OfAll.Where(common => fields.All(own => own.Name != common.Name)).Concat(fields)
            .ToDictionary(field => field.Name);
        Outside = Fields;
    }

    public string Name { get; }

    /// <summary>The model's title, as error messages give it.</summary>
    public string Label { get; }

    public IReadOnlyDictionary<string, Field> Fields { get; }

    /// <summary>The fields as callers of this version name them; a model's own code uses <see cref="Fields"/>.</summary>
    public IReadOnlyDictionary<string, Field> Outside { get; private set; }

    /// <summary>The order of a search that asks for none.</summary>
    public string Order { get; init; } = "id";

    /// <summary>Cells looked up often; the many2ones behind a one2many are indexed anyway.</summary>
    public IReadOnlyList<string> Indexed { get; init; } = [];

    /// <summary>The text beside the id in a many2one.</summary>
    public Func<Session, Row, string> Display { get; init; } = (session, row) =>
        session.Get(row, "name") as string ?? $"{row.Model.Name},{row.Id}";

    /// <summary>Methods of this model beside those every model has.</summary>
    public IReadOnlyList<Method> Methods { get; init; } = [];

    /// <summary>The same as callers of this version name them.</summary>
    public IReadOnlyList<Method> OutsideMethods { get => field ?? Methods; private set; }

    /// <summary>May answer an existing record instead of a new one.</summary>
    public Func<Session, Values, Row?> InsteadOfCreating { get; init; } = (_, _) => null;

    /// <summary>Completes a new record before its required fields are checked.</summary>
    public Action<Session, Row> Creating { get; init; } = (_, _) => { };

    /// <summary>Follows a change of the named fields; a creation names those it was given.</summary>
    public Action<Session, Row, IReadOnlySet<string>> Changed { get; init; } = (_, _, _) => { };

    /// <summary>Records with stored fields that are computed from a record: Odoo writes them, and their date, with it.</summary>
    public Func<Session, Row, Row?> Above { get; init; } = (_, _) => null;

    /// <summary>Refuses a deletion by raising.</summary>
    public Action<Session, Row> Deleting { get; init; } = (_, _) => { };

    /// <summary>Groups named in the refusal to a user who may not touch this model; null lets everybody in.</summary>
    public IReadOnlyList<string>? OnlyFor { get; init; }

    /// <summary>The field named in a call.</summary>
    /// <exception cref="OdooError">The model has no such field.</exception>
    public Field FieldNamed(string name) =>
        Outside.TryGetValue(name, out var field) ? field : throw OdooError.Value($"Invalid field '{name}' on '{Name}'");

    /// <summary>The same model as another version shows it.</summary>
    public Model As(IReadOnlyDictionary<string, Field> outside, IReadOnlyList<Method> methods)
    {
        var shown = (Model)MemberwiseClone();
        (shown.Outside, shown.OutsideMethods) = (outside, methods);
        return shown;
    }
}

/// <summary>Converted values by field name; a one2many holds <see cref="Command"/>s.</summary>
internal sealed class Values : Dictionary<string, object?>
{
    /// <summary>The external id this record gets when it is created, from <c>load</c>.</summary>
    public string? ExternalId { get; init; }
}

/// <summary>One x2many command.</summary>
internal sealed record Command(CommandKind Kind, int Id, Values? Values = null, int[]? Ids = null);

/// <summary>The commands in Odoo's own numbering.</summary>
internal enum CommandKind { Create, Update, Delete, Unlink, Link, Clear, Set }
