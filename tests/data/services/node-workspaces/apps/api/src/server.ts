import express from "express";
import { greet } from "@harbour/shared";
const app = express();
app.get("/healthz", (_request, response) => { response.send(greet("ok")); });
const server = app.listen(Number(process.env.PORT ?? 3000));
process.on("SIGTERM", () => server.close());
