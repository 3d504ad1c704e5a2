namespace Gateway.Adapters.Odoo.Wire;

/// <summary>JSON-2 of Odoo 19 and newer: <c>POST /json/2/MODEL/METHOD</c>, arguments by name, the key in Authorization.</summary>
internal sealed class Json2Wire(OdooHttp http, string? header) : OdooWire
{
    public override string Name => "JSON-2";

    public override async ValueTask<OdooReply> CallAsync(OdooRequest request, string? shown, CancellationToken deadline, CancellationToken caller)
    {
        var post = new OdooPost($"json/2/{request.Model}/{request.Method}", request.Effect, request.Body)
        {
            CorrelationId = request.CorrelationId,
            TimeLeft = request.TimeLeft,
            Until = request.Until,
            Header = header,
            Shown = shown,
        };
        var sent = await http.SendAsync(post, deadline, caller);
        if (sent.Value is not { } answer)
            return sent.Failure!;
        var reply = OdooErrors.Read(request.Effect, answer);
        // JSON-2 says in JSON what it does not know; a page comes from an Odoo that has no JSON-2, or none of this database.
        var wayIsGone = answer.Status == 404 && !answer.IsJson;
        return reply with
        {
            Reason = wayIsGone ? $"{reply.Reason}; an Odoo before 19 has no JSON-2 and wants api: auto and login:" : reply.Reason,
            KeyRefused = answer.Status == 401 && reply.Status == OperationStatus.NotSent,
            WayIsGone = wayIsGone,
        };
    }
}
