using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>
/// <c>load</c>: rows of text with external ids. All or nothing per call; what fails is told in <c>messages</c> under HTTP 200;
/// a known external id is updated; and of concurrent calls with one external id a single one wins.
/// </summary>
internal static class Import
{
    private const string NotSerializable = "could not serialize access due to concurrent update\n";

    public static JsonNode Run(Call call)
    {
        var columns = (call.Names("fields") ?? []).Select(ImportPath.Parse).ToArray();
        var data = call.Arguments["data"] as JsonArray ?? [];
        var rows = data.OfType<JsonArray>().Select(row => row.Select(CellText).ToArray()).ToArray();
        var messages = new List<ImportMessage>();
        var ids = new List<int>();
        var records = ImportRecord.Extract(call.Session, call.Model, columns, rows);
        for (var number = 0; number < records.Count; number++)
        {
            var record = records[number];
            void Log(ImportMessage message) => messages.Add(message with { Record = number, From = record.From, To = record.To });
            var values = new ImportConversion(call.Session, Log).Convert(call.Model, record);
            try
            {
                if (Save(call.Session, call.Model, record, values, Log) is { } row)
                    ids.Add(row.Id);
            }
            catch (MissingValue missing)
            {
                Log(new ImportMessage(missing.Message) { Field = missing.FieldName });
            }
            catch (OdooError refused)
            {
                Log(new ImportMessage(refused.Message));
            }
        }
        if (messages.Count > 0)
            call.Session.RollBack();
        return new JsonObject
        {
            ["ids"] = messages.Count > 0 ? false : new JsonArray([.. ids.Select(id => (JsonNode)id)]),
            ["messages"] = new JsonArray([.. messages.Select(message => message.ToJson())]),
            ["nextrow"] = 0,
        };
    }

    private static Row? Save(Session session, Model model, ImportRecord record, Values values, Action<ImportMessage> log)
    {
        var name = record.ExternalId is { } externalId ? ExternalIds.Find(session, externalId) : null;
        if (name is not null && !Equals(name.Cells["model"], model.Name))
            throw OdooError.Value($"The external id {record.ExternalId} belongs to {name.Cells["model"]}, not to {model.Name}");
        if ((record.DatabaseId ?? name?.Cells["res_id"]) is not int id)
            return session.Create(model, values);
        var row = session.Record(model.Name, id);
        if (session.Overtaken(row) || (name is not null && session.Overtaken(name)))
        {
            log(new ImportMessage(NotSerializable));
            return null;
        }
        session.Write(row, values);
        return row;
    }

    private static string CellText(JsonNode? cell) => cell?.GetValueKind() switch
    {
        null or JsonValueKind.Null or JsonValueKind.False => "",
        JsonValueKind.True => "True",
        JsonValueKind.String => cell.GetValue<string>(),
        _ => cell.ToJsonString(),
    };
}
