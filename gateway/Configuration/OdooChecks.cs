using Gateway.Adapters.Odoo;
using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>Whether what is said of an Odoo is enough to call it.</summary>
internal static class OdooChecks
{
    /// <returns>Whether it can be opened.</returns>
    public static bool Check(string backend, BackendOptions options, Places places, ICollection<Diagnostic> diagnostics)
    {
        // A login that was written and could not be bound is told already.
        if (options is OdooOptions { Api: OdooApi.Jsonrpc, Login: null } odoo && !places.Has(odoo, nameof(odoo.Login)))
            diagnostics.Add(new Diagnostic("GW5110", Severity.Error, places.Of(odoo, nameof(odoo.Api)),
                $"the backend '{backend}' is called over JSON-RPC, and nothing says which user the key belongs to", "add login:, as the user signs in"));
        if (options is not OdooOptions { ExternalIdModule: var module } of || OdooOptions.IsModule(module)) return true;
        diagnostics.Add(new Diagnostic("GW5117", Severity.Error, places.Of(of, nameof(of.ExternalIdModule)),
            $"the backend '{backend}' can't make external ids in '{module}', which is no name of a module",
            "write lower-case letters, digits and '_' alone, as in acme_gateway, or leave it out"));
        return false;
    }
}
