namespace Gateway.Simulators;

/// <summary>What every simulator needs to start.</summary>
public record SimulatorOptions
{
    /// <summary>TCP port on the loopback address, 0 to 65535; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Dates every record, and measures the waiting of the chaos mode <c>latency</c>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
