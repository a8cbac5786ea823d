// @ts-check
import { ReportingSocket } from "./socket.js";

const socket = new ReportingSocket((report, transfer) =>
  self.postMessage(report, { transfer })
);

self.onmessage = ({ data }) => socket.handle(data);

// Says that the worker has started.
self.postMessage({ events: [], buffered: 0 });
