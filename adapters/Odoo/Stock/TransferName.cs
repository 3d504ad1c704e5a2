using System.Text.Json;
using Gateway.Adapters.Odoo.Wire;

namespace Gateway.Adapters.Odoo.Stock;

/// <summary>What of Odoo a change of a transfer holds: in a process its turn, over nodes its open intent (<see cref="BackendOperation.RecordOf"/>).</summary>
internal static class TransferName
{
    /// <summary>Longer than any of Odoo's, and still short enough for an index. Names that differ only behind it hold each other up, and are none.</summary>
    private const int Longest = 200;

    public static string Record(string name) => "stock.picking " + name[..Math.Min(name.Length, Longest)];

    /// <summary>The record of the transfer that an input names; null where it names none, and will be malformed.</summary>
    /// <param name="within">The member that has the name; null where the input has it itself.</param>
    public static string? RecordOf(ReadOnlyMemory<byte> input, string? within = null)
    {
        try
        {
            using var json = JsonDocument.Parse(input);
            var named = json.RootElement;
            if (within is not null && (named.ValueKind != JsonValueKind.Object || !named.TryGetProperty(within, out named)))
                return null;
            return named.Text("name") is { Length: > 0 } name ? Record(name) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
