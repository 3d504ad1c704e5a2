// Started by benchmarks/run from the repository's root; alone: Engines contract|mapping --out FILE --rounds N [--quick] --node DIR
return await Gateway.Benchmarks.Engines.CommandLine.RunAsync(args);
