using Gateway.Simulators.Odoo.Models;

namespace Gateway.Simulators.Odoo;

/// <summary>The demo company: its products, customers, warehouses and stock. Ids are fixed, so that documents can name them.</summary>
internal static class Seed
{
    public const int AdminUser = 2;
    public const int RestrictedUser = 6;
    public const int StandardTax = 1;

    private const int Euro = 125;
    private const int UsDollar = 1;
    private const int Units = 1;

    private static readonly (int Id, string Sku, string? Gtin, string Name, decimal Price, decimal Weight, decimal InWh,
        decimal InWh2, bool Taxed)[] Products =
    [
        (5, "FURN_7777", "04012345000023", "Office Chair", 70m, 0.01m, 120, 15, false),
        (6, "FURN_8888", "04012345000030", "Office Lamp", 40m, 0.01m, 200, 0, false),
        (15, "DESK0005", "04012345000016", "Customizable Desk", 750m, 0.01m, 60, 20, false),
        (20, "E-COM07", "04012345000047", "Large Cabinet", 320m, 42m, 500, 12, false),
        (21, "E-COM08", "04012345000054", "Storage Box", 15.8m, 1.2m, 18, 300, false),
        (26, "E-COM10", "04012345000061", "Pedal Bin", 47m, 2.4m, 0, 0, false),
        (27, "E-COM11", "04012345000078", "Cabinet with Doors", 140m, 31m, 33, 7, false),
        (36, "FURN_0789", "04012345000085", "Individual Workplace", 885m, 55m, 16, 3, false),
        (40, "CAB-2M", "04012345000092", "Network Cable 2 m", 4.25m, 0.09m, 2500, 1000, true),
        (41, "CAB-5M", "04012345000108", "Network Cable 5 m", 7.95m, 0.2m, 1800, 640, true),
        (42, "MON-27", "04012345000115", "Monitor 27\"", 289.9m, 6.1m, 75, 25, true),
        (43, "KEY-DE", "04012345000122", "Keyboard, German layout", 39.5m, 0.8m, 140, 60, true),
        (44, "PAPER-A4", "04012345000139", "Paper A4, 500 sheets", 5.49m, 2.5m, 5000, 2000, true),
    ];

    private static readonly (int Id, string Ref, string Name, string Street, string Zip, string City, int Country,
        string Vat)[] Customers =
    [
        (46, "ACME-DE", "Acme GmbH", "Hafenstr. 1", "20457", "Hamburg", 57, "DE811907980"),
        (47, "ACME-FR", "Acme SARL", "12 rue de la Paix", "75002", "Paris", 75, "FR40303265045"),
        (48, "GLOBEX-DE", "Globex AG", "Industriepark 7", "80939", "Muenchen", 57, "DE136695976"),
        (49, "GLOBEX-US", "Globex Inc.", "1 Quay St", "02110", "Boston", 233, "US12345672"),
        (50, "INITECH-NL", "Initech BV", "Keizersgracht 100", "1015", "Amsterdam", 165, "NL123456782B90"),
    ];

    public static void Fill(Session session, OdooSimulatorOptions options)
    {
        Base(session, options);
        Places(session);
        Goods(session);
        Partners(session);
    }

    public static void SetStock(Session session, string sku, string warehouse, decimal quantity)
    {
        var product = session.All("product.product").First(row => session.Text(row, "default_code") == sku);
        var place = session.All("stock.warehouse").First(row => session.Text(row, "code") == warehouse);
        session.Set(session.QuantAt(product.Id, (int)session.Get(place, "lot_stock_id")!), "quantity", quantity);
    }

