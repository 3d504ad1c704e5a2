// What can be measured stands in Scenarios/Scenario.cs; how, in Measuring/SideBySide.cs; benchmarks/README.md says how to read it.
return await Gateway.Benchmarks.CommandLine.RunAsync(args);
