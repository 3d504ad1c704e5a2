using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Records;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>How docs/canonical-model.md is made of contracts. That the page is the one of the contracts, <see cref="CanonicalRecordsTests"/> holds.</summary>
public sealed partial class ModelPageTests
{
    private static readonly string Page = ModelPage.Of(new ContractBundle(new Dictionary<string, JsonObject>
    {
        ["crate@1.schema.json"] = Parse("""
            {
              "title": "Crate", "description": "A crate.", "x-source": "Own", "x-kind": "document", "type": "object", "required": ["id"],
              "properties": {
                "id": { "title": "Id", "description": "Its number: 1|2.", "x-source": "UBL ID", "type": "string", "maxLength": 9, "examples": ["7"] },
                "place": { "$ref": "yard@1.schema.json#/$defs/place", "x-source": "UBL Location", "title": "Place", "description": "Where it is." },
                "parts": { "title": "Parts", "description": "In it.", "x-source": "UBL Line", "type": "array", "items": { "$ref": "#/$defs/part" } }
              },
              "$defs": {
                "part": {
                  "title": "Part", "description": "One.", "x-source": "UBL Line", "type": "object", "required": ["count"],
                  "properties": { "count": { "title": "Count", "description": "How many.", "x-source": "UBL Quantity", "type": "number", "minimum": 0, "examples": [2] } }
                }
              }
            }
            """),
        ["yard@1.schema.json"] = Parse("""
            {
              "title": "Yard", "description": "A yard.", "x-source": "Own", "x-kind": "master", "type": "object",
              "properties": { "place": { "$ref": "#/$defs/place" } },
              "$defs": {
                "place": {
                  "title": "YardPlace", "description": "A place.", "x-source": "UBL Location", "type": "object",
                  "properties": {
                    "crate": { "title": "CrateId", "description": "What stands there.", "x-source": "Own", "x-refers-to": "crate@1", "type": "string", "examples": ["7"] },
                    "state": { "title": "State", "description": "Full or not.", "x-source": "Own", "enum": ["full", "free"], "type": "string", "examples": ["free"] }
                  }
                }
              }
            }
            """),
    })).Text;

    [Theory]
    [InlineData("| `id` | text, at most 9 | yes | Its number: 1\\|2. | `\"7\"` | UBL ID |")]
    [InlineData("| `place` | [YardPlace](#yardplace) |  | Where it is. |  | UBL Location |")]
    [InlineData("| `parts` | list of object |  | In it. Each: One. |  | UBL Line |")]
    [InlineData("| `parts[].count` | number ≥ 0 | yes | How many. | `2` | UBL Quantity |")]
    [InlineData("| `crate` | text |  | What stands there. Names: [crate@1](#crate1). | `\"7\"` | Own |")]
    [InlineData("| `state` | one of `full`, `free` |  | Full or not. | `\"free\"` | Own |")]
    public void A_field_is_a_row(string row) => Assert.Contains("\n" + row + "\n", Page, StringComparison.Ordinal);

    [Fact]
    public void What_several_contracts_use_has_one_table_under_its_own() =>
        Assert.Equal(["## crate@1", "## yard@1", "### YardPlace", "## What is not in it, and why"], Page.Split('\n').Where(line => line.StartsWith("##", StringComparison.Ordinal)));

    [Fact]
    public void The_diagram_has_the_objects_and_who_names_whom()
    {
        Assert.Contains("\n    crate[\"crate@1\"]\n", Page, StringComparison.Ordinal);
        Assert.Contains("\n  yard --> crate\n", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_within_the_page_leads_to_one_heading()
    {
        var page = ModelPage.Of(ContractBundle.Read(Repository.Root)).Text;
        var headings = Heading().Matches(page).Select(m => m.Groups[1].Value.Replace("@", "", StringComparison.Ordinal).ToLowerInvariant()).ToList();

        Assert.Equal(headings.Distinct(), headings);
        Assert.Empty(Link().Matches(page).Select(m => m.Groups[1].Value).Except(headings));
    }

    [GeneratedRegex(@"^##+ (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(#([^)]+)\)")]
    private static partial Regex Link();

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
