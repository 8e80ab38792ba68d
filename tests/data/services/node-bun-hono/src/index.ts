import { Hono } from "hono";

const app = new Hono();

app.get("/healthz", (context) => context.text("ok"));

const server = Bun.serve({ port: Number(process.env.PORT ?? 4000), fetch: app.fetch });

process.on("SIGTERM", () => server.stop());
