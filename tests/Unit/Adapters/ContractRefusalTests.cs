using System.Text.Json.Nodes;
using Xunit;

namespace Gateway.Tests.Unit.Adapters;

/// <summary>Wrong documents of each canonical contract, and what is said of them: the full document of docs/examples with one thing changed.</summary>
public sealed class ContractRefusalTests
{
    /// <summary>Contract, what is set (nothing: taken away), to what, and where the error is (for what is missing, where it is missed) and which keyword it breaks.</summary>
    public static TheoryData<string, string, string?, string, string> Refused { get; } = new()
    {
        { "item@1", "colour", "\"red\"", "#/colour", "additionalProperties" },
        { "item@1", "sellersItemIdentification", "\" DESK0005\"", "#/sellersItemIdentification", "pattern" },
        { "item@1", "standardItemIdentification", "\"123\"", "#/standardItemIdentification", "pattern" },
        { "item@1", "itemTypeCode", "\"combo\"", "#/itemTypeCode", "enum" },
        { "item@1", "packagings/0/packQuantity", "0", "#/packagings/0/packQuantity", "exclusiveMinimum" },
        { "item@1", "lastChangeDateTime", "\"2026-11-23 13:38:05\"", "#/lastChangeDateTime", "format" },
        { "item@1", "orderable", null, "#", "required" },
        { "location@1", "locationTypeCode", "\"internal\"", "#/locationTypeCode", "enum" },
        { "location@1", "globalLocationNumber", "\"12345\"", "#/globalLocationNumber", "pattern" },
        { "location@1", "coordinate/latitudeDegreesMeasure", "90.5", "#/coordinate/latitudeDegreesMeasure", "maximum" },
        { "location@1", "parentLocationId", "false", "#/parentLocationId", "type" },
        { "location@1", "postalAddress", "{}", "#/postalAddress", "minProperties" },
        { "location@1", "id", null, "#", "required" },
        { "partner@1", "partyRoleCodes/0", "\"vendor\"", "#/partyRoleCodes/0", "enum" },
        { "partner@1", "creditLimitAmount", "5000", "#/creditLimitAmount", "type" },
        { "partner@1", "creditUsedAmount", "\"1,50\"", "#/creditUsedAmount", "pattern" },
        { "partner@1", "languageCode", "\"de_DE\"", "#/languageCode", "pattern" },
        { "partner@1", "contact/telephone", "false", "#/contact/telephone", "type" },
        { "partner@1", "partyIdentifications/0/schemeId", "\"VAT\"", "#/partyIdentifications/0/schemeId", "enum" },
        { "partner@1", "partyTypeCode", null, "#", "required" },
        { "order@1", "documentCurrencyCode", "\"eur\"", "#/documentCurrencyCode", "pattern" },
        { "order@1", "orderLines", "[]", "#/orderLines", "minItems" },
        { "order@1", "orderLines/0/quantity", "0.0000001", "#/orderLines/0/quantity", "multipleOf" },
        { "order@1", "orderLines/0/price/priceAmount", "\"12,50\"", "#/orderLines/0/price/priceAmount", "pattern" },
        { "order@1", "delivery/deliveryAddress/countryCode", null, "#/delivery/deliveryAddress", "required" },
        { "order-response@1", "orderStatusCode", "\"sale\"", "#/orderStatusCode", "enum" },
        { "order-response@1", "legalMonetaryTotal/payableAmount", "44.63", "#/legalMonetaryTotal/payableAmount", "type" },
        { "order-response@1", "orderLines/0/deliveredQuantity", "\"2\"", "#/orderLines/0/deliveredQuantity", "type" },
        { "order-response@1", "promisedDeliveryPeriod/endDate", "\"2026-11-31\"", "#/promisedDeliveryPeriod/endDate", "format" },
        { "usage@1", "quotas/0/left", "-1", "#/quotas/0/left", "minimum" },
        { "usage@1", "quotas/0/quotaPeriodCode", "\"week\"", "#/quotas/0/quotaPeriodCode", "enum" },
        { "usage@1", "quotas/0/routes", "[]", "#/quotas/0/routes", "minItems" },
        { "usage@1", "quotas/0/endDateTime", "\"2026-12-01\"", "#/quotas/0/endDateTime", "format" },
        { "usage@1", "quotas/0/tenant", "\"acme\"", "#/quotas/0/tenant", "additionalProperties" },
        { "usage@1", "issueDateTime", null, "#", "required" },
        { "order-response@1", "salesOrderId", "\"\"", "#/salesOrderId", "minLength" },
        { "warehouse-order@1", "warehouseOrderTypeCode", "\"outgoing\"", "#/warehouseOrderTypeCode", "enum" },
        { "warehouse-order@1", "warehouseOrderLines/0/quantity", "-1", "#/warehouseOrderLines/0/quantity", "minimum" },
        { "warehouse-order@1", "warehouseOrderLines/0/doneQuantity", "1.0000001", "#/warehouseOrderLines/0/doneQuantity", "multipleOf" },
        { "warehouse-order@1", "warehouseOrderLines/0/unitCode", "\"Units\"", "#/warehouseOrderLines/0/unitCode", "pattern" },
        { "warehouse-order@1", "warehouseOrderLines/0/itemInstances/0/quantity", null, "#/warehouseOrderLines/0/itemInstances/0", "required" },
        { "warehouse-order@1", "requestedDespatchTime", "\"2026-11-25T16:00:00\"", "#/requestedDespatchTime", "format" },
        { "warehouse-order@1", "warehouseOrderLines/0/lot", "\"A\"", "#/warehouseOrderLines/0/lot", "additionalProperties" },
        { "shipment@1", "transportHandlingUnits/0/sscc", "\"340123450000000010\"", "#/transportHandlingUnits/0/sscc", "format" },
        { "shipment@1", "transportHandlingUnits/0/handlingUnitLines/0/quantity", "-2", "#/transportHandlingUnits/0/handlingUnitLines/0/quantity", "minimum" },
        { "shipment@1", "despatchLines/0/deliveredQuantity", null, "#/despatchLines/0", "required" },
        { "shipment@1", "trackingUri", "\"track/TRK 2001\"", "#/trackingUri", "format" },
        { "shipment@1", "orderReference", "{}", "#/orderReference", "minProperties" },
        { "shipment@1", "deliveryTermsId", "\"dap\"", "#/deliveryTermsId", "pattern" },
        { "shipment@1", "totalTransportHandlingUnitQuantity", "1.5", "#/totalTransportHandlingUnitQuantity", "type" },
        { "transport-event@1", "transportEventTypeCode", "\"IT\"", "#/transportEventTypeCode", "enum" },
        { "transport-event@1", "occurrenceTime", "\"2026-11-26T10:40:00\"", "#/occurrenceTime", "format" },
        { "transport-event@1", "location/globalLocationNumber", "\"4012345000001\"", "#/location/globalLocationNumber", "format" },
        { "transport-event@1", "sscc", "\"340123450000000010\"", "#/sscc", "format" },
        { "transport-event@1", "trackingId", null, "#", "required" },
        { "tracking@1", "transportEventTypeCode", "\"DE\"", "#/transportEventTypeCode", "enum" },
        { "tracking@1", "transportEvents/0/occurrenceTime", null, "#/transportEvents/0", "required" },
        { "tracking@1", "estimatedDeliveryTime", "\"2026-11-27\"", "#/estimatedDeliveryTime", "format" },
        { "tracking@1", "tracking_number", "\"TRK-1\"", "#/tracking_number", "additionalProperties" },
        { "order-cancellation@1", "cancellationNote", "7", "#/cancellationNote", "type" },
        { "order-cancellation@1", "orderLines", "[]", "#/orderLines", "additionalProperties" },
        { "webhook-subscription@1", "name", "\"ERP orders\"", "#/name", "pattern" },
        { "webhook-subscription@1", "url", "\"no url\"", "#/url", "format" },
        { "webhook-subscription@1", "eventTypes", "[]", "#/eventTypes", "minItems" },
        { "webhook-subscription@1", "eventTypes/0", "\"Order Accepted\"", "#/eventTypes/0", "pattern" },
        { "webhook-subscription@1", "condition", "\"\"", "#/condition", "minLength" },
        { "webhook-subscription@1", "signatureAlgorithmCode", "\"none\"", "#/signatureAlgorithmCode", "enum" },
        { "webhook-subscription@1", "version", "0", "#/version", "minimum" },
        { "webhook-subscription@1", "secret", "\"whsec_x\"", "#/secret", "additionalProperties" },
        { "webhook-subscription@1", "url", null, "#", "required" },
        { "webhook-subscription-response@1", "signingSecret", "\"whsk_x\"", "#/signingSecret", "pattern" },
        { "webhook-subscription-response@1", "endpointStatusCode", "\"paused\"", "#/endpointStatusCode", "enum" },
        { "webhook-subscription-response@1", "conditionFailure/failureCount", "0", "#/conditionFailure/failureCount", "minimum" },
        { "webhook-subscription-response@1", "oldSecretEndDateTime", "\"2026-11-30\"", "#/oldSecretEndDateTime", "format" },
        { "webhook-subscriptions@1", "webhookSubscriptions", null, "#", "required" },
        { "webhook-subscriptions@1", "next", "1", "#/next", "additionalProperties" },
        { "webhook-secret-rotation@1", "overlapHours", "169", "#/overlapHours", "maximum" },
        { "webhook-secret-rotation@1", "secret", "\"whsec_x\"", "#/secret", "additionalProperties" },
        { "webhook-recovery-request@1", "startDateTime", null, "#", "required" },
        { "webhook-recovery-request@1", "startDateTime", "\"6h\"", "#/startDateTime", "format" },
        { "webhook-recovery-request@1", "deliveredIndicator", "\"yes\"", "#/deliveredIndicator", "type" },
        { "webhook-recovery@1", "deliveryCount", "-1", "#/deliveryCount", "minimum" },
        { "webhook-recovery@1", "withheldCount", null, "#", "required" },
        { "webhook-recovery@1", "id", null, "#", "required" },
        { "webhook-ping@1", "deliveryId", null, "#", "required" },
        { "webhook-ping@1", "issueDateTime", "\"now\"", "#/issueDateTime", "format" },
        { "webhook-removal@1", "id", "\"\"", "#/id", "minLength" },
        { "webhook-removal@1", "name", null, "#", "required" },
        { "webhook-deliveries@1", "webhookDeliveries/0/deliveryStatusCode", "\"lost\"", "#/webhookDeliveries/0/deliveryStatusCode", "enum" },
        { "webhook-deliveries@1", "webhookDeliveries/0/attempts/0/httpStatusCode", "0", "#/webhookDeliveries/0/attempts/0/httpStatusCode", "minimum" },
        { "webhook-deliveries@1", "webhookDeliveries/0/attempts/0/answer", "\"x\"", "#/webhookDeliveries/0/attempts/0/answer", "additionalProperties" },
        { "instruction@1", "note", "7", "#/note", "type" },
        { "instruction@1", "order", "\"S00042\"", "#/order", "additionalProperties" },
        { "load-tender@1", "messageFunctionCode", "\"00\"", "#/messageFunctionCode", "enum" },
        { "load-tender@1", "stops", "[]", "#/stops", "minItems" },
        { "load-tender@1", "stops/0/stopTypeCode", "\"pickup\"", "#/stops/0/stopTypeCode", "enum" },
        { "load-tender@1", "stops/1/goods/0/handlingUnitQuantity", "0", "#/stops/1/goods/0/handlingUnitQuantity", "minimum" },
        { "load-tender@1", "stops/1/goods/0/undgCode", "\"1263\"", "#/stops/1/goods/0/undgCode", "pattern" },
        { "load-tender@1", "freightAmount", "540", "#/freightAmount", "type" },
        { "load-tender@1", "carrierParty/standardCarrierAlphaCode", "\"DEMO1\"", "#/carrierParty/standardCarrierAlphaCode", "pattern" },
        { "tender-response@1", "responseCode", "\"A\"", "#/responseCode", "enum" },
        { "tender-response@1", "loadTenderId", null, "#", "required" },
        { "tender-response@1", "stops/0/globalLocationNumber", "\"4012345000001\"", "#/stops/0/globalLocationNumber", "format" },
        { "tender-response@1", "freightAmount", "\"-1.00\"", "#/freightAmount", "pattern" },
        { "tender-response@1", "declineReasonCode", "null", "#/declineReasonCode", "type" },
        { "return-request@1", "returnLines/0/quantity", "0", "#/returnLines/0/quantity", "exclusiveMinimum" },
        { "return-request@1", "returnLines/0/receivedQuantity", "1", "#/returnLines/0/receivedQuantity", "additionalProperties" },
        { "return-request@1", "returnLines/0/refundIndicator", "true", "#/returnLines/0/refundIndicator", "additionalProperties" },
        { "return-request@1", "returnStatusCode", "\"received\"", "#/returnStatusCode", "additionalProperties" },
        { "return-request@1", "shipmentId", null, "#", "required" },
        { "return-request@1", "returnLines", "[]", "#/returnLines", "minItems" },
        { "shipments@1", "shipments/0/despatchLines/0/deliveredQuantity", null, "#/shipments/0/despatchLines/0", "required" },
        { "invoices@1", "invoices/0/documentStatusCode", "\"done\"", "#/invoices/0/documentStatusCode", "enum" },
        { "credit-notes@1", "creditNotes/0/creditNoteLines/0/price", null, "#/creditNotes/0/creditNoteLines/0", "required" },
        { "return@1", "returnStatusCode", "\"done\"", "#/returnStatusCode", "enum" },
        { "return@1", "returnLines/0/quantity", null, "#/returnLines/0", "required" },
        { "return@1", "returnLines/0/rejectedQuantity", "-1", "#/returnLines/0/rejectedQuantity", "minimum" },
        { "return@1", "returnLines/0/returnReasonCode", "\"broken\"", "#/returnLines/0/returnReasonCode", "enum" },
        { "return@1", "returnLines/0/disposition", "\"in stock\"", "#/returnLines/0/disposition", "enum" },
        { "return@1", "returnLines/0/refundIndicator", "\"yes\"", "#/returnLines/0/refundIndicator", "type" },
        { "return@1", "receivedTime", "\"2026-12-04 10:02:00\"", "#/receivedTime", "format" },
        { "invoice@1", "documentStatusCode", "\"paid\"", "#/documentStatusCode", "enum" },
        { "invoice@1", "legalMonetaryTotal/taxExclusiveAmount", "25", "#/legalMonetaryTotal/taxExclusiveAmount", "type" },
        { "invoice@1", "invoiceLines/0/invoicedQuantity", "\"2\"", "#/invoiceLines/0/invoicedQuantity", "type" },
        { "invoice@1", "invoiceLines/0/lineExtensionAmount", "\"25.\"", "#/invoiceLines/0/lineExtensionAmount", "pattern" },
        { "invoice@1", "taxTotal/taxSubtotals/0/taxCategory/percent", "-19", "#/taxTotal/taxSubtotals/0/taxCategory/percent", "minimum" },
        { "invoice@1", "invoiceTypeCode", "\"out_invoice\"", "#/invoiceTypeCode", "pattern" },
        { "invoice@1", "issueDate", "false", "#/issueDate", "type" },
        { "invoice@1", "customerParty", null, "#", "required" },
        { "credit-note@1", "creditNoteLines/0/creditedQuantity", null, "#/creditNoteLines/0", "required" },
        { "credit-note@1", "creditNoteLines/0/invoicedQuantity", "1", "#/creditNoteLines/0/invoicedQuantity", "additionalProperties" },
        { "credit-note@1", "creditNoteLines/0/receiptLineReferences/0/documentId", null, "#/creditNoteLines/0/receiptLineReferences/0", "required" },
        { "credit-note@1", "discrepancyResponse/responseCode", "\"because\"", "#/discrepancyResponse/responseCode", "enum" },
        { "credit-note@1", "legalMonetaryTotal/payableAmount", "\"1e3\"", "#/legalMonetaryTotal/payableAmount", "pattern" },
        { "stock@1", "availableQuantity", "-1", "#/availableQuantity", "minimum" },
        { "stock@1", "quantity", "\"60\"", "#/quantity", "type" },
        { "stock@1", "reportTime", "\"2026-11-25\"", "#/reportTime", "format" },
        { "stock@1", "stockDetails/0/locationId", null, "#/stockDetails/0", "required" },
        { "stock@1", "stockDetails/0/reservedQuantity", "0.0000001", "#/stockDetails/0/reservedQuantity", "multipleOf" },
        { "stock-movement@1", "quantityList/0/item/standardItemIdentification", "\"04012345000010\"", "#/quantityList/0/item/standardItemIdentification", "format" },
        { "stock-movement@1", "readPoint/globalLocationNumber", "\"4012345000001\"", "#/readPoint/globalLocationNumber", "format" },
        { "stock-movement@1", "epcList/0/sscc", "\"340123450000000010\"", "#/epcList/0/sscc", "format" },
        { "stock-movement@1", "bizStep", "\"urn:epcglobal:cbv:bizstep:picking\"", "#/bizStep", "enum" },
        { "stock-movement@1", "action", "\"observe\"", "#/action", "enum" },
        { "stock-movement@1", "quantityList/0/quantity", "-2", "#/quantityList/0/quantity", "minimum" },
        { "stock-movement@1", "eventTimeZoneOffset", "\"+15:00\"", "#/eventTimeZoneOffset", "pattern" },
        { "stock-movement@1", "eventTime", "\"2026-11-25T15:05:00\"", "#/eventTime", "format" },
        { "price@1", "priceLines/0/price/priceAmount", "12.5", "#/priceLines/0/price/priceAmount", "type" },
        { "price@1", "priceLines/0/minimumQuantity", "-1", "#/priceLines/0/minimumQuantity", "minimum" },
        { "price@1", "priceLines/0/applicabilityCode", "\"0_product_variant\"", "#/priceLines/0/applicabilityCode", "enum" },
        { "price@1", "priceLines/0/validFrom", "\"2026-11-01\"", "#/priceLines/0/validFrom", "format" },
        { "price@1", "priceLines/0/multiplierFactorNumeric", "100.5", "#/priceLines/0/multiplierFactorNumeric", "maximum" },
        { "price@1", "documentCurrencyCode", null, "#", "required" },
        { "stock-query@1", "item", null, "#", "required" },
        { "stock-query@1", "location", "\"\"", "#/location", "minLength" },
        { "stock-query@1", "limit", "\"5\"", "#/limit", "additionalProperties" },
        { "tracking-path@1", "id", "\"trk/1\"", "#/id", "pattern" },
    };

