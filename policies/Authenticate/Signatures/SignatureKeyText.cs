namespace Gateway.Policies.Authenticate.Signatures;

/// <summary>A consumer's keys in words, for who reads <c>explain</c>.</summary>
internal static class SignatureKeyText
{
    /// <summary><c>, by its key k-1</c>; empty where nobody in particular calls.</summary>
    public static string Of(Consumer? consumer, Func<SignatureKey, bool> taken)
    {
        if (consumer is null) return "";
        var ids = consumer.SignatureKeys.Where(taken).Select(key => key.Id).Distinct().ToList();
        return ids.Count == 0 ? $", for which {consumer.Name} has no key" : $", by {consumer.Name}'s key {string.Join(" or ", ids)}";
    }
}