    private static void Base(Session session, OdooSimulatorOptions options)
    {
        Add(session, BaseModels.Users, AdminUser, ("name", "Mitchell Admin"), ("login", "admin"), ("lang", "en_US"),
            ("tz", options.UserTimeZone), ("company_id", 1));
        Add(session, BaseModels.Users, RestrictedUser, ("name", "Rita Restricted"), ("login", "rita"), ("lang", "en_US"),
            ("tz", options.UserTimeZone), ("company_id", 1));
        Add(session, BaseModels.Currencies, UsDollar, ("name", "USD"), ("full_name", "United States dollar"), ("symbol", "$"),
            ("rate_cell", 1.08m), ("position", "before"));
        Add(session, BaseModels.Currencies, Euro, ("name", "EUR"), ("full_name", "Euro"), ("symbol", "\u20ac"),
            ("rate_cell", 1m));
        Add(session, BaseModels.Countries, 57, ("name", "Germany"), ("code", "DE"), ("phone_code", 49), ("currency_id", Euro));
        Add(session, BaseModels.Countries, 75, ("name", "France"), ("code", "FR"), ("phone_code", 33), ("currency_id", Euro));
        Add(session, BaseModels.Countries, 165, ("name", "Netherlands"), ("code", "NL"), ("phone_code", 31),
            ("currency_id", Euro));
        Add(session, BaseModels.Countries, 233, ("name", "United States"), ("code", "US"), ("phone_code", 1),
            ("currency_id", UsDollar));
        Add(session, BaseModels.States, 22, ("name", "Massachusetts"), ("code", "MA"), ("country_id", 233));
        Add(session, BaseModels.States, 27, ("name", "New York"), ("code", "NY"), ("country_id", 233));
        Add(session, BaseModels.Companies, BaseModels.Company, ("name", "Demo Distribution"), ("currency_id", Euro),
            ("partner_id", 1));
        Add(session, PartnerModel.Partners, 1, ("name", "Demo Distribution"), ("is_company", true), ("country_id", 57),
            ("city", "Hamburg"));
        Add(session, BaseModels.Units, Units, ("name", "Units"), ("sequence", 1), ("relative_factor", 1m));
        Add(session, BaseModels.Units, 2, ("name", "Pack of 6"), ("sequence", 2), ("relative_factor", 6m),
            ("relative_uom_id", Units));
        Add(session, BaseModels.Units, 3, ("name", "Dozens"), ("sequence", 3), ("relative_factor", 12m),
            ("relative_uom_id", Units));
        Add(session, BaseModels.Units, 15, ("name", "g"), ("relative_factor", 1m));
        Add(session, BaseModels.Units, 16, ("name", "kg"), ("relative_factor", 1000m), ("relative_uom_id", 15));
        foreach (var (unit, name) in new[] { (Units, "unit"), (3, "dozen"), (15, "gram"), (16, "kgm") })
            ExternalIds.Add(session, $"uom.product_uom_{name}", session.Record("uom.uom", unit));
        Add(session, InvoiceModels.Journals, 1, ("name", "Sales"), ("code", "INV"), ("type", "sale"), ("company_id", BaseModels.Company));
        Add(session, InvoiceModels.Journals, 9, ("name", "Sales of partners"), ("code", "PART"), ("type", "sale"), ("company_id", BaseModels.Company));
        Add(session, SaleModels.Taxes, StandardTax, ("name", "19%"), ("amount_type", "percent"), ("amount", 19m));
        Add(session, DeliveryModels.Carriers, 1, ("name", "Standard delivery"), ("fixed_price", 0m));
    }

    private static void Places(Session session)
    {
        Add(session, StockModels.Locations, 1, ("name", "Vendors"), ("usage", "supplier"));
        Add(session, StockModels.Locations, 2, ("name", "Customers"), ("usage", "customer"));
        Add(session, StockModels.Locations, 13, ("name", "Inventory adjustment"), ("usage", "inventory"));
        Warehouse(session, 1, "WH", "Main Warehouse", view: 4, stock: 5, types: 1);
        Warehouse(session, 2, "WH2", "Second Warehouse", view: 26, stock: 27, types: 9);
    }

