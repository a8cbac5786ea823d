/** The log without a browser: what it keeps, which rows are shown, and where. */

import { assert, assertEquals } from "@std/assert";
import { exportLog, firstFrom, Log } from "../static/log.js";
import {
  createLayout,
  rowFilter,
  RowIndex,
  walk,
} from "../static/shown_rows.js";

type Row = Log["rows"][number];

const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);
const closing = { name: "closing", code: 1000, reason: "" } as const;

/** Adds messages of one byte, and returns the last one. */
function send(log: Log, count: number) {
  const message = { direction: "sent", payload: "x", size: 1 } as const;
  for (let i = 1; i < count; i++) log.add(message);
  return log.add(message);
}

/** Adds a message and its reply. */
function exchange(log: Log, text = "x", reply = text) {
  const size = text.length;
  const answers = log.add({ direction: "sent", payload: text, size });
  return log.add({ direction: "received", payload: reply, size, answers });
}

Deno.test("Log drops the oldest messages, but neither events nor what is opened", () => {
  const log = new Log({ messages: 10 });
  log.add({ event: closing });
  const opened = send(log, 2);
  log.opened.add(opened);
  send(log, 8);
  log.add({ event: closing });
  assertEquals([log.rows.length, log.dropped], [12, 0]);
  send(log, 20);
  assertEquals(ids(log.rows).slice(0, 3), [1, 3, 12]);
  assertEquals(log.rows.filter(({ event }) => !event).length, 10);
  assertEquals(log.dropped, 20);
  const lost = log.gaps.map((gap) => [gap.messages, gap.firstId, gap.lastId]);
  assertEquals(lost, [[1, 2, 2], [8, 4, 11], [11, 13, 23]]);
});

Deno.test("Log drops nothing while it is held, until there is too much of it", () => {
  const log = new Log({ messages: 10, held: 100 });
  log.isHeld = true;
  send(log, 100);
  assertEquals([log.rows.length, log.dropped], [100, 0]);
  send(log, 11);
  assertEquals([log.rows.length, log.dropped], [100, 11]);
  log.isHeld = false;
  assertEquals([log.rows.length, log.dropped], [10, 101]);
  assertEquals(log.gaps.length, 1);
});

Deno.test("Log drops a message with its reply, and keeps both for what is opened", () => {
  const log = new Log({ messages: 10 });
  const reply = exchange(log);
  log.opened.add(reply.answers!);
  for (let i = 0; i < 20; i++) exchange(log);
  assertEquals(ids(log.rows).slice(0, 2), [1, 2]);
  for (const row of log.rows) {
    const partner = row.answers ?? row.reply;
    assert(partner && log.rows.includes(partner), `row ${row.id} has lost it`);
  }
  const [first] = log.rows.slice(2);
  send(log, 30);
  // The message is gone when its reply comes.
  const late = { answers: first!, verdict: "equal" } as const;
  const { answers, verdict } = log.add({
    direction: "received",
    payload: "x",
    size: 1,
    ...late,
  });
  assertEquals([answers, verdict], [undefined, "equal"]);
});

Deno.test("Log drops the oldest messages beyond a size, but never the last one", () => {
  const log = new Log({ bytes: 100 });
  log.add({ direction: "sent", payload: "a".repeat(40), size: 40 });
  log.opened.add(
    log.add({ direction: "received", payload: new ArrayBuffer(40), size: 40 }),
  );
  log.add({
    direction: "received",
    payload: "b".repeat(20),
    size: 20,
    expected: "c",
  });
  assertEquals(ids(log.rows), [2, 3]);
  log.add({ direction: "received", payload: new ArrayBuffer(500), size: 500 });
  assertEquals([ids(log.rows), log.dropped], [[2, 4], 2]);
  log.clear();
  assertEquals([log.rows, log.gaps, log.opened.size], [[], [], 0]);
});

Deno.test("rowFilter() and exportLog() take rows as they are shown", () => {
  const log = new Log({ messages: 1 });
  log.isHeld = true;
  const answers = log.add({
    direction: "sent",
    payload: "Straße (1)",
    size: 11,
  });
  log.add({
    direction: "received",
    payload: Uint8Array.of(0xab, 1).buffer,
    size: 2,
    answers,
    roundTrip: 1.23456,
    verdict: "different",
    client: 7,
    isCut: true,
  });
  log.add({ event: closing });
  const found = (direction: "all" | "sent" | "event", text: string) =>
    ids(log.rows.filter(rowFilter(direction, text, ({ id }) => `row ${id}`)));
  assertEquals(found("all", ""), [1, 2, 3]);
  assertEquals(found("all", "STRASSE"), []);
  assertEquals(found("all", "straße (1)"), [1]);
  assertEquals(found("all", "ROW"), [2, 3]);
  assertEquals(found("event", ""), [3]);

  const read = () =>
    JSON.parse([...exportLog(log, { url: "ws://h/" })].join(""));
  const { url, rows, gaps } = read();
  assertEquals([url, gaps, rows[0].text], ["ws://h/", [], "Straße (1)"]);
  assertEquals([rows[1].hex, rows[1].roundTrip], ["ab01", 1.235]);
  assertEquals([rows[1].answers, rows[1].verdict], [1, "different"]);
  assertEquals([rows[1].client, rows[1].isCut], [7, true]);
  assertEquals([rows[2].name, rows[2].code], ["closing", 1000]);

  log.isHeld = false;
  const { dropped, gaps: [gap], rows: [left] } = read();
  assertEquals([dropped, gap.messages, gap.lastId, left.id], [2, 2, 2, 3]);
});

