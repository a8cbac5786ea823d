// @ts-check
import { ReportingSocket } from "./socket.js";

/** @typedef {import("./socket.js").Command} Command */
/** @typedef {import("./socket.js").Report} Report */

/** A socket in a worker, or on the page's own thread if no worker starts. */
export class SocketThread {
  #report;
  /** @type {{ handle: (command: Command) => void } | undefined} */
  #socket;
  /** @type {Command[]} What a worker that does not start leaves undone. */
  #early = [];

  /** @param {(report: Report) => void} report */
  constructor(report) {
    this.#report = report;
    try {
      this.#start();
    } catch {
      this.#useOwnThread();
    }
  }

  /** @param {Command} command */
  handle(command) {
    if (this.#socket === undefined) this.#early.push(command);
    else this.#socket.handle(command);
  }

  #start() {
    const url = new URL("./socket_worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }) => {
      if (this.#socket === undefined) {
        this.#use({ handle: (command) => worker.postMessage(command) });
      }
      this.#report(data);
    };
    worker.onerror = () => {
      if (this.#socket === undefined) this.#useOwnThread();
    };
  }

  #useOwnThread() {
    this.#use(new ReportingSocket((report) => this.#report(report)));
  }

  /** @param {{ handle: (command: Command) => void }} socket */
  #use(socket) {
    this.#socket = socket;
    for (const command of this.#early.splice(0)) socket.handle(command);
  }
}
