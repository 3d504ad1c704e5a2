using System.Text;
using Gateway.JsonSchema;
using Xunit;

namespace Gateway.Tests.Unit.JsonSchema;

/// <summary>What a schema tells about members before any value is seen: how the text of a parameter is to be read.</summary>
public sealed class MembersTests
{
    [Theory]
    [InlineData("""{ "type": "string" }""", SchemaKinds.String)]
    [InlineData("""{ "type": "integer" }""", SchemaKinds.Number)]
    [InlineData("""{ "type": ["number", "null"] }""", SchemaKinds.Number | SchemaKinds.Null)]
    [InlineData("""{ "enum": [1, 2] }""", SchemaKinds.Number)]
    [InlineData("""{ "enum": ["a", 2, true] }""", SchemaKinds.String | SchemaKinds.Number | SchemaKinds.Boolean)]
    [InlineData("""{ "const": false }""", SchemaKinds.Boolean)]
    [InlineData("""{ "$ref": "#/$defs/whole" }""", SchemaKinds.Number)]
    [InlineData("""{ "allOf": [{ "type": ["string", "boolean"] }, { "type": ["boolean", "number"] }] }""", SchemaKinds.Boolean)]
    [InlineData("""{ "anyOf": [{ "type": "string" }, { "type": "number" }] }""", SchemaKinds.String | SchemaKinds.Number)]
    [InlineData("""{ "oneOf": [{ "type": "integer" }, { "type": "null" }] }""", SchemaKinds.Number | SchemaKinds.Null)]
    [InlineData("""{ "minimum": 5 }""", SchemaKinds.Any)]
    [InlineData("true", SchemaKinds.Any)]
    public void Kinds_are_what_type_enum_and_const_leave(string member, SchemaKinds kinds) => Assert.Equal(kinds, Member(member).Kinds);

    [Theory]
    [InlineData("""{ "type": "array", "items": { "type": "integer" } }""", true, SchemaKinds.Number)]
    [InlineData("""{ "type": ["array", "null"], "items": { "$ref": "#/$defs/whole" } }""", true, SchemaKinds.Number)]
    [InlineData("""{ "type": ["array", "string"], "items": { "type": "integer" } }""", false, SchemaKinds.Number)]
    [InlineData("""{ "type": "array" }""", true, SchemaKinds.Any)]
    [InlineData("""{ "type": "object" }""", false, SchemaKinds.Any)]
    [InlineData("true", false, SchemaKinds.Any)]
    public void A_list_is_an_array_and_no_single_value(string member, bool isList, SchemaKinds items)
    {
        Assert.Equal(isList, Member(member).IsList);
        Assert.Equal(items, Member(member).ItemKinds);
    }

    [Fact]
    public void Members_come_from_properties_required_references_and_all_that_may_apply()
    {
        var schema = Compile("""
            {
              "$ref": "#/$defs/base",
              "required": ["e"],
              "properties": { "a": { "type": "string" } },
              "allOf": [{ "properties": { "a": { "type": ["string", "null"] }, "b": { "type": "boolean" } } }],
              "anyOf": [{ "properties": { "c": { "type": "boolean" } } }],
              "$defs": { "base": { "properties": { "d": { "type": "number" } } } }
            }
            """);

        Assert.Equal(["a", "b", "c", "d", "e"], schema.Members.Keys.Order());
        Assert.Equal(SchemaKinds.Boolean, schema.Members["c"].Kinds);
        Assert.Equal(SchemaKinds.String, schema.Members["a"].Kinds);
        Assert.Equal(SchemaMember.Any, schema.Members["e"]);
    }

    [Theory]
    [InlineData("""{ "additionalProperties": { "type": "integer" } }""", true)]
    [InlineData("""{ "patternProperties": { "^x": { "type": "integer" } } }""", true)]
    [InlineData("""{ "anyOf": [{ "patternProperties": { "^x": true } }] }""", true)]
    [InlineData("""{ "additionalProperties": false }""", false)]
    [InlineData("""{ "additionalProperties": true, "properties": { "a": { "type": "integer" } } }""", false)]
    public void A_schema_tells_whether_members_it_does_not_name_have_rules(string schema, bool has) => Assert.Equal(has, Compile(schema).HasRulesForOtherMembers);

    [Theory]
    [InlineData("""{ "prefixItems": [{ "type": "integer" }], "type": "array" }""", true, SchemaKinds.Any)]
    [InlineData("""{ "type": "array", "items": { "anyOf": [{ "type": "integer" }, { "type": "boolean" }] } }""", false, SchemaKinds.Number | SchemaKinds.Boolean)]
    [InlineData("""{ "type": "array", "items": false }""", false, SchemaKinds.None)]
    public void Items_are_known_by_kind_or_by_place(string member, bool byPlace, SchemaKinds items) =>
        Assert.Equal((byPlace, items), (Member(member).ItemsByPlace, Member(member).ItemKinds));

    [Theory]
    [InlineData("""{ "type": "object" }""", true)]
    [InlineData("""{ "properties": {} }""", true)]
    [InlineData("""{ "type": "array" }""", false)]
    [InlineData("""{ "$ref": "#/$defs/text", "$defs": { "text": { "type": "string" } } }""", false)]
    [InlineData("""{ "const": 7 }""", false)]
    public void A_schema_tells_whether_it_takes_objects(string schema, bool takes) => Assert.Equal(takes, Compile(schema).Takes(SchemaKinds.Object));

    private static SchemaMember Member(string member) =>
        Compile($$"""{ "properties": { "m": {{member}} }, "$defs": { "whole": { "type": "integer" } } }""").Members["m"];

    private static Schema Compile(string schema) => Schema.Compile(Encoding.UTF8.GetBytes(schema), new SchemaOptions()).Schema!;
}
