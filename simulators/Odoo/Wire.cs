using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Gateway.Simulators.Odoo.Models;

namespace Gateway.Simulators.Odoo;

/// <summary>The JSON-2 endpoint: headers, keys, errors, and one transaction per call.</summary>
internal sealed class Wire(OdooSimulatorOptions options, Database database, Automations automations)
{
    public static readonly IReadOnlyList<Model> Models =
    [
        BaseModels.Users, BaseModels.Companies, BaseModels.Countries, BaseModels.States, BaseModels.Currencies, BaseModels.Units,
        PartnerModel.Partners,
        ProductModels.Categories, ProductModels.Templates, ProductModels.Products, ProductModels.Pricelists,
            ProductModels.PricelistItems,
        StockModels.Warehouses, StockModels.Locations, StockModels.PickingTypes, StockModels.Quants,
        SaleModels.Taxes, SaleModels.Orders, SaleLineModel.Lines,
        DeliveryModels.Carriers, DeliveryModels.Pickings, DeliveryModels.Moves, Returns.Wizard, Returns.Lines,
        InvoiceModels.Journals, InvoiceModels.Invoices, InvoiceModels.Lines, Invoicing.Wizard,
        ExternalIds.Model,
    ];

    private const string UnknownDatabase =
        "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
        + "<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>\n"
        + "<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>\n\n"
        + "<!-- Alternatively, use the X-Odoo-Database header. -->\n";

    /// <summary>What an Odoo says of an address that it does not know.</summary>
    public const string NoSuchPage =
        "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
        + "<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n";

    private const string WrongContentType =
        "<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n<h1>Unsupported Media Type</h1>\n"
        + "<p>Request inferred type is compatible with [&#39;http&#39;] but &#39;/json/2/&lt;__model__&gt;/&lt;__method__&gt;&#39; is type=&#39;json2&#39;."
        + "<br><br>Please verify the Content-Type request header and try again.</p>\n";

    /// <summary>Calls by <c>model/method</c>, those refused counted too.</summary>
    public SortedDictionary<string, int> Calls { get; } = [];

    /// <summary>What PostgreSQL shows to a transaction that starts now: what commits from here on is a conflict for load.</summary>
    public long Snapshot => database.Commits;

