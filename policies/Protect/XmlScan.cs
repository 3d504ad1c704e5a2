using System.Text.Unicode;
using System.Xml;

namespace Gateway.Policies.Protect;

/// <summary>
/// Whether a text is XML that every parser reads alike: well formed, in UTF-8, without a document type, and so without entities of its own,
/// inside or outside.
/// </summary>
public static class XmlScan
{
    private const int MaxDepth = 256;

    private static readonly XmlReaderSettings Strict = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CheckCharacters = true };

    /// <summary>What is wrong, for the caller; null when nothing is.</summary>
    public static string? FaultOf(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span)) return "The body is not UTF-8.";
        try
        {
            // Read as UTF-8 whatever the document says of itself; what says otherwise, others would read otherwise.
            using var text = new StreamReader(new MemoryStream(body.ToArray(), writable: false));
            using var reader = XmlReader.Create(text, Strict);
            while (reader.Read())
            {
                if (reader.Depth > MaxDepth) return $"The body is nested deeper than {MaxDepth}.";
                if (reader.NodeType == XmlNodeType.XmlDeclaration && reader.GetAttribute("encoding") is { } encoding && !encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
                    return "The body says that it is not UTF-8.";
            }
            return null;
        }
        catch (XmlException broken)
        {
            return $"The body is not well-formed XML at line {broken.LineNumber}, or has a document type.";
        }
    }
}
