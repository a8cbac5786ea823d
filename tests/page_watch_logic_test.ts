/** What the page makes of a watcher's events, without a browser. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import * as watch from "../static/watch_events.js";

const TIME = "2026-11-20T12:00:00.000Z";
const AT = Date.parse(TIME);

/** An event about a client. */
const of = (event: string, id: number, fields = {}, time = TIME) => ({
  event,
  time,
  id,
  ...fields,
});

/** What the list shows. */
const states = ({ all }: watch.ClientList) =>
  all.map(({ id, latest }) => `${id} ${latest.name}`);

Deno.test("ClientList.apply() makes rows of events", () => {
  const clients = new watch.ClientList();
  const about = { at: AT, client: 1 };
  const message = of("message", 1, { direction: "in", size: 2 });
  const close = { code: 1000, reason: "", by: "client" };
  for (
    const [event, ...entries] of [
      [{ event: "watching", connections: [] }],
      [of("open", 1, { path: "/" }), {
        event: { name: "joined", path: "/" },
        ...about,
      }],
      [{ ...message, text: "hé" }, {
        direction: "received",
        payload: "hé",
        size: 2,
        ...about,
      }],
      [
        { ...message, direction: "out", base64: "AP8=", truncated: true },
        {
          direction: "sent",
          payload: Uint8Array.of(0, 255).buffer,
          size: 2,
          ...about,
          isCut: true,
        },
      ],
      [of("close", 1, close), { event: { name: "left", ...close }, ...about }],
      [{ event: "missed", count: 7 }, {
        event: { name: "missed", count: 7 },
      }],
      [{ event: "of a later version" }],
    ]
  ) assertEquals(clients.apply(event), entries as watch.Entry[]);
  assertEquals(states(clients), ["1 left"]);
});

Deno.test("ClientList.apply() knows again who is still there", () => {
  const clients = new watch.ClientList();
  for (const id of [1, 2, 3]) clients.apply(of("open", id));
  clients.apply(of("refused", 4));
  // 2 has gone, and the server has begun to count again.
  const later = "2026-11-20T13:00:00.000Z";
  const connections = [of("open", 1), of("open", 3, {}, later)];
  const rows = clients.apply({ event: "watching", connections });
  assertEquals(
    rows.map(({ client, event }) => [event?.name, client]),
    [["lost", 2], ["lost", 3], ["joined", 3]],
  );
  assertEquals(
    states(clients),
    ["1 joined", "2 lost", "3 lost", "4 refused", "3 joined"],
  );
});

Deno.test("ClientList.apply() takes over who is answered by hand", () => {
  const clients = new watch.ClientList();
  const modes = () => [clients.mode, ...clients.all.map(({ mode }) => mode)];
  const connections = [of("open", 1), of("open", 2)];
  clients.apply({ event: "watching", connections, manual: [2] });
  assertEquals(modes(), ["auto", "auto", "manual"]);
  // What is true of all holds for those that come as well.
  for (
    const [id, mode, ...expected] of [
      [1, "manual", "manual", "manual", "manual"],
      [2, "auto", "manual", "manual", "auto"],
      [1, "auto", "auto", "auto", "auto"],
      [3, "manual", "auto", "auto", "auto"],
    ]
  ) {
    assertEquals(clients.apply({ event: "reply", id, mode }), []);
    assertEquals(modes(), expected);
  }
});

Deno.test("ClientList.apply() forgets the oldest that are not open", () => {
  const clients = new watch.ClientList();
  clients.apply(of("open", 1));
  for (let id = 2; id <= 152; id++) clients.apply(of("refused", id));
  assertEquals(clients.all.length, 101);
  assertEquals(states(clients).slice(0, 2), ["1 joined", "53 refused"]);
});

Deno.test("readEvent(), sendCommand() and keys", () => {
  for (
    const bad of ["", "x", "null", "7", "{}", '{"event":1}', new ArrayBuffer(2)]
  ) {
    assertEquals(watch.readEvent(bad), undefined);
  }
  assertEquals(watch.readEvent('{"event":"x"}'), { event: "x" });
  assertEquals(watch.sendCommand("ä"), { command: "send", text: "ä" });
  const bytes = crypto.getRandomValues(new Uint8Array(20_000));
  assertEquals(watch.sendCommand(bytes.buffer), {
    command: "send",
    base64: bytes.toBase64(),
  });
  for (
    const [fragment, key] of [
      ["#watch", ""],
      ["#watch=", ""],
      ["#watch=a-b_c", "a-b_c"],
      ["#watch=a%20b", "a b"],
      ["#watched", undefined],
      ["#ws://host/?a&watch=key", undefined],
      ["", undefined],
    ] as const
  ) assertEquals(watch.readKey(fragment), key, fragment);
  assertMatch(watch.freshKey(), /^[\w-]{22}$/);
  assertNotEquals(watch.freshKey(), watch.freshKey());
});