    /// <summary>Answers <c>POST /json/2/&lt;model&gt;/&lt;method&gt;</c>.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        var snapshot = Snapshot;
        if (options.Version < 19)
        {
            await Answer.HtmlAsync(http, 404, NoSuchPage);
            return;
        }
        var asked = http.Request.Headers["X-Odoo-Database"].ToString();
        if (asked.Length > 0 && asked != options.Database)
        {
            await Answer.HtmlAsync(http, 404, UnknownDatabase);
            return;
        }
        if (http.Request.Method == "POST" && !http.Request.HasJsonContentType())
        {
            http.Response.Headers.Accept = "application/json";
            await Answer.HtmlAsync(http, 415, WrongContentType);
            return;
        }
        try
        {
            await Answer.JsonAsync(http, 200, await RunAsync(http, snapshot));
        }
        catch (OdooError error)
        {
            await SendErrorAsync(http, error);
        }
        catch (Exception wrongShape) when (wrongShape is InvalidOperationException or InvalidCastException or FormatException
            or ArgumentException or IndexOutOfRangeException)
        {
            // Python has no types in its signatures: an argument of another kind fails somewhere inside, as it does here.
            await SendErrorAsync(http, OdooError.Type(wrongShape.Message));
        }
    }

    private static Task SendErrorAsync(HttpContext http, OdooError error)
    {
        if (error.Status == 401)
            http.Response.Headers.WWWAuthenticate = "Bearer ";
        return Answer.JsonAsync(http, error.Status, error.ToJson());
    }

    private async Task<JsonNode?> RunAsync(HttpContext http, long snapshot)
    {
        var path = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (http.Request.Method != "POST" || path.Length != 4)
            throw OdooError.NotFound("Did you mean POST /json/2/<model>/<method>?");
        var user = Authenticate(http.Request.Headers.Authorization.ToString());
        var (document, broken) = await Answer.ReadJsonAsync(http);
        if (broken is not null)
            throw OdooError.BadRequest("could not parse the body as json: " + PythonWords(broken));
        return await CallAsync(user, snapshot, path[2], path[3], document as JsonObject ?? []);
    }

    /// <summary>The method of a model, before it is known whether the caller may use it.</summary>
    public Method? Find(string model, string method) => database.Find(model)?.Model is { } known
        ? known.OutsideMethods.Concat(CommonMethods.All).FirstOrDefault(one => one.Name == method)
        : null;

    /// <summary>One call in one transaction, whichever way it came.</summary>
    /// <param name="body">Arguments by name, with <c>ids</c> and <c>context</c>.</param>
    /// <param name="began">When its transaction began, where that was before now.</param>
    public async Task<JsonNode?> CallAsync(int user, long snapshot, string model, string method, JsonObject body, DateTimeOffset? began = null)
    {
        if (options.TransactionTime > TimeSpan.Zero)
            await Task.Delay(options.TransactionTime, options.Clock);
        JsonNode? result;
        IReadOnlyList<AutomationCall> calls;
        await database.Turn.WaitAsync();
        try
        {
            Calls[$"{model}/{method}"] = Calls.GetValueOrDefault($"{model}/{method}") + 1;
            (result, calls) = InTransaction(user, snapshot, model, method, body, began ?? options.Clock.GetUtcNow());
        }
        finally
        {
            database.Turn.Release();
        }
        await automations.SendAsync(calls);
        return result;
    }

    /// <summary>Commits what the call did, or undoes all of it.</summary>
    private (JsonNode? Result, IReadOnlyList<AutomationCall> Calls) InTransaction(int user, long snapshot, string modelName, string methodName, JsonObject body, DateTimeOffset began)
    {
        var context = (JsonObject?)body["context"]?.DeepClone() ?? [];
        var session = new Session(database, user, context, snapshot, began.UtcDateTime, options.UserTimeZone);
        try
        {
            var result = Execute(session, modelName, methodName, body);
            database.Committed();
            return (result, automations.Of(session));
        }
        catch (MissingValue missing)
        {
            session.RollBack();
            throw OdooError.Validation("The operation cannot be completed: " + missing.Message);
        }
        catch
        {
            session.RollBack();
            throw;
        }
    }

    private JsonNode? Execute(Session session, string modelName, string methodName, JsonObject body)
    {
        var model = session.Table(modelName).Model;
        if (methodName.StartsWith('_'))
            throw OdooError.Access($"Private methods (such as '{modelName}.{methodName}') cannot be called remotely.");
        var method = Find(modelName, methodName)
            ?? throw OdooError.NotFound($"The method '{modelName}.{methodName}' does not exist");
        var arguments = new JsonObject(body.Where(member => member.Key is not ("ids" or "context"))
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        var call = new Call(session, model, arguments, body["ids"] as JsonArray ?? []);
        method.Check(call);
        if (model.OnlyFor is { } groups && session.User == Seed.RestrictedUser)
            throw OdooError.Access(
                $"You are not allowed to access '{model.Label}' ({model.Name}) records.\n\nThis operation is allowed for the following groups:\n"
                + string.Concat(groups.Select(group =>
                    $"\t- {group}\n")) + "\nContact your administrator to request access if necessary.");
        return method.Run(call);
    }

    private int Authenticate(string authorization)
    {
        if (!authorization.StartsWith("bearer ", StringComparison.OrdinalIgnoreCase))
            throw OdooError.Unauthorized("User not authenticated, use an API Key with a Bearer Authorization header.");
        var key = authorization["bearer ".Length..].Trim();
        if (key == options.ApiKey)
            return Seed.AdminUser;
        return key == options.RestrictedApiKey ? Seed.RestrictedUser : throw OdooError.Unauthorized("Invalid apikey");
    }

    private static string PythonWords(JsonException broken)
    {
        var (line, column) = ((broken.LineNumber ?? 0) + 1, (broken.BytePositionInLine ?? 0) + 1);
        var wanted = broken.Message.Contains("property name", StringComparison.Ordinal)
            ? "Expecting property name enclosed in double quotes" : "Expecting value";
        return $"{wanted}: line {line} column {column} (char {column - 1})";
    }
}
