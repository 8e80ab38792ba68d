import Fastify from "fastify";
import { greeting } from "@shop/shared";

const app = Fastify({ logger: true });

app.get("/health", async () => ({ status: "ok" }));
app.get("/", async () => ({ message: greeting("shop") }));

await app.listen({ port: Number(process.env.PORT ?? 8080), host: "0.0.0.0" });
