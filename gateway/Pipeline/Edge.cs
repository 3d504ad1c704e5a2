using System.Diagnostics;
using Gateway.Policies.Authenticate;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Gateway.Pipeline;

/// <summary>
/// Who called, where proxies stand before the gateway. It is believed of declared proxies alone (<c>governance.proxies</c>), in the one form
/// they write; the address, scheme and host of the request are the caller's from here on, for limits, the audit and backends.
/// </summary>
internal sealed class Edge(ILoggerFactory logs)
{
    private volatile Believed? _believed;

    /// <summary>Takes over the proxies of a new Plan.</summary>
    public void Take(Plan plan) => _believed = plan.Proxies is { } proxies ? new Believed(proxies, logs) : null;

    public void Receive(HttpContext http) => _believed?.Receive(http);

    private sealed class Believed(Proxies proxies, ILoggerFactory logs)
    {
        private readonly CertificateTeller? _teller = proxies.Certificates == CertificateHeader.None ? null : new CertificateTeller(proxies.Certificates);
        private readonly ForwardedHeadersMiddleware? _headers = proxies.Form == ForwardedForm.None ? null : Headers(proxies, logs);

        public void Receive(HttpContext http)
        {
            if (!proxies.Include(http.Connection.RemoteIpAddress)) return;
            var headers = http.Request.Headers;
            if (_teller is not null) http.Features.Set(_teller);
            if (proxies.Baggage && Activity.Current is { } activity) Carry(headers, activity);
            if (proxies.Form == ForwardedForm.Forwarded) ForwardedHeader.Translate(headers);
            _headers?.ApplyForwarders(http);
        }

        /// <summary>The baggage goes with all calls that this request leads to.</summary>
        private static void Carry(IHeaderDictionary headers, Activity activity)
        {
            var baggage = DistributedContextPropagator.Current.ExtractBaggage(headers, static (object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
            {
                values = default;
                value = ((IHeaderDictionary)carrier!)[name];
            });
            foreach (var (name, value) in baggage ?? []) activity.AddBaggage(name, value);
        }

        private static ForwardedHeadersMiddleware Headers(Proxies proxies, ILoggerFactory logs)
        {
            var options = new ForwardedHeadersOptions
            {
                ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
                ForwardLimit = proxies.Hops,
            };
            // By default loopback is a proxy.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in proxies.Networks) options.KnownIPNetworks.Add(network);
            return new ForwardedHeadersMiddleware(static _ => Task.CompletedTask, logs, Options.Create(options));
        }
    }
}

/// <summary>W3C Trace Context without W3C Baggage: traces of strangers are only numbers, their baggage is text for our backends.</summary>
internal sealed class WithoutBaggage(DistributedContextPropagator inner) : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => inner.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => inner.Inject(activity, carrier, setter);

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
