using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Conformance.Cache;

/// <summary>A backend whose answer is another every time.</summary>
internal sealed class CachedStock : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _asked;
    private TaskCompletionSource _held = new();

    private CachedStock(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public int Asked => _asked;

    /// <summary>0 hangs up.</summary>
    public int Status { get; set; } = 200;

    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>Conditional headers that came.</summary>
    public string Conditions { get; private set; } = "";

    public static async Task<CachedStock> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var stock = new CachedStock(builder.Build());
        stock._held.SetResult();
        stock._app.Run(stock.AnswerAsync);
        await stock._app.StartAsync();
        return stock;
    }

    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo() => _held.SetResult();

    public async Task UntilAskedAsync(int times)
    {
        for (var tries = 0; Asked < times; tries++)
        {
            Assert.True(tries < 500, $"the backend was asked {Asked} times");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var asked = Interlocked.Increment(ref _asked);
        Conditions += http.Request.Headers.IfNoneMatch.ToString() + http.Request.Headers.IfModifiedSince;
        await _held.Task.WaitAsync(TimeSpan.FromSeconds(30));
        if (Status == 0)
        {
            http.Abort();
            return;
        }
        http.Response.StatusCode = Status;
        foreach (var (name, value) in Headers) http.Response.Headers[name] = value;
        http.Response.Headers["X-From-Backend"] = "yes";
        http.Response.Headers.ETag = "\"of-the-backend\"";
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(new JsonObject { ["asked"] = asked, ["language"] = http.Request.Headers.AcceptLanguage.ToString(), ["path"] = string.Create(CultureInfo.InvariantCulture, $"{http.Request.Path}") }.ToJsonString());
    }
}
