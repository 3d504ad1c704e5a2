using Gateway.Adapters.Odoo.Billing;
using Gateway.Adapters.Odoo.Items;
using Gateway.Adapters.Odoo.Orders;
using Gateway.Adapters.Odoo.Partners;
using Gateway.Adapters.Odoo.Returns;
using Gateway.Adapters.Odoo.Stock;
using Microsoft.Extensions.Logging;

namespace Gateway.Adapters.Odoo;

/// <summary>Odoo 14 and newer, over JSON-2 or JSON-RPC: orders in, items and stock out. Shapes of inputs and records: README.md beside this file.</summary>
public sealed partial class OdooAdapter(ILoggerFactory logs, Outside outside) : Adapter
{
    /// <summary>The operations: their descriptors, and how each is bound to an opened backend. One line adds one.</summary>
    private static readonly (OperationDescriptor Descriptor, Func<OdooBackend, BackendOperation> Bind)[] Table =
    [
        (OrderCreate.Description, backend => new OrderCreate(backend)),
        (OrderRead.Description, backend => new OrderRead(backend)),
        (OrderChange.Description, backend => new OrderChange(backend)),
        (OrderConfirm.Description, backend => new OrderConfirm(backend)),
        (OrderCancel.Description, backend => new OrderCancel(backend)),
        (ItemRead.Description, backend => new ItemRead(backend)),
        (InventoryRead.Description, backend => new InventoryRead(backend)),
        (LocationRead.Description, backend => new LocationRead(backend)),
        (PriceRead.Description, backend => new PriceRead(backend)),
        (PartnerRead.Description, backend => new PartnerRead(backend)),
        (CreditCheck.Description, backend => new CreditCheck(backend)),
        (ShipmentRead.Description, backend => new ShipmentRead(backend)),
        (ShipmentValidate.Description, backend => new ShipmentValidate(backend)),
        (StockCount.Description, backend => new StockCount(backend)),
        (StockAdjust.Description, backend => new StockAdjust(backend)),
        (ReturnCreate.Description, backend => new ReturnCreate(backend)),
        (ReturnReceive.Description, backend => new ReturnReceive(backend)),
        (ReturnRead.Description, backend => new ReturnRead(backend)),
        (InvoiceCreate.Description, backend => new InvoiceCreate(backend)),
        (InvoicePost.Description, backend => new InvoicePost(backend)),
        (InvoiceRead.OfInvoices, backend => new InvoiceRead(backend, InvoiceRead.OfInvoices)),
        (CreditNoteCreate.Description, backend => new CreditNoteCreate(backend)),
        (InvoiceRead.OfCreditNotes, backend => new InvoiceRead(backend, InvoiceRead.OfCreditNotes)),
        (PaymentStatus.Description, backend => new PaymentStatus(backend)),
    ];

    public override string Name => "odoo";

    public override string Summary => "Odoo 14 and newer, over JSON-2 or JSON-RPC: takes, changes and cancels orders exactly once, ships, returns and invoices them, reads items, prices, stock and customers.";

    public override Type OptionsType => typeof(OdooOptions);

    public override IReadOnlyList<OperationDescriptor> Operations { get; } = [.. Table.Select(row => row.Descriptor)];

    public override bool TakesKeysOnly => true;

    /// <exception cref="ArgumentException">The external id module is no module name: the ids made with it would not be unique; or a secret holds what can't be shown.</exception>
    public override Backend Open(string name, BackendOptions options, TimeProvider clock)
    {
        var odoo = (OdooOptions)options;
        if (!OdooOptions.IsModule(odoo.ExternalIdModule))
            throw new ArgumentException($"externalIdModule '{odoo.ExternalIdModule}' must be lower-case letters, digits and '_'", nameof(options));
        return new OdooBackend(name, odoo, clock, logs, outside);
    }

    internal static Dictionary<string, BackendOperation> Bind(OdooBackend backend) =>
        Table.ToDictionary(row => row.Descriptor.Name, row => row.Bind(backend), StringComparer.Ordinal);
}
