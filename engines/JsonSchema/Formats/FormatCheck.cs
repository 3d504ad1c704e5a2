namespace Gateway.JsonSchema.Formats;

/// <summary>Whether unescaped UTF-8 text has a format.</summary>
internal delegate bool FormatCheck(ReadOnlySpan<byte> text);
