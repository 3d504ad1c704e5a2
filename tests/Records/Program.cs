using Gateway.Tests.Records;

// Makes anew what is made from the canonical contracts, in the clone that it is called in.
var bundle = ContractBundle.Read(".");
foreach (var fault in bundle.Faults) Console.Error.WriteLine(fault);
if (bundle.Faults.Any()) return 1;

var files = GeneratedFile.Make(bundle);
foreach (var gone in GeneratedFile.Read(".").ExceptBy(files.Select(f => f.Name), f => f.Name)) File.Delete(gone.Name);
foreach (var file in files)
{
    Directory.CreateDirectory(Path.GetDirectoryName(file.Name)!);
    File.WriteAllText(file.Name, file.Text);
    Console.WriteLine(file.Name);
}
return 0;
