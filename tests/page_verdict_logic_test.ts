/** What the page knows about replies without a browser. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseTemplate, Tally } from "../static/burst.js";
import { defaultEndpoints, listChoices } from "../static/endpoint.js";
import { expectReplies } from "../static/expectation.js";
import { Log } from "../static/log.js";
import { Pairing } from "../static/pairing.js";
import { Statistics } from "../static/statistics.js";
import { english } from "../static/words.js";

type Payload = string | ArrayBuffer;

const page = {
  origin: "ws://own:1",
  choices: listChoices(defaultEndpoints, ""),
  prefix: "",
};
const expect = (url: string, prefix = "") =>
  expectReplies(url, { ...page, prefix });
const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

Deno.test("expectReplies() knows the replies of the page's own endpoints alone", () => {
  const ß = bytes(0xc3, 0x9f);
  // deno-fmt-ignore
  const rows: [url: string, payload: Payload, reply: Payload | undefined][] = [
    ["ws://own:1/", "aß", "aß"],
    ["ws://own:1/echo", "a\ud800", "a\ufffd"],
    ["ws://own:1/echo?prefix=got:%20", "a", "got: a"],
    ["ws://own:1/echo?prefix=x", ß, ß],
    ["ws://own:1/uppercase/", "aß", "ASS"],
    ["ws://own:1/uppercase?prefix=x", "a", "xA"],
    ["ws://own:1/uppercase", ß, bytes(0x53, 0x53)],
    ["ws://own:1/uppercase", bytes(0xff), undefined],
    ["ws://own:1/else", "a", undefined],
    ["ws://other:1/echo", "a", undefined],
  ];
  for (const [url, payload, reply] of rows) {
    assertEquals(expect(url).replyTo?.(payload), reply, url);
  }
  const { replyTo } = expect("ws://own:1/", "default ");
  assertEquals(replyTo?.("a"), "default a");
  assertEquals(expect("ws://own:1/?prefix=", "default ").replyTo?.("a"), "a");
});

Deno.test("expectReplies() reads whether and how long to wait for replies", () => {
  const measured = (url: string) => expect(url).isMeasured;
  const known = ["?info=1&close=1000&after=3", "?push=10", "?mute=1&repeat=2"]
    .concat("?push=10&size=8", "?drop=0", "?size=1");
  for (const query of known) assert(measured(`ws://own:1/${query}`), query);
  for (const query of ["?drop=1", "?push=10&size=7"]) {
    assert(!measured(`ws://own:1/${query}`), query);
  }
  assert(!measured("ws://other:1/?repeat=2"));
  assertEquals(expect("ws://own:1/?delay=50&jitter=7").patience(9), 2_057);
  assertEquals(expect("ws://own:1/?rate=1024").patience(0), 4_000);
});

Deno.test("isUnasked() tells the greeting and pushed messages from replies", () => {
  const pushed = (n: number) => `${n} 2026-11-20T12:00:00.000Z`;
  const info = '{"id":1,"remoteAddress":"127.0.0.1"}';
  const text = expect("ws://own:1/?info=1&push=10").isUnasked;
  assertEquals(
    [info, pushed(1), "a", pushed(1), pushed(2), info].map(text),
    [true, true, false, false, true, false],
  );
  const binary = expect("ws://own:1/?push=10&size=4").isUnasked;
  const given = [bytes(1, 2, 3, 4), bytes(1, 2, 3, 4), bytes(2, 3, 4, 5)];
  assertEquals([...given, "1"].map(binary), [true, false, true, false]);
});

/** What a burst of numbered messages comes to that gets these replies. */
function judge(query: string, sent: string[], replies: string[]) {
  const expectation = expect(`ws://own:1/${query}`);
  const [log, pairing] = [new Log(), new Pairing(expectation)];
  const tally = new Tally(new Set(sent).size === sent.length);
  sent.forEach((text, i) => {
    tally.leaving++;
    const about = { at: 1_000 + i };
    pairing.sent(
      log.add({
        direction: "sent",
        payload: text,
        size: text.length,
        ...about,
      }),
      tally,
    );
  });
  replies.forEach((text, i) => pairing.received(text, 4_000 + i));
  const { back, lost, altered, repeated, inOrder, took } = tally.outcome!;
  assertEquals(took, replies.length > 0 ? 2_999 + replies.length : 0);
  return [back, lost, altered, repeated, inOrder, tally.isComplete];
}

