const express = require("express");

const app = express();
const port = process.env.PORT || 3000;

app.get("/", (request, response) => {
  response.json({ orders: [], currency: process.env.CURRENCY || "EUR" });
});

app.get("/healthz", (request, response) => {
  response.send("ok");
});

const server = app.listen(port, () => {
  console.log(`listening on ${port}`);
});

process.on("SIGTERM", () => server.close());
