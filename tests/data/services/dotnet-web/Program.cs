using Humanizer;

var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/healthz", () => "ok");
app.MapGet("/", () => $"{3.ToWords()} ships at the pier");
app.Run();
