using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

public sealed class ErrorTests
{
    private const string Order = """
        {
          "title": "Order",
          "type": "object",
          "required": ["orderNumber", "orderLines"],
          "additionalProperties": false,
          "properties": {
            "orderNumber": { "type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[A-Z]" },
            "email": { "type": "string", "format": "email", "x-sensitive": true },
            "currency": { "enum": ["EUR", "USD"] },
            "orderLines": {
              "type": "array", "minItems": 1, "uniqueItems": true,
              "items": {
                "type": "object", "required": ["quantity"],
                "properties": { "quantity": { "type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5 }, "a/b~c d": { "type": "null" } }
              }
            }
          }
        }
        """;

    private readonly Schema _order = Schemas.Good(Order, new SchemaOptions { AssertFormats = true });

    [Fact]
    public void The_title_is_the_roots() => Assert.Equal("Order", _order.Title);

    [Theory]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":0}]}""", "#/orderLines/0/quantity must be greater than 0")]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":1},{"quantity":0.7}]}""", "#/orderLines/1/quantity must be a multiple of 0.5")]
    [InlineData("""{"orderNumber":"A","orderLines":[{}]}""", "#/orderLines/0 member 'quantity' is required")]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":"1"}]}""", "#/orderLines/0/quantity must be a number")]
    [InlineData("""{"orderNumber":"A","orderLines":[]}""", "#/orderLines must have at least 1 item")]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":1},{"quantity":1.0}]}""", "#/orderLines must not contain the same item twice: items 0 and 1 are the same")]
    [InlineData("""{"orderNumber":"","orderLines":[{"quantity":1}]}""", "#/orderNumber must not be empty|#/orderNumber must match the pattern ^[A-Z]")]
    [InlineData("""{"orderNumber":"ABCDEF","orderLines":[{"quantity":1}]}""", "#/orderNumber must have at most 5 characters")]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":1}],"currency":"GBP"}""", "#/currency must be one of 'EUR', 'USD'")]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":1}],"curency":"EUR"}""", "#/curency is not a known member; did you mean 'currency'?")]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":1}],"zzz":1}""", "#/zzz is not a known member")]
    [InlineData("""{"orderNumber":"A","orderLines":[{"quantity":1,"a/b~c d":1}]}""", "#/orderLines/0/a~1b~0c%20d must be null")]
    [InlineData("""[]""", "# must be an object")]
    public void Messages_name_the_place_and_what_was_expected(string instance, string expected) =>
        Assert.Equal(expected.Split('|'), _order.Complaints(instance));

    [Fact]
    public void All_errors_are_listed_up_to_the_cap()
    {
        const string instance = """{"orderNumber":1,"orderLines":[{"quantity":-1},{"quantity":-2},{"quantity":-3}]}""";
        Assert.Equal(4, _order.Complaints(instance).Length);
        Assert.Equal(2, _order.Complaints(instance, maxErrors: 2).Length);
        Assert.Single(_order.Complaints(instance, maxErrors: 1));
    }

    [Fact]
    public void A_sensitive_place_is_marked_and_its_value_stays_unspoken()
    {
        SchemaError error = Assert.Single(_order.Validate(Schemas.Json("""{"orderNumber":"A","orderLines":[{"quantity":1}],"email":"secret"}""")));
        Assert.True(error.Sensitive);
        Assert.Equal("format", error.Keyword);
        Assert.Equal("#/properties/email/format", error.KeywordLocation);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sensitivity_reaches_through_a_reference()
    {
        Schema schema = Schemas.Good("""
            {"properties":{"iban":{"x-sensitive":true,"$ref":"#/$defs/text"},"name":{"$ref":"#/$defs/text"}},"$defs":{"text":{"type":"string"}}}
            """);
        IReadOnlyList<SchemaError> errors = schema.Validate(Schemas.Json("""{"iban":1,"name":2}"""));
        Assert.Equal([true, false], errors.Select(error => error.Sensitive));
    }

    [Fact]
    public void A_choice_speaks_of_the_form_that_was_meant()
    {
        Schema schema = Schemas.Good("""
            {"oneOf":[
              {"type":"null"},
              {"type":"object","properties":{"kind":{"const":"parcel"},"weight":{"minimum":1}}},
              {"type":"object","properties":{"kind":{"const":"pallet"},"height":{"maximum":2}}}]}
            """);
        Assert.Equal(["#/weight must be at least 1"], schema.Complaints("""{"kind":"parcel","weight":0,"height":9}"""));
        Assert.Equal(["# must match exactly one of the 3 allowed forms, but matches none"], schema.Complaints("""{"kind":"letter"}"""));
        Assert.Equal(["# must match exactly one of the allowed forms, but matches several"], schema.Complaints("{}"));
    }

    [Fact]
    public void Nothing_inside_a_condition_or_negation_is_reported()
    {
        Schema schema = Schemas.Good("""{"if":{"type":"string"},"then":{"minLength":2},"else":{"not":{"minimum":5}}}""");
        Assert.Equal(["# must have at least 2 characters"], schema.Complaints("\"a\""));
        Assert.Equal(["# must not have this form"], schema.Complaints("7"));
        Assert.Empty(schema.Complaints("3"));
    }

    [Fact]
    public void Unevaluated_members_are_named()
    {
        Schema schema = Schemas.Good("""
            {"allOf":[{"properties":{"a":true}}],"properties":{"b":{"type":"string"}},"unevaluatedProperties":false}
            """);
        Assert.Equal(["#/b must be a string", "#/c is not a known member"], schema.Complaints("""{"a":1,"b":2,"c":3}"""));
    }

    [Fact]
    public void Names_are_judged_with_a_reason()
    {
        Schema schema = Schemas.Good("""{"propertyNames":{"maxLength":2},"dependentRequired":{"a":["b"]}}""");
        Assert.Equal(["#/abc is not allowed as a member: its name must have at most 2 characters"], schema.Complaints("""{"abc":1}"""));
        Assert.Equal(["# member 'b' is required when 'a' is present"], schema.Complaints("""{"a":1}"""));
    }

    [Fact]
    public void Keyword_locations_name_the_document_but_not_the_path_to_it()
    {
        Schema schema = Schemas.Good("""{"$ref":"common.json#/$defs/id"}""", new SchemaOptions
        {
            BaseUri = new Uri("file:///srv/secret-place/schemas/order.json"),
            Resolver = uri => uri.AbsoluteUri.EndsWith("/schemas/common.json", StringComparison.Ordinal) ? """{"$defs":{"id":{"type":"integer"}}}"""u8.ToArray() : null,
        });
        Assert.Equal("common.json#/$defs/id/type", Assert.Single(schema.Validate(Schemas.Json("\"x\""))).KeywordLocation);
    }

    /// <summary>What one part of a schema calls sensitive is so for all of them.</summary>
    [Theory]
    [InlineData("""{"allOf":[{"properties":{"card":{"x-sensitive":true}}}],"properties":{"card":{"additionalProperties":false}}}""", """{"card":{"4111":1}}""", "#/card")]
    [InlineData("""{"if":true,"then":{"properties":{"card":{"x-sensitive":true}}},"properties":{"card":{"additionalProperties":false}}}""", """{"card":{"4111":1}}""", "#/card")]
    [InlineData("""{"propertyNames":{"x-sensitive":true,"maxLength":2}}""", """{"4111":1}""", "#")]
    [InlineData("""{"items":{"x-sensitive":true},"allOf":[{"items":{"unevaluatedProperties":false}}]}""", """[{"4111":1}]""", "#/0")]
    [InlineData("""{"patternProperties":{"^c":{"x-sensitive":true}},"properties":{"card":{"additionalProperties":false}}}""", """{"card":{"4111":1}}""", "#/card")]
    [InlineData("""{"properties":{"a/b":{"x-sensitive":true,"additionalProperties":false}}}""", """{"a/b":{"4111":1}}""", "#/a~1b")]
    [InlineData("""{"x-sensitive":true,"additionalProperties":false}""", """{"4111":1}""", "#")]
    public void Pointers_end_where_something_sensitive_begins(string schema, string document, string pointer)
    {
        SchemaError error = Schemas.Good(schema).Validate(Schemas.Json(document))[0];

        Assert.Equal((pointer, true), (error.InstancePointer, error.Sensitive));
    }
}
