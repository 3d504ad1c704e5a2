// Answers what a gateway asks Odoo over JSON-2 to take one new order, as Odoo 19 does but at once: OdooStub --urls URL
// Every look-up finds something, every load succeeds, and the read-back tells the order that was loaded. A plain POST elsewhere gets its body back.
using OdooStub;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
app.Run(Answers.AnswerAsync);
app.Run();
