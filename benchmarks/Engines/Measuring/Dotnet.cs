using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Gateway.Benchmarks.Engines.Measuring;

/// <summary>
/// The benchmarks of a class, each measured by BenchmarkDotNet whenever it is its turn: many short jobs in this process, whose code stays
/// compiled and warm between them, instead of one long job per benchmark.
/// </summary>
internal sealed class Dotnet
{
    private readonly BenchmarkRunInfo _all;

    public Dotnet(Type benchmarks)
    {
        var job = Job.Default
            .WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(5), logOutput: false))
            .WithStrategy(RunStrategy.Throughput)
            .WithLaunchCount(1)
            .WithWarmupCount(1)
            .WithIterationCount(Rounds.Slices)
            .WithIterationTime(TimeInterval.FromMilliseconds(Rounds.SliceMilliseconds))
            .WithEvaluateOverhead(false);
        var config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Descriptor)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "gateway-benchmarks"))
            .WithOptions(ConfigOptions.DisableLogFile);
        _all = BenchmarkConverter.TypeToBenchmarks(benchmarks, config);
    }

    /// <summary>What measures, and its version.</summary>
    public static string Name { get; } = "BenchmarkDotNet " + VersionOf(typeof(BenchmarkRunner));

    public static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Measures one benchmark: the fastest of its iterations, and what it allocates.</summary>
    /// <param name="method">The benchmark's method.</param>
    /// <param name="parameter">The value of its only parameter; null when it has none.</param>
    public Measurement Measure(string method, string? parameter = null)
    {
        var one = _all.BenchmarksCases.Single(c => c.Descriptor.WorkloadMethod.Name == method
            && (parameter is null || Equals(c.Parameters.Items.Single().Value, parameter)));
        var summary = BenchmarkRunner.Run(new BenchmarkRunInfo([one], _all.Type, _all.Config));
        if (summary.Reports.SingleOrDefault() is not { ResultStatistics: { } statistics } measured)
        {
            var errors = summary.ValidationErrors.Select(e => e.Message).Append("build the project with -c Release");
            throw new CannotMeasureException($"BenchmarkDotNet did not measure {method}: {string.Join("; ", errors)}");
        }
        return new Measurement(statistics.Min, measured.GcStats.GetBytesAllocatedPerOperation(one));
    }
}
