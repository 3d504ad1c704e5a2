using System.Globalization;
using System.Text.Json;
using Gateway.Adapters.Odoo.Billing;
using Gateway.Adapters.Odoo.Orders;
using Gateway.Adapters.Odoo.Returns;
using Gateway.Adapters.Odoo.Stock;
using Gateway.Adapters.Odoo.Wire;
using Gateway.Adapters.Resilience;
using static Gateway.Adapters.Odoo.OdooSession;

namespace Gateway.Adapters.Odoo.Changes;

/// <summary>
/// What Odoo tells of changes: <c>write_date</c>, the start of the transaction that wrote last, stored to the microsecond and shown in seconds. A
/// condition is in seconds, and <c>&gt; t</c> means from the next second on (orm/domains.py), so nothing but <c>&gt;=</c> and <c>&lt;</c> is asked. What
/// was deleted is told by nothing.
/// </summary>
internal sealed class OdooChanges(OdooBackend backend, ChangesOptions options) : ChangeSource
{
    private const string Stamp = "yyyy-MM-dd HH:mm:ss";

    /// <summary>Which operations leave a record behind, and of which kind.</summary>
    private static readonly Dictionary<string, string> Leaving = new(StringComparer.Ordinal)
    {
        [OrderCreate.Description.Name] = "orders",
        [OrderChange.Description.Name] = "orders",
        [OrderConfirm.Description.Name] = "orders",
        [OrderCancel.Description.Name] = "orders",
        [ShipmentValidate.Description.Name] = "shipments",
        [ReturnCreate.Description.Name] = "returns",
        [ReturnReceive.Description.Name] = "returns",
        [InvoiceCreate.Description.Name] = "invoices",
        [InvoicePost.Description.Name] = "invoices",
        [CreditNoteCreate.Description.Name] = "creditNotes",
    };

    public override ChangesOptions Options => options;

    public override IReadOnlyList<ChangeKind> Kinds { get; } = [.. Watched.All.Select(watched => watched.Kind)];

    public override ValueTask<Asked<IReadOnlyList<DatedRecord>>> ListAsync(ChangeKind kind, IReadOnlyList<Partner> partners, ChangeQuery query, CancellationToken cancellation) =>
        AskAsync<IReadOnlyList<DatedRecord>>(kind, partners, async (watched, odoo) =>
        {
            object[] domain =
            [
                .. DomainOf(watched, odoo, partners),
                .. query.From is { } from ? [new object[] { "write_date", ">=", Text(from) }] : Array.Empty<object>(),
                .. query.Before is { } before ? [new object[] { "write_date", "<", Text(before) }] : Array.Empty<object>(),
                .. query.AfterId is { } after ? [new object[] { "id", ">", after }] : Array.Empty<object>(),
            ];
            var reply = await odoo.SearchAsync(watched.Model, domain, ["write_date"], query.Max, query.AfterId is null ? "write_date,id" : "id");
            return reply.Done ? DatesOf(reply.Value) : reply;
        }, cancellation);

    public override ValueTask<Asked<DateTimeOffset?>> LatestAsync(ChangeKind kind, IReadOnlyList<Partner> partners, CancellationToken cancellation) =>
        AskAsync<DateTimeOffset?>(kind, partners, async (watched, odoo) =>
        {
            var reply = await odoo.SearchAsync(watched.Model, DomainOf(watched, odoo, partners), ["write_date"], limit: 1, order: "write_date desc,id desc");
            return reply.Done ? new Lookup<DateTimeOffset?>(DatesOf(reply.Value) is [var last, ..] ? last.WrittenAt : null, null) : reply;
        }, cancellation);