    /// <summary>What Odoo has on record is told as it is: a wrong check digit is no reason to keep a document from a partner.</summary>
    public static TheoryData<string, string, string> Told { get; } = new()
    {
        { "item@1", "standardItemIdentification", "\"04012345000010\"" },
        { "item@1", "packagings/0/standardItemIdentification", "\"14012345000010\"" },
        { "order-response@1", "orderLines/0/item/standardItemIdentification", "\"04012345000010\"" },
        { "stock@1", "item/standardItemIdentification", "\"04012345000010\"" },
        { "location@1", "globalLocationNumber", "\"4012345000001\"" },
        { "partner@1", "globalLocationNumber", "\"4012345000001\"" },
        { "warehouse-order@1", "warehouseOrderLines/0/item/standardItemIdentification", "\"04012345000010\"" },
        { "shipment@1", "deliveryParty/globalLocationNumber", "\"4012345000001\"" },
        { "invoice@1", "invoiceLines/0/item/standardItemIdentification", "\"04012345000010\"" },
        { "credit-note@1", "customerParty/globalLocationNumber", "\"4012345000001\"" },
        { "return@1", "returnLines/0/item/standardItemIdentification", "\"04012345000010\"" },
        { "load-tender@1", "stops/1/party/globalLocationNumber", "\"4012345000001\"" },
        { "price@1", "priceLines/0/item/standardItemIdentification", "\"04012345000010\"" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_wrong_document_is_refused_where_it_is_wrong(string contract, string at, string? value, string pointer, string keyword)
    {
        var errors = Workspace.Contract(contract).Validate(OdooBench.Json(Changed(contract, at, value).ToJsonString()));

        Assert.Equal([(pointer, keyword)], errors.Select(error => (error.InstancePointer, error.Keyword)));
    }

    [Theory]
    [MemberData(nameof(Told))]
    public void A_number_of_GS1_that_Odoo_tells_may_have_a_wrong_check_digit(string contract, string at, string value) =>
        Assert.Empty(Workspace.Contract(contract).Validate(OdooBench.Json(Changed(contract, at, value).ToJsonString())));

    [Fact]
    public void Every_contract_has_wrong_documents() =>
        Assert.Empty(Workspace.Contracts.Except(Refused.Select(row => row.Data.Item1)));

    private static JsonNode Changed(string contract, string at, string? value)
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, $"docs/examples/{contract}.json")))!;
        var (steps, parent) = (at.Split('/'), document);
        foreach (var step in steps[..^1]) parent = int.TryParse(step, out var index) ? parent[index]! : parent[step]!;
        if (value is null) parent.AsObject().Remove(steps[^1]);
        else if (int.TryParse(steps[^1], out var last)) parent[last] = JsonNode.Parse(value);
        else parent[steps[^1]] = JsonNode.Parse(value);
        return document;
    }
}
