using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

/// <summary>Code tables of a workspace, everybody's and a partner's own.</summary>
public sealed class CodeTableTests
{
    private const string Tables = """
        codes:
          units:
            from: odoo
            to: unece
            values: { Units: C62, kg: KGM, no: NAR, "1.10": X1, fl oz (US): OZA }
            back: { EA: Units }
          states:
            from: carrier
            to: canonical
            values: { DE: delivered, IT: in_transit, AC: in_transit }
            back: { in_transit: IT, accepted: IT }
            default: unknown
            backDefault: UN
        partners:
          acme:
            name: Acme
            codes:
              units: { values: { Stk: C62, kg: KG }, default: ZZ }
        """;

    [Theory]
    [InlineData("units", "unece", "Units", "C62")]
    [InlineData("units", "unece", "no", "NAR")]
    [InlineData("units", "unece", "1.10", "X1")]
    [InlineData("units", "unece", "fl oz (US)", "OZA")]
    [InlineData("units", "unece", "Stk", null)]
    [InlineData("units", "unece", "units", null)]
    [InlineData("units", "odoo", "C62", "Units")]
    [InlineData("units", "odoo", "EA", "Units")]
    [InlineData("units", "odoo", "H87", null)]
    [InlineData("states", "canonical", "AC", "in_transit")]
    [InlineData("states", "canonical", "XX", "unknown")]
    [InlineData("states", "carrier", "in_transit", "IT")]
    [InlineData("states", "carrier", "accepted", "IT")]
    [InlineData("states", "carrier", "cancelled", "UN")]
    public void Everybody_s(string table, string side, string value, string? code) =>
        Assert.Equal(code, Read(Tables).Everybody[table].Translate(side, value));

    [Theory]
    [InlineData("unece", "Stk", "C62")]
    [InlineData("unece", "Units", "C62")]
    [InlineData("unece", "kg", "KG")]
    [InlineData("unece", "nothing", "ZZ")]
    [InlineData("odoo", "C62", "Stk")]
    [InlineData("odoo", "KGM", "kg")]
    [InlineData("odoo", "KG", "kg")]
    [InlineData("odoo", "ZZ", null)]
    public void A_partner_s_own_come_first(string side, string value, string? code) =>
        Assert.Equal(code, Read(Tables).Acme["units"].Translate(side, value));

    [Fact]
    public void A_table_that_is_never_read_back_has_one_side()
    {
        var table = Read("codes: { t: { from: a, to: b, values: { x: z, y: z }, oneWay: true } }").Everybody["t"];

        Assert.Equal(["b"], table.Sides);
        Assert.Null(table.Translate("a", "z"));
        Assert.Equal("z", table.Translate("b", "y"));
    }

    private static (IReadOnlyDictionary<string, CodeTable> Everybody, IReadOnlyDictionary<string, CodeTable> Acme) Read(string yaml)
    {
        var files = WorkspaceFiles.Of("/", [("policies.yaml", System.Text.Encoding.UTF8.GetBytes(yaml))]);
        var loaded = WorkspaceLoader.Load(files, new LoadOptions());
        var diagnostics = loaded.Diagnostics.ToList();
        var codes = new CodeReader(loaded.Document!, loaded.Places, diagnostics);
        var acme = loaded.Document!.Partners.TryGetValue("acme", out var partner) ? codes.Own(partner.Codes) : new Dictionary<string, CodeTable>();
        Assert.Empty(diagnostics);
        return (codes.Tables, acme);
    }
}
