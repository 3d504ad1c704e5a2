using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway.Benchmarks.Engines.Contract;

/// <summary>What is timed: one order against order@1. Public, as BenchmarkDotNet demands it of what it runs.</summary>
public class ContractBenchmarks
{
    public const string Small = "1kB";
    public const string Large = "20kB";

    private static readonly JsonSchema.Schema Schema = Workspace.OrderContract.Schema;

    /// <summary>NJsonSchema follows references into <c>definitions</c>, but not from one of the <c>$defs</c> to another.</summary>
    private static readonly NJsonSchema.JsonSchema Other =
        NJsonSchema.JsonSchema.FromJsonAsync(Workspace.OrderSchema.Replace("$defs", "definitions", StringComparison.Ordinal)).GetAwaiter().GetResult();

    private static readonly Dictionary<string, byte[]> All = new() { [Small] = Orders.OfSize(1000), [Large] = Orders.OfSize(20_000) };

    private byte[] _text = [];
    private JsonElement _parsed;
    private JToken? _token;

    public static IEnumerable<string> Sizes => All.Keys;

    [ParamsSource(nameof(Sizes))]
    public string Size { get; set; } = Small;

    public static byte[] OrderOf(string size) => All[size];

    [GlobalSetup]
    public void SetUp()
    {
        _text = All[Size];
        _parsed = JsonElement.Parse(_text);
        _token = Token(_text);
    }

    [Benchmark]
    public bool ByGateway() => Schema.IsValid(_parsed);

    [Benchmark]
    public JsonValueKind Parse()
    {
        using var document = JsonDocument.Parse(_text);
        return document.RootElement.ValueKind;
    }

    [Benchmark]
    public bool ParseAndByGateway()
    {
        using var document = JsonDocument.Parse(_text);
        return Schema.IsValid(document.RootElement);
    }

    [Benchmark]
    public int ByNJsonSchema() => Other.Validate(_token!).Count;

    /// <summary>
    /// What one call of ours allocates, to the byte: the thread's own count. BenchmarkDotNet counts the process, whose other threads make a few
    /// bytes of what is none.
    /// </summary>
    internal static double BytesByGateway(string size)
    {
        const int Calls = 1000;
        var order = JsonElement.Parse(All[size]);
        Schema.IsValid(order);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++) Schema.IsValid(order);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Calls;
    }

    internal static bool GatewayTakes(byte[] order) => Schema.IsValid(JsonElement.Parse(order));

    internal static bool NJsonSchemaTakes(byte[] order) => Other.Validate(Token(order)).Count == 0;

    /// <summary>As NJsonSchema itself reads text: dates stay strings.</summary>
    private static JToken Token(byte[] text)
    {
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(text))) { DateParseHandling = DateParseHandling.None };
        return JToken.ReadFrom(reader);
    }
}
