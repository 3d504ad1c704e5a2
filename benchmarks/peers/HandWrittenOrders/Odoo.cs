using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace HandWrittenOrders;

/// <summary>Odoo said no: nothing was changed.</summary>
internal sealed class OdooRefusedException(string message) : Exception(message);

/// <summary>The change certainly did not happen: Odoo could not be reached, or a look-up before it failed.</summary>
internal sealed class OdooNotSentException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Nobody knows whether the change happened.</summary>
internal sealed class OdooUnknownException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Takes an order into Odoo over JSON-2, once per external id, and reads it back. Units, currencies and countries are asked for once.</summary>
internal sealed class Odoo : IDisposable
{
    private const string Module = "odoo_gateway";
    private const int Company = 1;
    private const int MaxPriceDecimals = 6;

    private static readonly Dictionary<string, string> UnitNames = new(StringComparer.Ordinal)
    {
        ["C62"] = "product_uom_unit",
        ["EA"] = "product_uom_unit",
        ["H87"] = "product_uom_unit",
        ["DZN"] = "product_uom_dozen",
        ["KGM"] = "product_uom_kgm",
        ["GRM"] = "product_uom_gram",
        ["MTR"] = "product_uom_meter",
        ["LTR"] = "product_uom_litre",
        ["HUR"] = "product_uom_hour",
        ["DAY"] = "product_uom_day",
    };

    private static readonly string[] OrderFields =
    [
        "name", "state", "locked", "client_order_ref", "partner_id", "partner_shipping_id", "date_order", "commitment_date", "currency_id", "pricelist_id",
        "warehouse_id", "company_id", "amount_untaxed", "amount_tax", "amount_total", "invoice_status", "delivery_status", "write_date",
    ];

    private static readonly string[] LineFields =
    [
        "sequence", "display_type", "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount", "price_subtotal", "price_tax",
        "price_total", "qty_delivered", "qty_invoiced",
    ];

    private static readonly Context Everywhere = new([Company], "UTC");

    private readonly HttpClient _http;
    private readonly AuthenticationHeaderValue _credential;
    private readonly ResiliencePipeline<byte[]> _reads, _changes;
    private readonly ConcurrentDictionary<string, int> _units = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Currency> _currencies = new(StringComparer.Ordinal);
    private int? _companyCurrency;