const always = () => true;
const never = () => false;

Deno.test("RowIndex takes in what is added and dropped, in pairs or apart", () => {
  const log = new Log({ messages: 10 });
  log.add({ event: closing });
  const pairs = new RowIndex(log, always, true);
  const apart = new RowIndex(log, always, false);
  const received = new RowIndex(
    log,
    (row) => row.direction === "received",
    true,
  );
  const advance = () => {
    for (const index of [pairs, apart, received]) assert(index.advance(never));
  };
  for (let i = 0; i < 3; i++) exchange(log);
  advance();
  assertEquals([ids(pairs.rows), pairs.entries], [[1, 2, 4, 6], 7]);
  assertEquals([ids(apart.rows), apart.entries], [[1, 2, 3, 4, 5, 6, 7], 7]);
  // Their messages are not shown.
  assertEquals([ids(received.rows), received.entries], [[3, 5, 7], 3]);

  const first = exchange(log).answers!;
  // A second reply has a row of its own.
  log.add({ direction: "received", payload: "x", size: 1, answers: first });
  for (let i = 0; i < 3; i++) exchange(log);
  advance();
  assertEquals([ids(pairs.rows), pairs.entries], [
    [1, 6, 8, 10, 11, 13, 15],
    12,
  ]);
  assertEquals(ids(apart.rows), ids(log.rows));
});

Deno.test("RowIndex looks at many rows in slices", () => {
  const log = new Log();
  send(log, 1_000);
  const index = new RowIndex(log, always, true);
  let slices = 1;
  while (!index.advance(always)) slices++;
  assertEquals([index.rows.length, index.last], [1_000, 1_000]);
  assert(slices > 10, `${slices} slices`);
});

Deno.test("firstFrom() finds ids with gaps between them", () => {
  const rows = [2, 3, 7].map((id) => ({ id }) as Row);
  assertEquals(
    [0, 2, 3, 4, 7, 8].map((id) => firstFrom(rows, id)),
    [0, 0, 1, 2, 2, 3],
  );
});

Deno.test("createLayout() finds rows by place and places by row, opened ones included", () => {
  const heights = Array.from({ length: 50 }, (_, i) => i % 17 === 3 ? 250 : 20);
  const opened = heights.map((height, index) => ({ index, extra: height - 20 }))
    .filter(({ extra }) => extra > 0);
  const layout = createLayout(50, 20, opened);
  let top = 0;
  for (const [i, height] of heights.entries()) {
    assertEquals(layout.top(i), top);
    for (const y of [top, top + height - 1]) assertEquals(layout.at(y), i);
    top += height;
  }
  assertEquals(layout.height, top);
  assertEquals([layout.at(-5), layout.at(top), layout.at(1e9)], [0, 49, 49]);

  assertEquals(layout.window(0, 50, 2), { start: 0, end: 5 });
  assertEquals(layout.window(100, 100, 0), { start: 3, end: 4 });
  assertEquals(layout.window(top - 40, 40, 5), { start: 43, end: 50 });
  // In view, above it, below it, and higher than it.
  assertEquals(layout.reveal(1, 10, 100), 10);
  assertEquals(layout.reveal(1, 30, 100), 20);
  assertEquals(layout.reveal(2, 0, 50), 10);
  assertEquals(layout.reveal(3, 0, 100), 60);

  const none = createLayout(0, 20, []);
  assertEquals([none.height, none.at(7)], [0, 0]);
  assertEquals(none.window(0, 500, 9), { start: 0, end: 0 });
});

Deno.test("walk() stays within the list", () => {
  const keys = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
  const from = (index: number) => keys.map((key) => walk(key, index, 10, 50));
  assertEquals(from(0), [0, 1, 0, 10, 0, 49]);
  assertEquals(from(20), [19, 21, 10, 30, 0, 49]);
  assertEquals(from(49), [48, 49, 39, 49, 0, 49]);
  assertEquals(walk("Enter", 20, 10, 50), undefined);
});
