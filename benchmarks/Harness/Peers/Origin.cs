using Gateway.Benchmarks.Running;

namespace Gateway.Benchmarks.Peers;

/// <summary>What stands behind every gateway here: nginx with one worker, which answers 200 bytes of JSON to anything.</summary>
internal static class Origin
{
    private const int BodyLength = 200;

    public static Task<Server> StartAsync(Stage stage)
    {
        var url = Ports.Free();
        var body = "{\"fill\":\"" + new string('x', BodyLength - 11) + "\"}";
        return Nginx.StartAsync(stage, "origin", url, workers: 1, $$"""location / { default_type application/json; return 200 '{{body}}'; }""");
    }
}
