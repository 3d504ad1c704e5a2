using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Returns;

/// <summary>The wizard <c>stock.return.picking</c>. Until its last call it is a proposal that nobody sees.</summary>
internal sealed class ReturnWizard(OdooSession odoo, Delivered delivery)
{
    /// <summary>The transfer that it made; its id is the <c>res_id</c> of the answer.</summary>
    /// <param name="shares">By the move of the delivery; what is not named stays there.</param>
    public async ValueTask<OdooReply> MakeAsync(IReadOnlyDictionary<int, ReturnShare> shares)
    {
        var wizard = await odoo.ProposeAsync("stock.return.picking", new Dictionary<string, object> { ["picking_id"] = delivery.Picking.Id }, json =>
        {
            json.WriteNumber("active_id", delivery.Picking.Id);
            json.WriteString("active_model", "stock.picking");
        });
        if (!wizard.Done)
            return wizard;
        if (await SetLinesAsync(wizard.Id, shares) is { } failure)
            return failure.BeforeChange();
        var made = await odoo.ActAsync("stock.return.picking", "action_create_returns", [wizard.Id]);
        if (!made.Done)
            return made;
        return made.Value.Id("res_id") is { } id ? OdooReply.Found(id) : OdooReply.Unusable(OdooErrors.Cut($"the return wizard answered {made.Value.GetRawText()}"));
    }

    /// <summary>Newer versions propose 0 for every line, older ones all of it: each is set. Null when all went well.</summary>
    private async ValueTask<OdooReply?> SetLinesAsync(int wizard, IReadOnlyDictionary<int, ReturnShare> shares)
    {
        var lines = await odoo.SearchAsync("stock.return.picking.line", [Is("wizard_id", wizard)], ["quantity", "move_id", "to_refund"], order: "id");
        if (!lines.Done)
            return lines;
        if (lines.Value.GetArrayLength() == 0)
            return await AddLinesAsync(wizard, shares);
        var found = 0;
        foreach (var line in lines.Value.EnumerateArray())
        {
            var share = line.Id("move_id") is { } move ? shares.GetValueOrDefault(move) : null;
            if (share is not null)
                found++;
            var written = await odoo.WriteAsync("stock.return.picking.line", [line.Id("id")!.Value], Values(line, share));
            if (!written.Done)
                return written;
        }
        return found == shares.Count ? null : OdooReply.NotSent($"the return wizard proposes {found} of {shares.Count} lines");
    }

    /// <summary>
    /// Before 17 the lines, and the place that the goods go to, are proposed by the window and not by the wizard, so nobody has set them. They go back to where
    /// the delivery came from.
    /// </summary>
    private async ValueTask<OdooReply?> AddLinesAsync(int wizard, IReadOnlyDictionary<int, ReturnShare> shares)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["product_return_moves"] = shares.Select(share => (object)new object[] { 0, 0, Line(share.Key, share.Value) }).ToArray(),
        };
        if (delivery.Picking.Row.Id("location_id") is { } place)
            values["location_id"] = place;
        var written = await odoo.WriteAsync("stock.return.picking", [wizard], values);
        return written.Done ? null : written;
    }

    private Dictionary<string, object> Line(int move, ReturnShare share)
    {
        var line = new Dictionary<string, object>(StringComparer.Ordinal) { ["move_id"] = move, ["product_id"] = delivery.ItemOf(move), ["quantity"] = share.Quantity };
        if (share.ToRefund is { } toRefund)
            line["to_refund"] = toRefund;
        return line;
    }

    private static Dictionary<string, object> Values(System.Text.Json.JsonElement line, ReturnShare? share) => new(StringComparer.Ordinal)
    {
        ["quantity"] = share?.Quantity ?? 0m,
        ["to_refund"] = share?.ToRefund ?? line.Flag("to_refund"),
    };
}