    private static void Warehouse(Session session, int id, string code, string name, int view, int stock, int types)
    {
        Add(session, StockModels.Locations, view, ("name", code), ("usage", "view"), ("company_id", 1));
        Add(session, StockModels.Locations, stock, ("name", "Stock"), ("usage", "internal"), ("location_id", view),
            ("barcode", code + "STOCK"), ("company_id", 1));
        Add(session, StockModels.Locations, stock + 3, ("name", "Output"), ("usage", "internal"), ("location_id", view),
            ("company_id", 1));
        Add(session, StockModels.Warehouses, id, ("name", name), ("code", code), ("partner_id", 1), ("view_location_id", view),
            ("lot_stock_id", stock),
            ("wh_output_stock_loc_id", stock + 3), ("in_type_id", types), ("out_type_id", types + 1));
        Add(session, StockModels.PickingTypes, types, ("name", "Receipts"), ("code", "incoming"), ("sequence_code", "IN"),
            ("warehouse_id", id),
            ("default_location_src_id", 1), ("default_location_dest_id", stock));
        Add(session, StockModels.PickingTypes, types + 1, ("name", "Delivery Orders"), ("code", "outgoing"),
            ("sequence_code", "OUT"), ("warehouse_id", id),
            ("default_location_src_id", stock), ("default_location_dest_id", 2));
    }

    private static void Goods(Session session)
    {
        Add(session, ProductModels.Categories, 5, ("name", "Office"), ("complete_name", "Goods / Office"));
        foreach (var product in Products)
        {
            var row = Add(session, ProductModels.Products, product.Id, ("default_code", product.Sku), ("barcode", product.Gtin),
                ("name", product.Name),
                ("list_price", product.Price), ("standard_price", Math.Round(product.Price * 0.7m, 2)),
                ("weight", product.Weight), ("is_storable", true), ("categ_id", 5),
                ("taxes_id", product.Taxed ? new[] { StandardTax } : []));
            if (product.Id == 5)
                session.Set(row, "description_sale", "Comfortable yellow chair for daily work");
            SetStock(session, product.Sku, "WH", product.InWh);
            SetStock(session, product.Sku, "WH2", product.InWh2);
        }
        Add(session, ProductModels.Products, 60, ("default_code", "SETUP"), ("name", "Installation on site"), ("type", "service"),
            ("list_price", 90m),
            ("invoice_policy", "order"), ("taxes_id", new[] { StandardTax }));
        Add(session, ProductModels.Pricelists, 1, ("name", "Wholesale"), ("currency_id", Euro));
        Add(session, ProductModels.Pricelists, 2, ("name", "Export"), ("currency_id", UsDollar));
        Add(session, ProductModels.PricelistItems, 1, ("pricelist_id", 1), ("applied_on", "0_product_variant"),
            ("product_id", 15), ("product_tmpl_id", session.Get(session.Record("product.product", 15), "product_tmpl_id")),
            ("compute_price", "fixed"), ("fixed_price", 690m), ("min_quantity", 10m));
        Add(session, ProductModels.PricelistItems, 2, ("pricelist_id", 1), ("applied_on", "3_global"),
            ("compute_price", "percentage"), ("percent_price", 5m), ("min_quantity", 50m));
    }

    private static void Partners(Session session)
    {
        foreach (var customer in Customers)
            Add(session, PartnerModel.Partners, customer.Id, ("name", customer.Name), ("ref", customer.Ref), ("is_company", true),
                ("street", customer.Street),
                ("zip", customer.Zip), ("city", customer.City), ("country_id", customer.Country), ("vat", customer.Vat),
                ("customer_rank", 1),
                ("email", $"orders@{customer.Ref.ToLowerInvariant()}.example"));
        session.Set(session.Record("res.partner", 49), "property_product_pricelist", 2);
        session.Set(session.Record("res.partner", 48), "credit_limit", 5000m);
        session.Set(session.Record("res.partner", 48), "use_partner_credit_limit", true);
    }

    /// <summary>Adds a record with an id of our choosing; defaults apply, references may come later.</summary>
    private static Row Add(Session session, Model model, int id, params (string Name, object? Value)[] cells)
    {
        var row = session.Insert(model, id);
        foreach (var field in model.Fields.Values)
            if (field.Default is { } initial)
                session.Set(row, field.Name, initial(session));
        foreach (var (name, value) in cells)
            session.Set(row, name, value);
        model.Creating(session, row);
        return row;
    }
}
