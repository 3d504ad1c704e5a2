using System.Globalization;

namespace Gateway.Delivery.Events;

/// <summary>
/// An event whose data an operator has changed for one delivery. It stays in its place of the log and of its line; its id is its own, since receivers
/// take what has one source and id for the same event (CloudEvents 1.0, <c>id</c>) and would throw the changed one away.
/// </summary>
public static class EditedEvent
{
    /// <param name="edit">How often it was changed: 0 for the event as it happened.</param>
    public static string IdOf(string id, int edit) => edit == 0 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}.edit-{edit}");

    /// <param name="data">As they are told now, JSON.</param>
    public static StoredEvent Of(StoredEvent original, int edit, ReadOnlyMemory<byte> data) =>
        original with { Event = original.Event with { Id = IdOf(original.Event.Id, edit), Data = data } };
}