    public Odoo(Uri url, string database, string credential)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 16,
            AllowAutoRedirect = false,
            UseCookies = false,
        })
        {
            BaseAddress = new Uri(url, "/json/2/"),
            Timeout = TimeSpan.FromSeconds(20),
            MaxResponseContentBufferSize = 8 << 20,
        };
        _http.DefaultRequestHeaders.Add("X-Odoo-Database", database);
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Orders/1.0");
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        _credential = new AuthenticationHeaderValue("bearer", credential);
        var circuit = new CircuitBreakerStrategyOptions<byte[]>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 8,
            BreakDuration = TimeSpan.FromSeconds(15),
            ShouldHandle = new PredicateBuilder<byte[]>().Handle<HttpRequestException>().Handle<TaskCanceledException>(),
        };
        _changes = new ResiliencePipelineBuilder<byte[]>().AddCircuitBreaker(circuit).Build();
        _reads = new ResiliencePipelineBuilder<byte[]>()
            .AddRetry(new RetryStrategyOptions<byte[]>
            {
                MaxRetryAttempts = 3,
                Delay = TimeSpan.FromMilliseconds(150),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<byte[]>().Handle<HttpRequestException>(),
            })
            .AddCircuitBreaker(circuit)
            .Build();
    }

    /// <summary>Looks for the external id first, before every attempt: <c>load</c> would overwrite what it knows.</summary>
    public async Task<OdooOrder> CreateAsync(OdooInput input, string externalId, string correlationId, CancellationToken stop)
    {
        int id;
        try
        {
            id = await FindAsync("sale.order", externalId, correlationId, stop) ?? await LoadAsync(input, externalId, correlationId, stop);
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException or BrokenCircuitException or JsonException)
        {
            throw new OdooNotSentException("Odoo could not be asked", failed);
        }
        try
        {
            return await ReadAsync(id, correlationId, stop);
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException or BrokenCircuitException or JsonException)
        {
            throw new OdooUnknownException($"order {id} exists but could not be read", failed);
        }
    }

    /// <summary>What an earlier call did; null when it is certain that there is nothing.</summary>
    public async Task<OdooOrder?> FindOrderAsync(string externalId, string correlationId, CancellationToken stop) =>
        await FindAsync("sale.order", externalId, correlationId, stop) is { } id ? await ReadAsync(id, correlationId, stop) : null;

    public void Dispose() => _http.Dispose();

    private async Task<int> LoadAsync(OdooInput input, string externalId, string correlationId, CancellationToken stop)
    {
        var buyerTask = SearchAsync("res.partner", [["ref", "=", input.Buyer]], ["property_product_pricelist"], OdooJson.Default.ListPartnerRow, correlationId, stop, limit: 2, order: "id");
        var listsTask = PriceListsAsync(input.Currency, correlationId, stop);
        var codes = input.Lines.Select(l => l.DefaultCode).Distinct().ToArray();
        var productsTask = SearchAsync("product.product", [["default_code", "in", codes]], ["default_code", "sale_ok", "uom_id", "uom_ids"], OdooJson.Default.ListProductRow, correlationId, stop, order: "id");
        var warehouseTask = input.Warehouse is null ? null
            : SearchAsync("stock.warehouse", [["code", "=", input.Warehouse], ["company_id", "=", Company]], ["code"], OdooJson.Default.ListIdRow, correlationId, stop, limit: 1);
        var unitsTask = LearnUnitsAsync(input.Lines, correlationId, stop);
        await Task.WhenAll(buyerTask, listsTask, productsTask, warehouseTask ?? Task.CompletedTask, unitsTask);

        if (await buyerTask is not [var buyer]) throw new OdooRefusedException($"buyerParty/id: buyer '{input.Buyer}' is not known");
        var (companysOwn, lists) = await listsTask;
        var priceList = buyer.PropertyProductPricelist?.Id;
        if (priceList is { } own ? !lists.Contains(own) : !companysOwn)
            priceList = lists.Count > 0 ? lists[0] : throw new OdooRefusedException($"documentCurrencyCode: '{input.Currency}' is not a currency in which buyer '{input.Buyer}' is sold to");
        var warehouse = warehouseTask is null ? null : (await warehouseTask).FirstOrDefault() ?? throw new OdooNotSentException($"there is no warehouse '{input.Warehouse}'");
        var products = new Dictionary<string, ProductRow>(StringComparer.Ordinal);
        foreach (var product in await productsTask)
            if (!products.TryAdd(product.DefaultCode!, product)) throw new OdooRefusedException($"item '{product.DefaultCode}' stands for more than one product");
        var address = input.Delivery is null ? null : (int?)await AddressAsync(input.Delivery, buyer.Id, correlationId, stop);

        var body = new Load(Columns(input, priceList, warehouse, address), Rows(input, externalId, buyer.Id, priceList, warehouse, address, products), Everywhere);
        LoadAnswer answer;
        try
        {
            answer = await CallAsync("sale.order/load", body, OdooJson.Default.Load, OdooJson.Default.LoadAnswer, _changes, correlationId, stop);
        }
        catch (HttpRequestException failed) when (failed.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new OdooNotSentException("Odoo could not be reached", failed);
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException or JsonException)
        {
            throw new OdooUnknownException("the answer to load did not come", failed);
        }
        return answer.Ids is [var id] ? id : throw new OdooRefusedException(string.Join("; ", answer.Messages?.Select(m => m.Message) ?? []));
    }

    /// <summary>Header cells stand in the first line's row; the columns an order does not use are left out.</summary>
    private static List<string> Columns(OdooInput input, int? priceList, IdRow? warehouse, int? address)
    {
        var columns = new List<string>(20) { "id", "partner_id/.id" };
        if (address is not null) columns.Add("partner_shipping_id/.id");
        columns.Add("company_id/.id");
        if (warehouse is not null) columns.Add("warehouse_id/.id");
        if (priceList is not null) columns.Add("pricelist_id/.id");
        columns.Add("client_order_ref");
        if (input.CommitmentDate is not null) columns.Add("commitment_date");
        if (!string.IsNullOrEmpty(input.Note)) columns.Add("note");
        columns.AddRange(
        [
            "order_line/id", "order_line/product_id/.id", "order_line/product_uom_id/.id", "order_line/product_uom_qty", "order_line/price_unit",
            "order_line/discount", "order_line/technical_price_unit",
        ]);
        return columns;
    }

    private List<string[]> Rows(
        OdooInput input, string externalId, int buyer, int? priceList, IdRow? warehouse, int? address, Dictionary<string, ProductRow> products)
    {
        var head = new List<string>(10) { $"{Module}.{externalId}", Text(buyer) };
        if (address is { } shipTo) head.Add(Text(shipTo));
        head.Add(Text(Company));
        if (warehouse is not null) head.Add(Text(warehouse.Id));
        if (priceList is { } list) head.Add(Text(list));
        head.Add(input.ClientOrderRef);
        if (input.CommitmentDate is { } date) head.Add(date);
        if (!string.IsNullOrEmpty(input.Note)) head.Add(Html(input.Note));
        var rows = new List<string[]>(input.Lines.Count);
        for (var n = 0; n < input.Lines.Count; n++)
        {
            var line = input.Lines[n];
            if (!products.TryGetValue(line.DefaultCode, out var product)) throw new OdooRefusedException($"orderLines/{n}: item '{line.DefaultCode}' is not known");
            if (!product.SaleOk) throw new OdooRefusedException($"orderLines/{n}: item '{line.DefaultCode}' is not for sale");
            if (!UnitNames.TryGetValue(line.UnitCode, out var name) || !_units.TryGetValue(name, out var unit) || product.UomId?.Id != unit && !product.UomIds.Contains(unit))
                throw new OdooRefusedException($"orderLines/{n}: item '{line.DefaultCode}' is not sold in unit '{line.UnitCode}'");
            if (PriceOfOne(line) is not { } price) throw new OdooRefusedException($"orderLines/{n}/price: has no exact price for one");
            var row = new string[head.Count + 7];
            if (n == 0) head.CopyTo(row);
            else row.AsSpan(0, head.Count).Fill("");
            row[head.Count] = $"{Module}.{LineName(externalId, n + 1)}";
            row[head.Count + 1] = Text(product.Id);
            row[head.Count + 2] = Text(unit);
            row[head.Count + 3] = Plain(line.ProductUomQty);
            row[head.Count + 4] = Plain(price);
            row[head.Count + 5] = "0";
            row[head.Count + 6] = price == 0 ? "1" : "0";
            rows.Add(row);
        }
        return rows;
    }

    private async Task<OdooOrder> ReadAsync(int id, string correlationId, CancellationToken stop)
    {
        var orderTask = CallAsync("sale.order/read", new Read([id], OrderFields, Everywhere), OdooJson.Default.Read, OdooJson.Default.ListOrderRow, _reads, correlationId, stop);
        var linesTask = SearchAsync("sale.order.line", [["order_id", "=", id]], LineFields, OdooJson.Default.ListLineRow, correlationId, stop, order: "sequence,id");
        await Task.WhenAll(orderTask, linesTask);
        if (await orderTask is not [var order]) throw new OdooUnknownException($"order {id} is gone");
        var lines = (await linesTask).Where(l => l.DisplayType is null).ToList();
        var positionsTask = SearchAsync("ir.model.data",
            [["module", "=", Module], ["model", "=", "sale.order.line"], ["res_id", "in", lines.Select(l => l.Id).ToArray()]], ["name", "res_id"],
            OdooJson.Default.ListExternalRow, correlationId, stop);
        var productsTask = CallAsync("product.product/read",
            new Read([.. lines.Select(l => l.ProductId?.Id).OfType<int>().Distinct()], ["default_code", "barcode", "name"], Everywhere),
            OdooJson.Default.Read, OdooJson.Default.ListProductRow, _reads, correlationId, stop);
        var currencyTask = CurrencyAsync(order.CurrencyId!.Name, correlationId, stop);
        await Task.WhenAll(positionsTask, productsTask, currencyTask);
        var positions = (await positionsTask).ToDictionary(p => p.ResId, p => int.Parse(p.Name!.AsSpan(p.Name!.LastIndexOf('_') + 1), CultureInfo.InvariantCulture));
        var products = (await productsTask).ToDictionary(p => p.Id);
        return new OdooOrder(order, await currencyTask, [.. lines.Select(l => new KeptLine(
            l,
            positions.TryGetValue(l.Id, out var position) ? position : null,
            l.ProductId is { } product ? products.GetValueOrDefault(product.Id) : null,
            l.ProductUomId is { } unit ? CodeOf(unit.Id) : null))]);
    }

    private async Task<int> AddressAsync(OdooAddress address, int buyer, string correlationId, CancellationToken stop)
    {
        var parts = new StringBuilder();
        foreach (var part in (ReadOnlySpan<string?>)[Text(buyer), address.Name, address.Street, address.Street2, address.Zip, address.City, address.State, address.Country])
            parts.Append(CultureInfo.InvariantCulture, $"{part?.Length ?? 0}:{part}");
        var name = "addr_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())).AsSpan(0, 16));
        if (await FindAsync("res.partner", name, correlationId, stop) is { } known) return known;
        var country = await SearchAsync("res.country", [["code", "=", address.Country]], ["code"], OdooJson.Default.ListIdRow, correlationId, stop, limit: 1);
        if (country is not [var found]) throw new OdooRefusedException($"delivery/deliveryAddress/countryCode: country '{address.Country}' is not known");
        var body = new Load(
            ["id", "parent_id/.id", "type", "name", "street", "street2", "zip", "city", "country_id/.id"],
            [[$"{Module}.{name}", Text(buyer), "other", address.Name, address.Street ?? "", address.Street2 ?? "", address.Zip ?? "", address.City ?? "", Text(found.Id)]], Everywhere);
        var made = await CallAsync("res.partner/load", body, OdooJson.Default.Load, OdooJson.Default.LoadAnswer, _changes, correlationId, stop);
        return made.Ids is [var id] ? id : throw new OdooRefusedException(string.Join("; ", made.Messages?.Select(m => m.Message) ?? []));
    }

    private async Task<int?> FindAsync(string model, string name, string correlationId, CancellationToken stop)
    {
        var rows = await SearchAsync("ir.model.data", [["module", "=", Module], ["name", "=", name], ["model", "=", model]], ["model", "res_id"],
            OdooJson.Default.ListExternalRow, correlationId, stop, limit: 1);
        return rows is [var row] ? row.ResId : null;
    }

    private async Task<(bool CompanysOwn, List<int> Lists)> PriceListsAsync(string code, string correlationId, CancellationToken stop)
    {
        var currency = await CurrencyAsync(code, correlationId, stop);
        _companyCurrency ??= (await CallAsync("res.company/read", new Read([Company], ["currency_id"], Everywhere), OdooJson.Default.Read, OdooJson.Default.ListCompanyRow, _reads, correlationId, stop))[0].CurrencyId!.Id;
        var lists = await SearchAsync("product.pricelist", [["currency_id", "=", currency.Id]], ["company_id"], OdooJson.Default.ListPriceListRow, correlationId, stop, order: "sequence,id");
        return (currency.Id == _companyCurrency, [.. lists.Where(l => l.CompanyId is null || l.CompanyId.Id == Company).Select(l => l.Id)]);
    }

    private async Task<Currency> CurrencyAsync(string code, string correlationId, CancellationToken stop)
    {
        if (_currencies.TryGetValue(code, out var known)) return known;
        var rows = await SearchAsync("res.currency", [["name", "=", code]], ["name", "decimal_places"], OdooJson.Default.ListCurrencyRow, correlationId, stop, limit: 1);
        return rows is [var row] ? _currencies[code] = new Currency(row.Id, row.Name!, row.DecimalPlaces) : throw new OdooRefusedException($"documentCurrencyCode: currency '{code}' is not in use");
    }

    private async Task LearnUnitsAsync(IReadOnlyList<OdooLine> lines, string correlationId, CancellationToken stop)
    {
        List<string>? missing = null;
        foreach (var line in lines)
            if (UnitNames.TryGetValue(line.UnitCode, out var name) && !_units.ContainsKey(name)) (missing ??= []).Add(name);
        if (missing is null) return;
        var rows = await SearchAsync("ir.model.data", [["model", "=", "uom.uom"], ["module", "=", "uom"], ["name", "in", missing.Distinct().ToArray()]], ["name", "res_id"],
            OdooJson.Default.ListExternalRow, correlationId, stop);
        foreach (var row in rows) _units[row.Name!] = row.ResId;
    }

    private string? CodeOf(int unit)
    {
        foreach (var (name, id) in _units)
            if (id == unit) return UnitNames.First(n => n.Value == name).Key;
        return null;
    }

    private Task<List<T>> SearchAsync<T>(
        string model, object[][] domain, string[] fields, JsonTypeInfo<List<T>> rows, string correlationId, CancellationToken stop, int? limit = null, string? order = null) =>
        CallAsync(model + "/search_read", new Search(domain, fields, limit, order, Everywhere), OdooJson.Default.Search, rows, _reads, correlationId, stop);

    private async Task<TAnswer> CallAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, ResiliencePipeline<byte[]> pipeline, string correlationId, CancellationToken stop)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(body, bodyType);
        var answer = await pipeline.ExecuteAsync(
            static (call, cancellation) => call.Odoo.SendAsync(call.Path, call.Json, call.CorrelationId, cancellation),
            (Odoo: this, Path: path, Json: json, CorrelationId: correlationId), stop);
        return JsonSerializer.Deserialize(answer, answerType)!;
    }

    private async ValueTask<byte[]> SendAsync(string path, byte[] json, string correlationId, CancellationToken stop)
    {
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = _credential;
        request.Headers.TryAddWithoutValidation("X-Request-Id", correlationId);
        using var response = await _http.SendAsync(request, stop);
        var answer = await response.Content.ReadAsByteArrayAsync(stop);
        if (response.IsSuccessStatusCode) return answer;
        var error = response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonSerializer.Deserialize(answer, OdooJson.Default.OdooError) : null;
        throw error?.Name is "odoo.exceptions.UserError" or "odoo.exceptions.ValidationError"
            ? new OdooRefusedException(error.Message ?? "The order system refused the request.")
            : new HttpRequestException($"{path} answered {(int)response.StatusCode} {error?.Name}", null, response.StatusCode);
    }

    public static decimal? PriceOfOne(OdooLine line)
    {
        var one = line.PriceUnit / line.PriceBase;
        return Math.Round(one, MaxPriceDecimals) == one && one * line.PriceBase == line.PriceUnit ? one : null;
    }

    private static string LineName(string orderName, int position) => string.Create(CultureInfo.InvariantCulture, $"sol_{orderName}_{position}");

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);

    public static string Plain(decimal value) => value.ToString("0.############################", CultureInfo.InvariantCulture);

    private static string Html(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\r\n", "<br/>", StringComparison.Ordinal).Replace("\n", "<br/>", StringComparison.Ordinal);
}
