using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Gateway.Policies;

/// <summary>
/// The query as it was written: names that differ in case are different names. The framework's own collection takes them for one, and
/// then a contract would judge another value than the backend reads.
/// </summary>
internal static class QueryText
{
    public static Dictionary<string, StringValues> Of(HttpRequest request)
    {
        var query = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var name = pair.DecodeName().ToString();
            query[name] = StringValues.Concat(query.GetValueOrDefault(name), pair.DecodeValue().ToString());
        }
        return query;
    }
}
