using System.Text.Json.Nodes;

namespace Gateway.Simulators.Odoo;

/// <summary>
/// A Python exception inside the simulated server: it rolls the transaction back and becomes the error body of JSON-2.
/// This is an exception because the server it imitates raises one, with a transaction to undo below it.
/// </summary>
internal sealed class OdooError(int status, string name, string message, params JsonNode[] moreArguments) : Exception(message)
{
    public int Status => status;

    /// <summary>The exception's name in Python.</summary>
    public string Name => name;

    public static OdooError User(string message) => new(422, "odoo.exceptions.UserError", message);

    public static OdooError Validation(string message) => new(422, "odoo.exceptions.ValidationError", message);

    public static OdooError Access(string message) => new(403, "odoo.exceptions.AccessError", message);

    public static OdooError Denied() => new(403, "odoo.exceptions.AccessDenied", "Access Denied");

    /// <summary>The driver's complaint, which says where the database server is.</summary>
    public static OdooError NoDatabase(string database) => new(500, "psycopg2.OperationalError",
        $"connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  database \"{database}\" does not exist\n");

    public static OdooError Missing(string model, int id, int user) => new(404, "odoo.exceptions.MissingError",
        $"Record does not exist or has been deleted.\n(Record: {model}({id},), User: {user})");

    public static OdooError Value(string message) => new(500, "builtins.ValueError", message);

    public static OdooError Type(string message) => new(500, "builtins.TypeError", message);

    public static OdooError Key(string key) => new(500, "builtins.KeyError", key);

    /// <summary>PostgreSQL refusing text where a column is an integer, with the statement cut as the driver cuts it.</summary>
    public static OdooError NotAnId(string table, string text)
    {
        var quoted = $"...\" FROM \"{table}\" WHERE \"{table}\".\"id\" IN (";
        return new(500, "psycopg2.errors.InvalidTextRepresentation",
            $"invalid input syntax for type integer: \"{text}\"\nLINE 1: {quoted}'{text}') AND...\n{new string(' ', "LINE 1: ".Length + quoted.Length)}^\n");
    }

    public static OdooError BadRequest(string message) => Http(400, "BadRequest", message);

    public static OdooError Unauthorized(string message) => Http(401, "Unauthorized", message);

    public static OdooError NotFound(string message) => Http(404, "NotFound", message);

    public static OdooError Unprocessable(string message) => Http(422, "UnprocessableEntity", message);

    public JsonObject ToJson() => new()
    {
        ["name"] = name,
        ["message"] = Message,
        ["arguments"] = new JsonArray([Message, .. moreArguments.Select(more => more.DeepClone())]),
        ["context"] = new JsonObject(),
        ["debug"] = "Traceback (most recent call last):\n"
            + "  File \"/srv/odoo/odoo/http.py\", line 2276, in _serve_db\n    return service_model.retrying(serve_func, env=self.env)\n"
            + "  File \"/srv/odoo/odoo/service/model.py\", line 184, in retrying\n    result = func()\n"
            + $"{name}: {Message}\n",
    };

    private static OdooError Http(int status, string name, string message) =>
        new(status, "werkzeug.exceptions." + name, message, status);
}
