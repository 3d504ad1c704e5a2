using System.Globalization;
using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Billing;

/// <summary>
/// Makes bills by Odoo's wizard, marks them with the external id (<see cref="Marks"/>, in <c>invoice_origin</c>), and posts them. What has been billed
/// is nothing to bill any more, so the same goods are never billed twice, whoever asks; the mark tells whose bill it is.
/// </summary>
/// <param name="type">out_invoice or out_refund.</param>
/// <param name="journal">Code of the journal that they are posted in; null leaves it to Odoo.</param>
internal sealed class BillMaking(OdooSession odoo, string type, string externalId, string? journal = null)
{
    /// <summary>The journal of the company that the partner's bills are made in.</summary>
    public static string? JournalOf(Partner partner) => partner.Companies is [var first, ..] ? first.Journal : null;

    /// <summary>The posted bills of this external id.</summary>
    /// <param name="whyNot">Why there is none to make, where none was begun; null where there is.</param>
    /// <param name="resumes">Drafts of our own user without a mark are those of a call that was cut off.</param>
    public async ValueTask<Lookup<IReadOnlyList<Found>>> MakeAsync(Billable orders, string? whyNot, bool resumes)
    {
        var begun = await BegunAsync(orders, resumes);
        var book = await JournalAsync();
        if ((begun.Failure ?? book.Failure) is { } unknown)
            return unknown.BeforeChange();
        var ids = begun.Value!;
        if (ids.Count == 0)
        {
            if (whyNot is not null)
                return OdooReply.Refused(whyNot);
            var made = await RunWizardAsync(orders);
            if (made.Failure is { } failure)
                return failure;
            ids = made.Value!;
        }
        return await PostAsync(ids, book.Value);
    }

    /// <summary>The bills of this external id, drafts too.</summary>
    private ValueTask<Lookup<IReadOnlyList<Found>>> FindAsync() =>
        Bills.Whole.FindAsync(odoo, [Is("move_type", type), Marks.Leaf("invoice_origin", externalId), odoo.OfCompanies]);

    private async ValueTask<Lookup<IReadOnlyList<int>>> BegunAsync(Billable orders, bool resumes)
    {
        var marked = await FindAsync();
        if (marked.Failure is { } failure)
            return failure;
        List<int> ids = [.. marked.Value!.Select(bill => bill.Id)];
        var free = orders.Of(type).Where(bill => bill.Text("state") == "draft" && Marks.IsFree(bill.Text("invoice_origin"))).ToArray();
        if (!resumes || free.Length == 0)
            return ids;
        var user = await odoo.UserAsync();
        if (user.Failure is { } unknown)
            return unknown;
        ids.AddRange(free.Where(bill => bill.Row.Id("create_uid") == user.Value).Select(bill => bill.Id));
        return ids;
    }

    /// <summary>The bills that the wizard made: it answers a window, so they are told by what the orders have now and had not before.</summary>
    private async ValueTask<Lookup<IReadOnlyList<int>>> RunWizardAsync(Billable orders)
    {
        void Context(Utf8JsonWriter json)
        {
            json.WriteString("active_model", "sale.order");
            json.WritePropertyName("active_ids");
            OdooJson.Write(json, orders.Ids);
            json.WriteNumber("active_id", orders.Ids[0]);
        }

        var wizard = await odoo.ProposeAsync("sale.advance.payment.inv", new Dictionary<string, object> { ["advance_payment_method"] = "delivered" }, Context);
        if (!wizard.Done)
            return wizard;
        var made = await odoo.ActAsync("sale.advance.payment.inv", "create_invoices", [wizard.Id], context: Context);
        if (!made.Done)
            return made.Status == OperationStatus.Refused ? OdooReply.Refused("there is nothing to bill", made.Reason) : made;
        var now = await odoo.ReadAsync("sale.order", orders.Ids, ["invoice_ids"]);
        if (!now.Done)
            return now.AfterChange();
        var before = orders.Orders.SelectMany(order => order.Row.Ids("invoice_ids")).ToHashSet();
        int[] ids = [.. now.Value.EnumerateArray().SelectMany(order => order.Ids("invoice_ids")).Where(id => !before.Contains(id)).Distinct().Order()];
        return ids.Length > 0 ? ids : OdooReply.Unusable("the invoicing wizard made nothing, and said that it had");
    }

    private async ValueTask<Lookup<IReadOnlyList<Found>>> PostAsync(IReadOnlyList<int> ids, int? book)
    {
        var read = await Bills.Whole.ReadAsync(odoo, ids);
        if (read.Failure is { } failure)
            return failure.AfterChange();
        // What another call has marked meanwhile is another call's.
        Found[] ours = [.. read.Value!.Where(bill => Marks.Has(bill.Text("invoice_origin"), externalId) || Marks.IsFree(bill.Text("invoice_origin")))];
        if (ours.Length == 0)
            return OdooReply.Unusable("another call has taken the bills that the wizard made");
        foreach (var bill in ours)
        {
            if (!Marks.Has(bill.Text("invoice_origin"), externalId) && await MarkAsync(bill, book) is { } unmarked)
                return unmarked;
            if (bill.Text("state") == "draft" && await BillPosting.PostAsync(odoo, bill.Id) is { } unposted)
                return unposted;
        }
        read = await Bills.Whole.ReadAsync(odoo, [.. ours.Select(bill => bill.Id)]);
        return read.Failure is { } unread ? unread.AfterChange() : read;
    }

    private async ValueTask<OdooReply?> MarkAsync(Found bill, int? book)
    {
        var origin = bill.Text("invoice_origin");
        if (type == Bills.CreditNote && BillLinks.Choose(bill) is { Count: > 0 } invoices)
            origin = string.Join(", ", [.. (origin is null ? (string[])[] : [origin]), .. invoices.Select(invoice => invoice.Name)]);
        var values = new Dictionary<string, object>(StringComparer.Ordinal) { ["invoice_origin"] = Marks.With(origin, externalId) };
        if (book is { } id && bill.Text("state") == "draft")
            values["journal_id"] = id;
        var marked = await odoo.WriteAsync("account.move", [bill.Id], values);
        return marked.Done ? null : marked.AfterChange();
    }

    private async ValueTask<Lookup<int?>> JournalAsync()
    {
        if (journal is null)
            return new Lookup<int?>(null, null);
        var reply = await odoo.SearchAsync("account.journal", [Is("code", journal), Is("type", "sale"), Is("company_id", odoo.Company)], ["code"], limit: 1);
        if (!reply.Done)
            return reply;
        return reply.Value.GetArrayLength() > 0 ? reply.Value[0].Id("id") : OdooReply.NotSent($"company {odoo.Company} has no journal '{journal}' for sales");
    }

    /// <summary>What an earlier call did. A draft is half the work: the call that goes on with it posts it.</summary>
    public async ValueTask<OperationResult> ReadBackAsync(string name)
    {
        var found = await FindAsync();
        if (found.Failure is { } failure)
            return failure.BeforeChange().ToResult();
        return found.Value is { Count: > 0 } bills && bills.All(bill => bill.Text("state") != "draft") ? Done(name, bills) : OdooReply.NotFound("").ToResult();
    }

    public static OperationResult Done(string name, IReadOnlyList<Found> bills) => new(OperationStatus.Done)
    {
        Record = Bills.ListJson(name, bills),
        Reference = bills[0].Id.ToString(CultureInfo.InvariantCulture),
    };
}
