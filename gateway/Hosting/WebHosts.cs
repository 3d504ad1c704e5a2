using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting;

/// <summary>What the public and the admin port have in common.</summary>
internal static class WebHosts
{
    /// <param name="urls">Null where nothing listens.</param>
    /// <param name="secure">What makes TLS of an https address, of the services of the application that is built.</param>
    public static WebApplicationBuilder Create(GatewayOptions options, string? urls, Func<IServiceProvider, Action<ListenOptions>> secure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gateway" });
        if (urls is null) builder.Services.AddSingleton<IServer, NoPort>();
        else builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true).ConfigureKestrel(kestrel =>
        {
            Harden(kestrel);
            Addresses.Listen(kestrel, urls, secure(kestrel.ApplicationServices));
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton(options.Clock);
        builder.Services.AddSingleton(options.Outside);
        builder.Services.AddSingleton(options.Adapters);
        var others = options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning;
        builder.Logging.SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft", others)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.None)
            // A start that fails is told once, by the verb, in words.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddFilter("Yarp", others)
            // What becomes of the cluster is told in words by who joins it.
            .AddFilter("Orleans", options.LogLevel < LogLevel.Information ? others : LogLevel.None)
            // It tells each request that breaks off with a stack trace; the line of the conversation says it in words.
            .AddFilter("Yarp.ReverseProxy.Forwarder.HttpForwarder", options.LogLevel < LogLevel.Information ? options.LogLevel : LogLevel.None)
            .AddFilter("Polly", LogLevel.None);
        if (options.JsonLogs) builder.Logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "O"));
        else builder.Logging.AddSimpleConsole(text => (text.SingleLine, text.ColorBehavior) = (true, LoggerColorBehavior.Disabled));
        return builder;
    }

    private static void Harden(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
    }
}
