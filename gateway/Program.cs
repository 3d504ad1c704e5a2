// The gateway's verbs stand in Cli/Commands.cs; what runs, in Hosting/GatewayHost.cs; the road of a request, in Pipeline/Road.cs.
return await Gateway.Cli.Commands.RunAsync(args);
