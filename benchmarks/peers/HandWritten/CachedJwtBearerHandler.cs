using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace HandWritten;

/// <summary>The framework's handler with a memory of what it has validated, until each token ends. It does not hear of revocations or changed keys.</summary>
public sealed class CachedJwtBearerHandler(IOptionsMonitor<JwtBearerOptions> options, ILoggerFactory logger, UrlEncoder encoder, IMemoryCache cache)
    : JwtBearerHandler(options, logger, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (cache.TryGetValue(header, out AuthenticationTicket? known)) return AuthenticateResult.Success(known!);
        var result = await base.HandleAuthenticateAsync();
        if (result is { Succeeded: true, Ticket: { Properties.ExpiresUtc: { } end } ticket })
            cache.Set(header, ticket, new MemoryCacheEntryOptions { AbsoluteExpiration = end, Size = 1 });
        return result;
    }
}
