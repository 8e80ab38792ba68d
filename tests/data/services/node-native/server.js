// Three compiled packages: a program of Rust's or C++ that npm brings, one with its own library, one that is compiled here.
import { createServer } from "node:http";
import bcrypt from "bcrypt";
import dgram from "unix-dgram";
import sharp from "sharp";

const secret = bcrypt.hashSync("harbour", 4);

const server = createServer(async (request, response) => {
  if (request.url !== "/healthz") {
    response.writeHead(404).end();
    return;
  }
  const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: "navy" } }).png().toBuffer();
  const socket = dgram.createSocket("unix_dgram");
  socket.close();
  response.end(bcrypt.compareSync("harbour", secret) && image.length > 0 ? "ok" : "broken");
});

server.listen(Number(process.env.PORT ?? 3000));
process.on("SIGTERM", () => server.close());