    public override ValueTask<Asked<IReadOnlyList<RecordHead>>> HeadsAsync(ChangeKind kind, IReadOnlyList<Partner> partners, IReadOnlyList<int> ids, CancellationToken cancellation) =>
        AskAsync<IReadOnlyList<RecordHead>>(kind, partners, async (watched, odoo) =>
        {
            var found = await watched.Head.FindAsync(odoo, [.. DomainOf(watched, odoo, partners), In("id", ids)]);
            return found.Failure is { } failure ? failure : new Lookup<IReadOnlyList<RecordHead>>([.. found.Value!.Select(head => HeadOf(watched, head))], null);
        }, cancellation);

    public override ValueTask<Asked<IReadOnlyList<ChangedRecord>>> ReadAsync(ChangeKind kind, IReadOnlyList<Partner> partners, IReadOnlyList<int> ids, CancellationToken cancellation) =>
        AskAsync<IReadOnlyList<ChangedRecord>>(kind, partners, async (watched, odoo) =>
        {
            // Who it is of first: what is written between the two reads shows a later date at the next look.
            var found = await watched.Head.FindAsync(odoo, [.. DomainOf(watched, odoo, partners), In("id", ids)]);
            return found.Failure is { } failure ? failure : watched.Model == "sale.order"
                ? await OrdersAsync(odoo, watched, found.Value!)
                : await RecordsAsync(odoo, watched, found.Value!);
        }, cancellation);

    public override IEnumerable<(ChangeKind Kind, KnownRecord Record)> Left(OperationDescriptor operation, OperationResult result)
    {
        if (!Leaving.TryGetValue(operation.Name, out var name) || result.Record.IsEmpty) yield break;
        using var document = JsonDocument.Parse(result.Record);
        foreach (var (kind, record) in PartsOf(name, document.RootElement))
        {
            var row = record.TryGetProperty("order", out var order) && order.ValueKind == JsonValueKind.Object ? order : record;
            if (row.Id("id") is not { } id || DateOf(row) is not { } written || row.Text("state") == "draft" && row.TryGetProperty("move_type", out _)) continue;
            var watched = Watched.All.First(w => w.Kind.Name == kind);
            yield return (watched.Kind, new KnownRecord(id, written, RecordHash.Of(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(record)), Watched.StageOf(row)));
        }
    }

    /// <summary><c>{"_model":"sale.order","_id":28, …}</c>: of all that Odoo sends no more is believed.</summary>
    public override Hint? ReadHint(JsonElement body) => body.Text("_model") is { } model && body.Id("_id") is { } id and > 0
        ? new Hint([.. Watched.All.Where(watched => watched.Model == model).Select(watched => watched.Kind.Name)], id)
        : null;

    private static IEnumerable<(string Kind, JsonElement Record)> PartsOf(string kind, JsonElement record)
    {
        foreach (var (list, its) in ((string, string)[])[("invoices", "invoices"), ("creditNotes", "creditNotes")])
            if (record.ValueKind == JsonValueKind.Object && record.TryGetProperty(list, out var bills) && bills.ValueKind == JsonValueKind.Array)
                return bills.EnumerateArray().Select(bill => (its, bill));
        return [(kind, record)];
    }

    private static async ValueTask<Lookup<IReadOnlyList<ChangedRecord>>> OrdersAsync(OdooSession odoo, Watched watched, IReadOnlyList<Found> heads)
    {
        int[] ids = [.. heads.Select(head => head.Id)];
        var names = await odoo.SearchAsync("ir.model.data", [Is("module", odoo.Options.ExternalIdModule), Is("model", watched.Model), In("res_id", ids)], ["name", "res_id"]);
        if (!names.Done) return names;
        var read = await Task.WhenAll(ids.Select(id => OrderRecord.ReadAsync(odoo, id).AsTask()));
        var records = new List<ChangedRecord>(ids.Length);
        foreach (var (head, order) in heads.Zip(read))
        {
            // Deleted between the two reads.
            if (order.Failure is { Status: OperationStatus.NotFound }) continue;
            if (order.Failure is { } failure) return failure;
            var name = names.Value.EnumerateArray().FirstOrDefault(row => row.Id("res_id") == head.Id);
            records.Add(RecordOf(watched, head, order.Value!.ToJson()) with
            {
                ExternalId = name.ValueKind == JsonValueKind.Object ? name.Text("name") : null,
                InPlaceOfRequest = buyer => OrderInPlace.Of(head.Text("client_order_ref") ?? head.Name ?? "", buyer),
            });
        }
        return records;
    }

