import { ReportingSocket } from "./socket.js";

const socket = new ReportingSocket((report, transfer) =>
  self.postMessage(report, { transfer })
);

self.onmessage = ({ data }) => socket.handle(data);
