using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>Caddy as a plain reverse proxy.</summary>
internal static class Caddy
{
    public static Task<Server> StartAsync(Stage stage, Uri origin)
    {
        var url = Ports.Free();
        var folder = stage.Folder("caddy");
        var file = stage.Write("caddy/Caddyfile", $$"""
            {
              admin off
              auto_https off
            }
            http://127.0.0.1:{{url.Port}} {
              bind 127.0.0.1
              reverse_proxy {{origin.Authority}} {
                transport http {
                  keepalive_idle_conns_per_host 256
                }
              }
            }

            """);
        return stage.StartAsync(new ProgramStart("caddy", "caddy", ["run", "--config", file, "--adapter", "caddyfile"], url)
        {
            Environment = new Dictionary<string, string> { ["HOME"] = folder, ["XDG_DATA_HOME"] = folder, ["XDG_CONFIG_HOME"] = folder },
        });
    }
}
