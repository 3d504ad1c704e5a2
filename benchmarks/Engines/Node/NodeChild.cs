using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Benchmarks.Engines.Measuring;

namespace Gateway.Benchmarks.Engines.Node;

/// <summary>
/// A Node process that lives as long as the measuring, so that its compiler is warm. It is asked line by line; its scripts lie beside the program.
/// </summary>
internal sealed class NodeChild : IDisposable
{
    private readonly Process _process;

    /// <param name="script">File name of the script.</param>
    /// <param name="packages">Folder in which the packages were installed.</param>
    /// <param name="subject">What the script works on.</param>
    public NodeChild(string script, string packages, JsonObject subject)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "Node", script), Path.GetFullPath(packages)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new CannotMeasureException("node is missing");
        }
        Version = Ask(subject.ToJsonString());
    }

    /// <summary>Of Node and of the packages.</summary>
    public string Version { get; }

    /// <summary>What one operation gives.</summary>
    public JsonElement Result(string operation)
    {
        using var document = JsonDocument.Parse(Ask("result " + operation));
        return document.RootElement.Clone();
    }

    /// <summary>Runs an operation over and over, as long as BenchmarkDotNet does.</summary>
    public Measurement Measure(string operation)
    {
        var answer = Ask(string.Create(CultureInfo.InvariantCulture, $"run {operation} {Rounds.Slices} {Rounds.SliceMilliseconds}"));
        return new Measurement(double.Parse(answer, CultureInfo.InvariantCulture), null);
    }

    public void Dispose()
    {
        // The scripts end with their input.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5))) _process.Kill();
        _process.Dispose();
    }

    private string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        return _process.StandardOutput.ReadLine() ?? throw new CannotMeasureException("node ended; its message stands above");
    }
}
