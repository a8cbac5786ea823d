/**
 * A thread that has connections and watchers, as a worker has, and does with
 * them what the test tells it to, see watch_link_test.ts.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import { Watches, type Watching } from "../../handlers/watch/watches.ts";
import type { Observer } from "../../handlers/websocket/observer.ts";
import { byteLength } from "../../handlers/websocket/payload.ts";
import {
  HubLink,
  type LinkMessage,
  type MemberCall,
} from "../../handlers/workers/watch_link.ts";

/** What the test tells the thread. */
export type Task =
  | { kind: "open"; key: string; id: number }
  /** Messages come, with numbers in their texts, at once or one each ms. */
  | { kind: "receive"; id: number; count: number; filler: string }
  | { kind: "keep receiving"; id: number }
  | { kind: "watch"; key: string; watcher: number }
  | { kind: "unwatch"; watcher: number }
  | { kind: "ask"; watcher: number; texts: string[] }
  /** The event loop stands still until the cell is not 0. */
  | { kind: "stand still"; cell: Int32Array<SharedArrayBuffer> };

/** What it tells the test. */
export type News =
  | { kind: "event"; watcher: number; text: string }
  /** What a connection was told to send. */
  | { kind: "sent"; id: number; message: string | ArrayBuffer }
  | { kind: "stands still" };

const hub = new HubLink((message) => parentPort!.postMessage({ message }));
const watches = new Watches(hub);
const observers = new Map<number, Observer>();
const watchings = new Map<number, Watching>();
/** How many messages each connection has received. */
const received = new Map<number, number>();

parentPort!.on(
  "message",
  ({ message, task }: { message?: LinkMessage<MemberCall>; task?: Task }) => {
    if (message) hub.receive(message);
    if (task) run(task);
  },
);

function run(task: Task) {
  switch (task.kind) {
    case "open":
      return open(task.key, task.id);
    case "receive":
      for (let i = 0; i < task.count; i++) receive(task.id, task.filler);
      return;
    case "keep receiving":
      receive(task.id, "");
      setTimeout(() => run(task), 1);
      return;
    case "watch": {
      const { key, watcher } = task;
      const deliver = (text: string) => tell({ kind: "event", watcher, text });
      const sink = { deliver, reject: deliver };
      watchings.set(watcher, watches.watch(key, watcher, sink));
      return;
    }
    case "unwatch":
      return watchings.get(task.watcher)?.end();
    case "ask":
      for (const text of task.texts) watchings.get(task.watcher)?.command(text);
      return;
    case "stand still":
      tell({ kind: "stands still" });
      Atomics.wait(task.cell, 0, 0);
  }
}

function open(key: string, id: number) {
  const observer = watches.observe(key, id, {
    path: "/",
    remote: "127.0.0.1:1",
    origin: null,
    subprotocol: null,
    headers: {},
    parameters: {},
  });
  observer.open({
    repliesItself: true,
    send(message) {
      tell({ kind: "sent", id, message });
      return undefined;
    },
    close() {},
  });
  observers.set(id, observer);
}

function receive(id: number, filler: string) {
  const count = (received.get(id) ?? 0) + 1;
  received.set(id, count);
  const observer = observers.get(id)!;
  const text = `${count} ${filler}`;
  if (observer.isWatching) observer.message("in", text, byteLength(text));
}

function tell(news: News) {
  parentPort!.postMessage({ news });
}
