using System.Text;

namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>What a signature is over: its components, a line each, and its own parameters (RFC 9421 section 2.5).</summary>
public static class SignatureBase
{
    /// <param name="input">The signature's member of <c>Signature-Input</c>; a list.</param>
    /// <param name="component">The value of a component of the message; null where the message has none.</param>
    /// <returns>Null where the message lacks a component.</returns>
    public static byte[]? Of(FieldMember input, Func<FieldItem, string?> component)
    {
        var text = new StringBuilder();
        foreach (var item in input.List!)
        {
            if (component(item) is not { } value) return null;
            item.Write(text);
            text.Append(": ").Append(value).Append('\n');
        }
        text.Append("\"@signature-params\": ");
        input.Write(text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
