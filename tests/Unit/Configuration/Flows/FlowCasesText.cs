namespace Gateway.Tests.Unit.Configuration.Flows;

/// <summary>Cases of the flow of <see cref="FlowFolder"/> that hold.</summary>
internal static class FlowCasesText
{
    public const string Shipped = """
        cases:
          - name: An order is shipped
            flow: ship
            partner: acme
            play:
              - { event: order.accepted.v1, data: { id: ord_1, buyer: ACME-DE } }
              - { call: odoo/credit.check, with: { buyer: ACME-DE }, answer: { record: { sufficient: true } } }
              - { call: wms/warehouse-order.create, with: { reference_id: ord_1 }, answer: { reference: "1001" } }
              - { event: wms.order.shipped.v1, about: release, data: { status: Fulfilled } }
              - { passes: 1h }
              - { passes: 1s }
              - { told: order.shipped.v1, subject: ord_1, data: { id: ord_1 } }
            ends: done

        """;

    public const string Refused = """
          - name: Who may not agree does not, and one who refuses ends it
            flow: ship
            partner: acme
            play:
              - { event: order.accepted.v1, data: { id: ord_1, by: eve } }
              - { call: odoo/credit.check, answer: { record: { sufficient: false } } }
              - { agrees: hold, by: eve, because: whose matter it is }
              - { refuses: hold, by: bob }
              - { passes: 1m }
            ends: failed

        """;
}
