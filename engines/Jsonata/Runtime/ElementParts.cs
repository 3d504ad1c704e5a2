using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gateway.Jsonata.Runtime;

/// <summary>
/// An element taken apart into its document and its place there, and put together again. A value keeps the two where it
/// keeps a text and a number otherwise; with a whole element beside them every value would be two thirds larger, and most
/// of what an evaluation does is handing values on. The two fields are private to System.Text.Json, whose version comes
/// with the runtime's; without them nothing evaluates, and every test says so.
/// </summary>
internal static class ElementParts
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_parent")]
    public static extern ref JsonDocument Document(ref JsonElement element);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_idx")]
    public static extern ref int Index(ref JsonElement element);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern JsonElement Join(JsonDocument document, int index);
}
