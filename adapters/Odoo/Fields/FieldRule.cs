namespace Gateway.Adapters.Odoo.Fields;

/// <summary>How much is known about a row of the table.</summary>
internal enum Evidence
{
    /// <summary>Seen in the description of its fields, or in the answers, of a running Odoo 19.</summary>
    Seen,

    /// <summary>Known of the version, and not seen running: what the database itself says at the start decides.</summary>
    Known,
}

/// <summary>A field that not every version has, or not by this name. Operations use the name of Odoo 19 for it.</summary>
/// <param name="Model">By its name in Odoo 19: <c>sale.order.line</c>.</param>
/// <param name="Name">The field's name in Odoo 19: <c>product_uom_id</c>.</param>
/// <param name="Since">First version with this name; 0 where it has always been an extra of some module.</param>
/// <param name="Evidence">Of what is said of older versions.</param>
internal sealed record FieldRule(string Model, string Name, int Since, Evidence Evidence)
{
    /// <summary>Its names before, newest first.</summary>
    public IReadOnlyList<string> Formerly { get; init; } = [];

    /// <summary>Where there is no such field: what is read of it, JSON. It is not written, and no row is searched by it. Null: it can't be done without.</summary>
    public string? Otherwise { get; init; }

    /// <summary>Where there is no such field: another one says it.</summary>
    public SaidBy? SaidBy { get; init; }

    public bool MayBeMissing => Otherwise is not null || SaidBy is not null;
}

/// <summary>A flag that was a choice of another field before: true where <paramref name="Field"/> is <paramref name="Value"/>, and that is then read as <paramref name="Today"/>.</summary>
internal sealed record SaidBy(string Field, string Value, string Today);

/// <summary>A method that was called otherwise before.</summary>
/// <param name="Name">In Odoo 19.</param>
/// <param name="Since">First version with this name.</param>
internal sealed record MethodRule(string Model, string Name, int Since, Evidence Evidence, string Formerly);

/// <summary>Fields of a model that an operation can't be without.</summary>
internal sealed record FieldNeed(string Operation, string Model, params string[] Fields);
