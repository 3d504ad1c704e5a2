namespace Gateway.Simulators.Odoo;

/// <summary>The table <c>ir.model.data</c>: names from outside for records, unique by module and name.</summary>
internal static class ExternalIds
{
    public static readonly Model Model = new("ir.model.data", "Model Data",
        Field.Char("name", "External Identifier").Required(),
        Field.Char("module", "Module").Required().Initially(""),
        Field.Char("model", "Model Name").Required(),
        Field.Integer("res_id", "Record ID"),
        Field.Boolean("noupdate", "Non Updatable").Initially(false),
        Field.Char("complete_name", "Complete ID").ReadOnly().NotStored()
            .By((session, row) => $"{row.Cells["module"]}.{row.Cells["name"]}"),
        Field.Char("reference", "Reference").ReadOnly().NotStored()
            .By((session, row) => $"{row.Cells["model"]},{row.Cells["res_id"]}"))
    {
        Order = "module,model,name",
        Indexed = ["name", "res_id"],
    };

    /// <summary>The row that carries the external id, for <c>module.name</c> or a bare name of the module <c>__import__</c>.</summary>
    public static Row? Find(Session session, string externalId)
    {
        var (module, name) = Parts(externalId);
        return session.Where(Model.Name, "name", name).FirstOrDefault(row => Equals(row.Cells["module"], module));
    }

    public static void Add(Session session, string externalId, Row row)
    {
        var (module, name) = Parts(externalId);
        session.Create(Model, new Values
        {
            ["module"] = module,
            ["name"] = name,
            ["model"] = row.Model.Name,
            ["res_id"] = row.Id,
        });
    }

    /// <summary>The names a record has.</summary>
    public static IReadOnlyList<Row> Of(Session session, Row row) =>
        [.. session.Where(Model.Name, "res_id", row.Id).Where(name => Equals(name.Cells["model"], row.Model.Name))];

    private static (string Module, string Name) Parts(string externalId) =>
        externalId.IndexOf('.') is >= 0 and var dot ? (externalId[..dot], externalId[(dot + 1)..]) : ("__import__", externalId);
}
