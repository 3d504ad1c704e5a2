using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// Makes bills by Odoo's wizard, leaves on them what belongs there and marks them with the external id (<see cref="BillDraft"/>), and posts them. What has
/// been billed is nothing to bill any more, so the same goods are never billed twice, whoever asks; the mark tells whose bill it is.
/// </summary>
/// <param name="type">out_invoice or out_refund.</param>
/// <param name="companies">Ours, with the journals that their bills are posted in; one without leaves it to Odoo.</param>
internal sealed class BillMaking(OdooSession odoo, string type, string externalId, IReadOnlyList<Company> companies)
{
    /// <summary>The posted bills of this external id.</summary>
    /// <param name="whyNot">Why there is none to make, where none was begun; null where there is.</param>
    /// <param name="resumes">Drafts of our own user without a mark are those of a call that was cut off.</param>
    public async ValueTask<Lookup<IReadOnlyList<Found>>> MakeAsync(Billable orders, string? whyNot, bool resumes)
    {
        var journals = await JournalsAsync(orders);
        if (journals.Failure is { } bookless)
            return bookless.BeforeChange();
        var draft = new BillDraft(odoo, type, externalId, journals.Value!);
        var begun = await BegunAsync(orders, draft, resumes);
        if (begun.Failure is { } unknown)
            return unknown.BeforeChange();
        var ids = begun.Value!;
        if (ids.Count == 0)
        {
            if ((whyNot is null ? await CannotAsync(orders) : OdooReply.Refused(whyNot)) is { } refused)
                return refused.BeforeChange();
            var made = await RunWizardAsync(orders);
            if (made.Failure is { } failure)
                return failure;
            ids = made.Value!;
        }
        return await FinishAsync(ids, draft);
    }

    /// <summary>The bills of this external id, drafts too; such a draft may yet be of the other kind.</summary>
    private ValueTask<Lookup<IReadOnlyList<Found>>> FindAsync() =>
        Bills.Whole.FindAsync(odoo, [In("move_type", Bills.Both), Marks.Leaf("invoice_origin", externalId), odoo.OfCompanies]);

    private async ValueTask<Lookup<IReadOnlyList<int>>> BegunAsync(Billable orders, BillDraft draft, bool resumes)
    {
        var marked = await FindAsync();
        if (marked.Failure is { } failure)
            return failure;
        List<int> ids = [.. marked.Value!.Select(bill => bill.Id)];
        var free = orders.Made.Where(bill => bill.Text("state") == "draft" && Marks.IsFree(bill.Text("invoice_origin"))).ToArray();
        if (!resumes || free.Length == 0)
            return ids;
        var user = await odoo.UserAsync();
        if (user.Failure is { } unknown)
            return unknown;
        var own = await Bills.Whole.ReadAsync(odoo, [.. free.Where(bill => bill.Row.Id("create_uid") == user.Value).Select(bill => bill.Id)]);
        if (own.Failure is { } unread)
            return unread;
        ids.AddRange(own.Value!.Where(draft.IsFor).Select(bill => bill.Id));
        return ids;
    }

    /// <summary>
    /// Null where a bill of this kind can be made. One of invoices that the wizard makes a credit note, since more came back than that, has to be switched,
    /// which older versions can't, and none can of goods that cost nothing.
    /// </summary>
    private async ValueTask<OdooReply?> CannotAsync(Billable orders)
    {
        if (type != Bills.Invoice || orders.Worth() >= 0)
            return null;
        var current = await BillDraft.IsCurrentAsync(odoo);
        return current.Failure ?? (current.Value && orders.Worth(type) > 0 ? null : OdooReply.Refused("more came back than is to be invoiced: that is to be credited first"));
    }