Deno.test("Pairing and Tally tell lost, altered, repeated and disordered replies apart", () => {
  const four = ["1", "2", "3", "4"];
  const same = ["x", "x", "x"];
  // deno-fmt-ignore
  const rows: [string, string[], string[], unknown[]][] = [
    ["", four, four, [4, 0, 0, 0, true, true]],
    ["", four, ["1", "3", "4"], [3, 1, 0, 0, true, false]],
    ["", four, ["1", "!", "3", "4"], [4, 0, 1, 0, true, true]],
    ["", four, ["1", "3", "2", "4"], [4, 0, 0, 0, false, true]],
    ["", four, ["1", "1", "2", "3", "4"], [5, 0, 0, 1, true, true]],
    ["", four, ["unasked", ...four], [5, 0, 0, 1, true, true]],
    ["", four, [], [0, 4, 0, 0, undefined, false]],
    ["", same, same, [3, 0, 0, 0, undefined, true]],
    ["", same, ["x", "X"], [2, 1, 1, 0, undefined, false]],
    ["?drop=50", four, ["2", "4"], [2, 2, 0, 0, true, false]],
    ["?drop=50", same, ["x"], [1, 2, 0, 0, undefined, false]],
    ["?repeat=2", ["1", "2"], ["1", "1", "2", "2"], [4, 0, 0, 2, true, true]],
    ["?repeat=2", same, ["x", "x", "x"], [3, 1, 0, 1, undefined, false]],
  ];
  for (const [query, sent, replies, outcome] of rows) {
    assertEquals(judge(query, sent, replies), outcome, `${query} ${replies}`);
  }
});

Deno.test("the verdict says how long a burst took in milliseconds or seconds", () => {
  const outcome = { sent: 2, back: 2, lost: 0, altered: 0, repeated: 0 };
  const others = { isCut: false, inOrder: undefined };
  const verdict = (took: number) =>
    english.verdict({ ...outcome, ...others, took });
  const counts = "2 sent, 2 back, 0 lost, 0 altered";
  assertEquals(verdict(12.34), `${counts}, 12.3 ms`);
  assertEquals(verdict(3_400), `${counts}, 3.4 s`);
});

Deno.test("Pairing pairs first in, first out where no reply is known", () => {
  const [log, pairing] = [new Log(), new Pairing(expect("ws://other/"))];
  assertEquals(pairing.received("unasked", 0), undefined);
  const rows = Array.from({ length: 5_000 }, (_, i) => {
    const row = log.add({ direction: "sent", payload: String(i), size: 1 });
    pairing.sent(row);
    return row;
  });
  for (const row of rows) {
    const { sent, verdict } = pairing.received("any", 0)!;
    assertEquals([sent.row.id, verdict], [row.id, undefined]);
  }
  assertEquals(pairing.received("unasked", 0), undefined);
});

Deno.test("Pairing gives up when too many messages wait, by number or size", () => {
  for (
    const limits of [{ messages: 3, bytes: 99 }, { messages: 99, bytes: 8 }]
  ) {
    const pairing = new Pairing(expect("ws://own:1/"), limits);
    const [log, tally] = [new Log(), new Tally(true)];
    const send = (text: string) => {
      tally.leaving++;
      pairing.sent(
        log.add({ direction: "sent", payload: text, size: 2, at: 0 }),
        tally,
      );
    };
    // Those that have their reply do not count.
    for (let i = 10; i < 20; i++) {
      send(`${i}`);
      assertEquals(pairing.received(`${i}`, 1)?.verdict, "equal");
    }
    for (const text of ["a.", "b.", "c."]) send(text);
    assert(pairing.isMeasured);
    assertEquals(pairing.received("a.", 2)?.verdict, "equal");
    for (const text of ["d.", "e.", "f."]) send(text);
    assertEquals(pairing.isMeasured, false);
    // Which message this answers is no longer known.
    assertEquals(pairing.received("b.", 3), undefined);
    const { back, altered, inOrder, took } = tally.outcome!;
    assertEquals([back, altered, inOrder, took], [12, undefined, undefined, 3]);
  }
});

Deno.test("Pairing compares every byte", () => {
  const [log, pairing] = [new Log(), new Pairing(expect("ws://own:1/"))];
  const sent = Uint8Array.from({ length: 11 }, (_, i) => i);
  for (let i = 0; i < sent.length; i++) {
    pairing.sent(
      log.add({ direction: "sent", payload: sent.buffer, size: sent.length }),
    );
    const reply = sent.slice();
    reply[i]! ^= 1;
    assertEquals(pairing.received(reply.buffer, 0)?.verdict, "different");
    assertEquals(pairing.received(sent.slice().buffer, 0)?.verdict, "equal");
  }
});

Deno.test("parseTemplate() fills in what stands in braces", () => {
  const fill = (text: string, n: number) => parseTemplate(text)?.fill(n);
  assertEquals(fill("a {x} {} n", 1), undefined);
  assertEquals(fill('{"a":{n},"b":{n}}', 7), '{"a":7,"b":7}');
  assertEquals(fill("{{n}} {{time}} {n}", 2), "{n} {time} 2");
  assertMatch(fill("{time}", 1)!, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assertMatch(fill("{random}{random}", 1)!, /^[0-9a-f]{16}$/);
  const distinct = ["{n}", "{random}", "{time}", "{{n}}"]
    .map((text) => parseTemplate(text)?.isDistinct);
  assertEquals(distinct, [true, true, false, false]);
});

Deno.test("Statistics says while its window includes queueing", () => {
  const statistics = new Statistics();
  const count = (isQueued: boolean) =>
    statistics.count("received", 1, 2, isQueued);
  count(false);
  assert(!statistics.includesQueueing);
  count(true);
  for (let i = 1; i < Statistics.window; i++) count(false);
  assert(statistics.includesQueueing);
  count(false);
  assert(!statistics.includesQueueing);
});
