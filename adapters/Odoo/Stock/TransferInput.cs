using System.Text.Json;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>
/// What was done of a transfer (stock.picking), and what becomes of the rest; names from outside where Odoo has ids. The shape is
/// <c>shipment-values@1</c>, and the member <c>picking</c> of <c>return-values@1</c>. Lots, packages and places are read so that they can be refused:
/// what the gateway does not book must not be lost in silence.
/// </summary>
internal sealed record TransferInput
{
    /// <summary>Number of the transfer; null within a return, which has its own.</summary>
    public string? Name { get; init; }

    /// <summary><c>done</c> or <c>cancel</c>; null books nothing.</summary>
    public string? State { get; init; }

    public OrderName? SaleId { get; init; }

    public WarehouseCode? WarehouseId { get; init; }

    public PlaceName? LocationId { get; init; }

    public PlaceName? LocationDestId { get; init; }

    /// <summary>Delivery method, by its name in Odoo.</summary>
    public Named? CarrierId { get; init; }

    public string? CarrierTrackingRef { get; init; }

    public decimal? CarrierPrice { get; init; }

    public decimal? ShippingWeight { get; init; }

    public string? WeightUomName { get; init; }

    /// <summary><c>YYYY-MM-DD HH:MM:SS</c>, UTC, without zone.</summary>
    public string? ScheduledDate { get; init; }

    /// <summary>The same form; written when it is done, for Odoo sets it to now.</summary>
    public string? DateDone { get; init; }

    /// <summary>HTML.</summary>
    public string? Note { get; init; }

    public IReadOnlyList<PackageInput>? Packages { get; init; }

    public IReadOnlyList<MoveInput>? MoveIds { get; init; }

    public BackorderContext? Context { get; init; }

    /// <summary>What is missing is cancelled instead of coming later. Odoo decides that for a whole transfer.</summary>
    public bool WithoutBackorder => Context?.PickingIdsNotToBackorder?.Count > 0;

    /// <summary>What it tells of that the gateway does not book; null where all of it is booked.</summary>
    public string? NotBooked =>
        Packages?.Count > 0 || Parts.Any(part => part.ResultPackageId is not null) ? "packages"
        : Parts.Any(part => part.LotId is not null) ? "lots and serial numbers"
        : LocationId is not null || LocationDestId is not null || Parts.Any(part => part.LocationId is not null) ? "places within a warehouse"
        : null;

    /// <summary>Which of the lines has a quantity that is none, and why: <c>despatchLines/0: …</c>; null where all are.</summary>
    /// <param name="member">The document's name for its lines.</param>
    public string? WrongQuantity(string member) => (MoveIds ?? []).Index()
        .Select(line => Quantity.Wrong(line.Item.Quantity ?? 0) is { } wrong ? $"{member}/{line.Index}: {wrong}" : null)
        .FirstOrDefault(wrong => wrong is not null);

    private IEnumerable<MovePart> Parts => (MoveIds ?? []).SelectMany(move => move.MoveLineIds ?? []);

    /// <summary>The input, or null and what is wrong with it: then the mapping is at fault, not the caller.</summary>
    public static (TransferInput? Transfer, string? Wrong) Parse(JsonElement input)
    {
        var (transfer, wrong) = InputJson.Read(input, InputJson.Default.TransferInput);
        return transfer is { Name.Length: > 0 } ? (transfer, null) : (null, wrong ?? "a transfer without name");
    }
}

/// <summary>What was done of a move.</summary>
internal sealed record MoveInput
{
    /// <summary>Database id; null on a line that is found by its product.</summary>
    public int? Id { get; init; }

    /// <summary>In returns: the move of the delivery whose goods come back.</summary>
    public RecordId? OriginReturnedMoveId { get; init; }

    public required ProductName ProductId { get; init; }

    public required Named ProductUom { get; init; }

    /// <summary>In that unit; null where nothing was done.</summary>
    public decimal? Quantity { get; init; }

    public required bool Picked { get; init; }

    public IReadOnlyList<MovePart>? MoveLineIds { get; init; }

    public decimal Done => Picked ? Quantity ?? 0 : 0;
}

internal sealed record MovePart(decimal Quantity)
{
    public string? Tracking { get; init; }

    public Named? LotId { get; init; }

    public PlaceName? LocationId { get; init; }

    public Named? ResultPackageId { get; init; }
}

internal sealed record PackageInput(string Name)
{
    public Named? PackageTypeId { get; init; }

    public Named? ParentPackageId { get; init; }

    public decimal? ShippingWeight { get; init; }
}

/// <summary>A product by its SKU; by its id where it has none.</summary>
internal sealed record ProductName
{
    public int? Id { get; init; }

    public string? DefaultCode { get; init; }

    public string Words => DefaultCode ?? $"product-{Id}";

    public bool Is(Found? product) => product is not null && (DefaultCode is { } sku ? product.Text("default_code") == sku : product.Id == Id);
}

internal sealed record OrderName
{
    public string? Name { get; init; }

    public string? ClientOrderRef { get; init; }

    public Named? CurrencyId { get; init; }
}

/// <summary>The context of button_validate. Which transfer leaves no backorder is always the one that is booked.</summary>
internal sealed record BackorderContext(bool SkipBackorder)
{
    public IReadOnlyList<JsonElement>? PickingIdsNotToBackorder { get; init; }
}

internal sealed record Named(string Name);

internal sealed record WarehouseCode(string Code);

internal sealed record PlaceName(string CompleteName);

internal sealed record RecordId(int Id);