    private static async ValueTask<Lookup<IReadOnlyList<ChangedRecord>>> RecordsAsync(OdooSession odoo, Watched watched, IReadOnlyList<Found> heads)
    {
        var bills = watched.Model == "account.move";
        var read = await (bills ? Bills.Whole : Transfers.Whole).ReadAsync(odoo, [.. heads.Select(head => head.Id)]);
        if (read.Failure is { } failure) return failure;
        var whole = read.Value!.ToDictionary(record => record.Id);
        return new Lookup<IReadOnlyList<ChangedRecord>>([.. heads.Where(head => whole.ContainsKey(head.Id)).Select(head => Marked(watched, head, whole[head.Id], bills))], null);
    }

    /// <summary>Wizards take no external id; it is marked in the text that says where a record comes from.</summary>
    private static ChangedRecord Marked(Watched watched, Found head, Found record, bool isBill) =>
        RecordOf(watched, head, isBill ? Found.Json(json => Bills.Write(json, record)) : record.ToJson()) with { ExternalId = Marks.In(record.Text(isBill ? "invoice_origin" : "origin")) };

    private static ChangedRecord RecordOf(Watched watched, Found head, ReadOnlyMemory<byte> content) => new(HeadOf(watched, head), content, RecordHash.Of(content.Span));

    private static RecordHead HeadOf(Watched watched, Found head) =>
        new(head.Id, DateOf(head.Row) ?? DateTimeOffset.UnixEpoch, Watched.StageOf(head.Row), watched.BuyersOf(head), head.Row.Id("company_id"));

    /// <summary>Records of these partners' buyers, or of contacts of theirs, in the companies that the partners trade with.</summary>
    private static object[] DomainOf(Watched watched, OdooSession odoo, IReadOnlyList<Partner> partners)
    {
        string[] buyers = [.. partners.SelectMany(partner => partner.Buyers).Distinct()];
        return
        [
            .. watched.Of,
            odoo.OfCompanies,
            "|", In($"{watched.Customer}.ref", buyers), In($"{watched.Customer}.commercial_partner_id.ref", buyers),
        ];
    }

    private static List<DatedRecord> DatesOf(JsonElement rows) =>
        [.. rows.EnumerateArray().Where(row => row.Id("id") is not null).Select(row => new DatedRecord(row.Id("id")!.Value, DateOf(row) ?? DateTimeOffset.UnixEpoch))];

    private static DateTimeOffset? DateOf(JsonElement row) => DateTimeOffset.TryParseExact(
        row.Text("write_date"), Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date : null;

    private static string Text(DateTimeOffset moment) => moment.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture);

    private async ValueTask<Asked<T>> AskAsync<T>(
        ChangeKind kind, IReadOnlyList<Partner> partners, Func<Watched, OdooSession, ValueTask<Lookup<T>>> ask, CancellationToken cancellation)
    {
        using var deadline = new Deadline(new OperationCall(default, new Partner(backend.Name, backend.Name)), backend.Options.Timeout, backend.Clock, cancellation);
        int[] companies = [.. partners.SelectMany(partner => partner.Companies.Select(company => company.Id).DefaultIfEmpty(backend.Options.Company)).Distinct().Order()];
        var odoo = new OdooSession(backend, companies, null, null, deadline);
        var watched = Watched.All.First(one => one.Kind.Name == kind.Name);
        if (await backend.Discovery.ReadyAsync(watched.Operation, odoo) is { } hindrance) return hindrance.ToResult();
        var found = await ask(watched, odoo);
        return found.Failure is { } failure ? failure.ToResult() : new Asked<T>(found.Value, null);
    }
}
