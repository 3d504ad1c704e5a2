using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>nginx in the foreground, without logs, with connections that live on.</summary>
internal static class Nginx
{
    public static Task<Server> StartProxyAsync(Stage stage, Uri origin) => StartAsync(stage, "nginx", Ports.Free(), workers: 2,
        "location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection \"\"; }",
        $"upstream origin {{ server {origin.Authority}; keepalive 256; keepalive_requests 100000000; }}");

    public static Task<Server> StartAsync(Stage stage, string name, Uri url, int workers, string location, string http = "")
    {
        var folder = stage.Folder(name);
        var file = stage.Write($"{name}/nginx.conf", $$"""
            daemon off;
            master_process on;
            worker_processes {{workers}};
            pid {{folder}}/nginx.pid;
            error_log stderr warn;
            events { worker_connections 4096; }
            http {
              access_log off;
              keepalive_requests 100000000;
              client_body_temp_path {{folder}}; proxy_temp_path {{folder}}; fastcgi_temp_path {{folder}}; uwsgi_temp_path {{folder}}; scgi_temp_path {{folder}};
              {{http}}
              server { listen {{url.Authority}} backlog=4096; {{location}} }
            }
            """);
        return stage.StartAsync(new ProgramStart(name, Find("nginx"), ["-p", folder, "-c", file, "-e", "stderr"], url));
    }

    /// <summary>Debian puts servers where only root's PATH looks.</summary>
    internal static string Find(string program) => File.Exists($"/usr/sbin/{program}") ? $"/usr/sbin/{program}" : program;
}
