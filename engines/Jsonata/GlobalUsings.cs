global using Gateway.Jsonata.Runtime;
global using Value = Gateway.Jsonata.JsonataValue;