    /// <summary>The bills that the wizard made: it answers a window, so they are told by what the orders have now and had not before.</summary>
    private async ValueTask<Lookup<IReadOnlyList<int>>> RunWizardAsync(Billable orders)
    {
        var billed = orders.With(type);
        void Context(Utf8JsonWriter json)
        {
            json.WriteString("active_model", "sale.order");
            json.WritePropertyName("active_ids");
            OdooJson.Write(json, billed);
            json.WriteNumber("active_id", billed[0]);
        }

        var wizard = await odoo.ProposeAsync("sale.advance.payment.inv", new Dictionary<string, object> { ["advance_payment_method"] = "delivered" }, Context);
        if (!wizard.Done)
            return wizard;
        var made = await odoo.ActAsync("sale.advance.payment.inv", "create_invoices", [wizard.Id], context: Context);
        if (!made.Done)
            return made.Status == OperationStatus.Refused ? OdooReply.Refused("there is nothing to bill", made.Reason) : made;
        var now = await odoo.ReadAsync("sale.order", billed, ["invoice_ids"]);
        if (!now.Done)
            return now.AfterChange();
        var before = orders.Orders.SelectMany(order => order.Row.Ids("invoice_ids")).ToHashSet();
        int[] ids = [.. now.Value.EnumerateArray().SelectMany(order => order.Ids("invoice_ids")).Where(id => !before.Contains(id)).Distinct().Order()];
        return ids.Length > 0 ? ids : OdooReply.Unusable("the invoicing wizard made nothing, and said that it had");
    }

    private async ValueTask<Lookup<IReadOnlyList<Found>>> FinishAsync(IReadOnlyList<int> ids, BillDraft draft)
    {
        var read = await Bills.Whole.ReadAsync(odoo, ids);
        if (read.Failure is { } failure)
            return failure.AfterChange();
        Found[] ours = [.. read.Value!.Where(bill => IsOurs(bill, draft))];
        if (ours.Length == 0)
            return OdooReply.Unusable("another call has taken the bills that the wizard made");
        foreach (var bill in ours)
        {
            if (!Marks.Has(bill.Text("invoice_origin"), externalId) && await draft.ClaimAsync(bill) is { } unmarked)
                return unmarked;
            if (bill.Text("state") != "draft")
                continue;
            if (bill.Text("move_type") != type && await draft.SwitchAsync(bill) is { } unswitched)
                return unswitched;
            if (await BillPosting.PostAsync(odoo, bill.Id) is { } unposted)
                return unposted;
        }
        read = await Bills.Whole.ReadAsync(odoo, [.. ours.Select(bill => bill.Id)]);
        return read.Failure is { } unread ? unread.AfterChange() : read;
    }

    /// <summary>What another call has marked meanwhile is another call's, and so is what has nothing on it for a bill of this kind.</summary>
    private bool IsOurs(Found bill, BillDraft draft) => Marks.Has(bill.Text("invoice_origin"), externalId)
        || Marks.IsFree(bill.Text("invoice_origin")) && draft.IsFor(bill) && (bill.Text("state") == "draft" || bill.Text("move_type") == type);

    /// <summary>Of each company of the orders the journal that it names, by their database ids.</summary>
    private async ValueTask<Lookup<Dictionary<int, int>>> JournalsAsync(Billable orders)
    {
        var journals = new Dictionary<int, int>();
        foreach (var company in companies.Where(company => company.Journal is not null && orders.Companies.Contains(company.Id)))
        {
            var reply = await odoo.SearchAsync("account.journal", [Is("code", company.Journal!), Is("type", "sale"), Is("company_id", company.Id)], ["code"], limit: 1);
            if (!reply.Done)
                return reply;
            if (reply.Value.GetArrayLength() == 0)
                return OdooReply.NotSent($"company {company.Id} has no journal '{company.Journal}' for sales");
            journals[company.Id] = reply.Value[0].Id("id")!.Value;
        }
        return journals;
    }

    /// <summary>What an earlier call did. A draft is half the work: the call that goes on with it posts it.</summary>
    public async ValueTask<OperationResult> ReadBackAsync(string name)
    {
        var found = await FindAsync();
        if (found.Failure is { } failure)
            return failure.BeforeChange().ToResult();
        return found.Value is { Count: > 0 } bills && bills.All(bill => bill.Text("state") != "draft") ? Done(name, bills) : OdooReply.NotFound("").ToResult();
    }

    /// <summary>Numbers of the bills, for the event: <c>invoiceIds</c> or <c>creditNoteIds</c>.</summary>
    private static byte[] FactsOf(string name, IReadOnlyList<Found> bills) =>
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject { [name[..^1] + "Ids"] = new JsonArray([.. bills.Select(bill => (JsonNode?)bill.Text("name"))]) });

    public static OperationResult Done(string name, IReadOnlyList<Found> bills) => new(OperationStatus.Done)
    {
        Record = Bills.ListJson(name, bills),
        Facts = FactsOf(name, bills),
        Reference = bills[0].Id.ToString(CultureInfo.InvariantCulture),
    };
}
