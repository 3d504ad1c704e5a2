using System.Text.Json.Nodes;
using Gateway.Tests.Functional.Support;
using Xunit;

namespace Gateway.Tests.Functional;

/// <summary>Wrong orders, each wrong in its own way, and the whole problem that each gets: a caller repairs an order by the answer alone.</summary>
public sealed class WrongOrderTests
{
    private const string Broken = "The body does not meet the contract order@1.";

    /// <summary>What is wrong; how an order is changed for it (a JSON Merge Patch, RFC 7396, the line's own under <c>line</c>); the errors.</summary>
    public static TheoryData<string, string, string> Orders => new()
    {
        { "a member is missing", """{"customerReference":null}""", """[{"pointer":"#","keyword":"required","detail":"member 'customerReference' is required"}]""" },
        { "a member is unknown", """{"line":{"item":{"colour":"red"}}}""", """[{"pointer":"#/orderLines/0/item/colour","keyword":"additionalProperties","detail":"is not a known member"}]""" },
        { "a member is misspelt", """{"buyerParty":{"id":null,"ID":"ACME-DE"}}""", """[{"pointer":"#/buyerParty/ID","keyword":"additionalProperties","detail":"is not a known member; did you mean 'id'?"},{"pointer":"#/buyerParty","keyword":"required","detail":"member 'id' is required"}]""" },
        { "a quantity is text", """{"line":{"quantity":"3"}}""", """[{"pointer":"#/orderLines/0/quantity","keyword":"type","detail":"must be a number"}]""" },
        { "an amount is a number", """{"line":{"price":{"priceAmount":12.5}}}""", """[{"pointer":"#/orderLines/0/price/priceAmount","keyword":"type","detail":"must be a string"}]""" },
        { "a quantity is nothing", """{"line":{"quantity":0}}""", """[{"pointer":"#/orderLines/0/quantity","keyword":"exclusiveMinimum","detail":"must be greater than 0"}]""" },
        { "a quantity is too fine", """{"line":{"quantity":0.0000001}}""", """[{"pointer":"#/orderLines/0/quantity","keyword":"multipleOf","detail":"must be a multiple of 0.000001"}]""" },
        { "a currency is no code", """{"documentCurrencyCode":"euro"}""", """[{"pointer":"#/documentCurrencyCode","keyword":"pattern","detail":"must match the pattern ^[A-Z]{3}$"}]""" },
        { "a day is not in the calendar", """{"issueDate":"2026-02-30"}""", """[{"pointer":"#/issueDate","keyword":"format","detail":"must be a date such as 2025-03-31"}]""" },
        { "a reference is too long", $$"""{"customerReference":"{{new string('x', 65)}}"}""", """[{"pointer":"#/customerReference","keyword":"maxLength","detail":"must have at most 64 characters"}]""" },
        { "nothing is ordered", """{"orderLines":[]}""", """[{"pointer":"#/orderLines","keyword":"minItems","detail":"must have at least 1 item"}]""" },
        { "an object is empty", """{"delivery":{"deliveryAddress":null,"requestedDeliveryPeriod":null}}""", """[{"pointer":"#/delivery","keyword":"minProperties","detail":"must have at least 1 member"}]""" },
        { "all at once", """{"x":1,"issueDate":"yesterday","line":{"quantity":-1}}""", """[{"pointer":"#/issueDate","keyword":"format","detail":"must be a date such as 2025-03-31"},{"pointer":"#/orderLines/0/quantity","keyword":"exclusiveMinimum","detail":"must be greater than 0"},{"pointer":"#/x","keyword":"additionalProperties","detail":"is not a known member"}]""" },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task A_wrong_order_gets_exactly_its_problem_and_nothing_is_done(string what, string patch, string errors)
    {
        await using var world = await World.StartAsync();
        var order = JsonNode.Parse(Order.Json("PO-wrong"))!.AsObject();
        Merge(order, JsonNode.Parse(patch)!.AsObject());

        var answer = await world.Caller.OrderAsync(order.ToJsonString(), "k-1");

        var expected = new JsonObject
        {
            ["type"] = "/problems/contract-broken",
            ["title"] = "The body breaks its contract",
            ["status"] = 422,
            ["detail"] = Broken,
            ["errors"] = new JsonArray([.. JsonNode.Parse(errors)!.AsArray().Select(e => new JsonObject(e!.AsObject().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))) { ["contract"] = "order@1" })]),
        };
        Assert.True((answer.Status, answer.Header("Content-Type")) == (422, "application/problem+json") && JsonNode.DeepEquals(expected, answer.Json), $"{what}: {answer.Status} {answer.Body}");
        Assert.Empty(world.Simulators.Odoo.Orders);
        // The key was not used up: the repaired order is a new one.
        Assert.Equal(201, (await world.Caller.OrderAsync(Order.Json("PO-wrong"), "k-1")).Status);
    }

    private static void Merge(JsonObject into, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (name == "line") Merge(into["orderLines"]![0]!.AsObject(), value!.AsObject());
            else if (value is null) into.Remove(name);
            else if (value is JsonObject inner && into[name] is JsonObject below) Merge(below, inner);
            else into[name] = value.DeepClone();
        }
    }
}
