import { Hono } from "hono";

const app = new Hono();

app.get("/healthz", (context) => context.text("ok"));

Deno.serve({ port: 8000 }, app.fetch);
