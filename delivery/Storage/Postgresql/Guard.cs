using Npgsql;

namespace Gateway.Delivery.Storage.Postgresql;

/// <summary>
/// What must be so for a statement to do anything. The statements of one batch go to the server together: those behind the first look whether it
/// did what they belong to.
/// </summary>
/// <param name="Sql">A condition without columns of its statement's tables.</param>
internal sealed record Guard(string Sql, string? Id, string? By)
{
    /// <summary>Nothing.</summary>
    public static readonly Guard None = new("true", null, null);

    /// <summary>That a write closed an intent, and no other write.</summary>
    public static Guard Closed(Intent intent, string by) =>
        new("EXISTS (SELECT 1 FROM intents WHERE intents.id = @closed AND intents.closed_by = @by)", intent.Id, by);

    /// <summary>That a write saved an instance of a flow, and no other write.</summary>
    public static Guard Saved(FlowInstance instance, string by) =>
        new("EXISTS (SELECT 1 FROM flow_instances WHERE flow_instances.id = @closed AND flow_instances.saved_by = @by)", instance.Id, by);

    /// <summary>That a write moved a cursor, and no other write.</summary>
    public static Guard Moved(string reader, string by) =>
        new("EXISTS (SELECT 1 FROM cursors WHERE cursors.reader = @closed AND cursors.moved_by = @by)", reader, by);

    public NpgsqlBatchCommand On(NpgsqlBatchCommand command) => Id is null ? command : command.Bind("closed", Id).Bind("by", By);
}
