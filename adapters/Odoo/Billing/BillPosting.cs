using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary><c>action_post</c> answers false where all went well, and some versions nothing at all: the state is read.</summary>
internal static class BillPosting
{
    /// <summary>Null once it is posted, whoever did it.</summary>
    public static async ValueTask<OdooReply?> PostAsync(OdooSession odoo, int bill)
    {
        var posted = await odoo.ActAsync("account.move", "action_post", [bill]);
        if (posted.Status is not (OperationStatus.Done or OperationStatus.Refused))
            return posted.MayHaveHappened ? posted : posted.AfterChange();
        var read = await odoo.ReadAsync("account.move", [bill], ["state"]);
        if (!read.Done)
            return read.AfterChange();
        if (read.Value.GetArrayLength() > 0 && read.Value[0].Text("state") == "posted")
            return null;
        return posted.Done
            ? OdooReply.Refused("the order system left the document as a draft: a person has to look at it there", OdooErrors.Cut($"action_post answered {posted.Value.GetRawText()}"))
            : OdooReply.Refused($"it was made, and could not be posted: {posted.Detail}", posted.Reason);
    }
}
