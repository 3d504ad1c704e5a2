namespace Gateway.Simulators.Odoo;

internal enum FieldType
{
    Char, Text, Html, Selection, Boolean, Integer, Float, Monetary, Date, Datetime, Many2One, One2Many, Many2Many,
}

/// <summary>One field of a model, as <c>fields_get</c> describes it, and how its value comes to be.</summary>
internal sealed record Field(FieldType Type, string Name, string Label)
{
    /// <summary>The model a relation leads to.</summary>
    public string? Relation { get; private init; }

    /// <summary>The many2one on the other side of a one2many.</summary>
    public string? Inverse { get; private init; }

    public IReadOnlyList<(string Value, string Label)> Choices { get; private init; } = [];

    public bool IsRequired { get; private init; }

    public bool IsReadOnly { get; private init; }

    public bool IsStored { get; private init; } = true;

    /// <summary>Reads the value instead of a cell.</summary>
    public Func<Session, Row, object?>? Compute { get; private init; }

    /// <summary>The value of a new record that was given none.</summary>
    public Func<Session, object?>? Default { get; private init; }

    /// <summary>The name that callers use, where this version has another one for it.</summary>
    public string Shown { get; private init; } = Name;

    public bool IsText => Type is FieldType.Char or FieldType.Text or FieldType.Html;

    public bool IsToMany => Type is FieldType.One2Many or FieldType.Many2Many;

    public bool IsRelation => IsToMany || Type is FieldType.Many2One;

    public static Field Char(string name, string label) => new(FieldType.Char, name, label);
    public static Field Text(string name, string label) => new(FieldType.Text, name, label);
    public static Field Html(string name, string label) => new(FieldType.Html, name, label);
    public static Field Boolean(string name, string label) => new(FieldType.Boolean, name, label);
    public static Field Integer(string name, string label) => new(FieldType.Integer, name, label);
    public static Field Float(string name, string label) => new(FieldType.Float, name, label);
    public static Field Monetary(string name, string label) => new(FieldType.Monetary, name, label);
    public static Field Date(string name, string label) => new(FieldType.Date, name, label);
    public static Field Datetime(string name, string label) => new(FieldType.Datetime, name, label);

    public static Field Selection(string name, string label, params (string, string)[] choices) =>
        new(FieldType.Selection, name, label) { Choices = choices };

    public static Field Many2One(string name, string label, string relation) =>
        new(FieldType.Many2One, name, label) { Relation = relation };

    public static Field Many2Many(string name, string label, string relation) =>
        new(FieldType.Many2Many, name, label) { Relation = relation };

    public static Field One2Many(string name, string label, string relation, string inverse) =>
        new(FieldType.One2Many, name, label) { Relation = relation, Inverse = inverse };

    public Field ShownAs(string name) => this with { Shown = name };

    public Field Required() => this with { IsRequired = true };

    public Field ReadOnly() => this with { IsReadOnly = true };

    public Field NotStored() => this with { IsStored = false };

    public Field By(Func<Session, Row, object?> compute) => this with { Compute = compute };

    public Field Initially(object? value) => this with { Default = _ => value };

    public Field Initially(Func<Session, object?> value) => this with { Default = value };
}
