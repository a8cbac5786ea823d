/**
 * The smallest correct echo with the package `ws`, for Node.js; the first
 * argument is the folder in which `npm install ws` was run.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { argv } from "node:process";

const [, , folder, port] = argv;
const { WebSocketServer } = createRequire(join(folder, "package.json"))("ws");

new WebSocketServer({ host: "127.0.0.1", port: Number(port) })
  .on("connection", (socket) => {
    // Without a listener, a client's broken connection would end the process.
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => {
      socket.send(data, { binary: isBinary });
    });
  });
