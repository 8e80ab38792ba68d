import Koa from "koa";

const app = new Koa();
const tides = ["low", "rising", "high", "falling"];

app.use(async (context) => {
  context.body = context.path === "/healthz" ? "ok" : { tide: tides[new Date().getHours() % 4] };
});

const server = app.listen(Number(process.env.PORT ?? 3000));
process.on("SIGTERM", () => server.close());
