using System.Globalization;

namespace Gateway.Demo;

/// <summary>The order of the story, whole or bent.</summary>
internal static class SampleOrder
{
    public static string Json(string reference = "PO-4711", decimal quantity = 3, string item = "DESK0005", string note = "call before delivery", string line = "") => $$$"""
        {"customerReference":"{{{reference}}}","issueDate":"2026-11-23","documentCurrencyCode":"EUR","buyerParty":{"id":"ACME-DE"},"delivery":{"deliveryAddress":{"name":"Acme Lager","streetName":"Hafenstr. 1","cityName":"Hamburg","postalZone":"20457","countryCode":"DE"},"requestedDeliveryPeriod":{"startDate":"2026-11-25","endDate":"2026-11-27"}},"note":"{{{note}}}","orderLines":[{"id":"1",{{{line}}}"quantity":{{{quantity.ToString(CultureInfo.InvariantCulture)}}},"unitCode":"C62","item":{"sellersItemIdentification":"{{{item}}}","standardItemIdentification":"04012345000016","name":"Desk"},"price":{"priceAmount":"12.50","baseQuantity":1}}]}
        """;
}
