using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>HAProxy with two threads: plain, or with what a token must be (issuer, audience, life time, jwt_verify) and a rate in a stick table.</summary>
internal static class HaProxy
{
    public static Task<Server> StartAsync(Stage stage, Uri origin) => StartAsync(stage, "haproxy", origin, "");

    public static Task<Server> StartWithJwtAsync(Stage stage, Uri origin, Tokens tokens)
    {
        var key = stage.Write("haproxy-jwt/key.pem", tokens.PublicKeyPem);
        return StartAsync(stage, "haproxy-jwt", origin, $$"""
              stick-table type string len 64 size 100k expire 60s store http_req_rate(60s)
              http-request set-var(txn.token) http_auth_bearer
              http-request set-var(txn.client) var(txn.token),jwt_payload_query('$.azp')
              http-request deny status 401 unless { var(txn.token),jwt_payload_query('$.iss') -m str "{{tokens.Issuer.AbsoluteUri}}" }
              http-request deny status 401 unless { var(txn.token),jwt_payload_query('$.aud') -m str "{{Tokens.Audience}}" }
              http-request set-var(txn.expires) var(txn.token),jwt_payload_query('$.exp','int')
              http-request set-var(txn.now) date()
              http-request deny status 401 if { var(txn.expires),sub(txn.now) -m int lt 0 }
              http-request deny status 401 unless { var(txn.token),jwt_verify("RS256","{{key}}") 1 }
              http-request track-sc0 var(txn.client)
              http-request deny status 429 if { sc_http_req_rate(0) gt 10000000 }
            """);
    }

    private static Task<Server> StartAsync(Stage stage, string name, Uri origin, string rules)
    {
        var url = Ports.Free();
        var file = stage.Write($"{name}/haproxy.cfg", $"""
            global
              nbthread 2
              maxconn 8192
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              http-reuse always
            frontend in
              bind {url.Authority} backlog 4096
            {rules}
              default_backend origin
            backend origin
              server origin {origin.Authority} pool-max-conn 1024

            """);
        return stage.StartAsync(new ProgramStart(name, Nginx.Find("haproxy"), ["-db", "-f", file], url));
    }
}
