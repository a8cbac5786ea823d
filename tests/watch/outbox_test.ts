import { assertEquals } from "@std/assert";
import { Outbox } from "../../handlers/watch/outbox.ts";

const MIB = 1_048_576;

/** An outbox, and the batches that it has sent. */
function createOutbox() {
  const batches: string[][] = [];
  const outbox = new Outbox<string>({
    send: (items) => batches.push(items),
    missed: (scope, count) => `${count} of ${scope}`,
  });
  return { outbox, batches };
}

Deno.test("Outbox sends at once, then in batches that were acknowledged", async () => {
  const { outbox, batches } = createOutbox();
  await outbox.handled();
  for (const item of ["a", "b", "c"]) assertEquals(outbox.push(item, 1), true);
  assertEquals(batches, [["a"]]);
  outbox.acknowledge();
  outbox.force("d", 1);
  assertEquals(batches, [["a"], ["b", "c"]]);
  outbox.acknowledge();
  outbox.acknowledge();
  outbox.push("e", 1);
  assertEquals(batches, [["a"], ["b", "c"], ["d"], ["e"]]);
});

Deno.test("Outbox.handled() resolves when the last item was handled", async () => {
  const { outbox } = createOutbox();
  const seen: string[] = [];
  outbox.push("a", 1);
  outbox.handled().then(() => seen.push("a"));
  outbox.push("b", 1);
  const handled = outbox.handled().then(() => seen.push("b"));
  outbox.acknowledge();
  outbox.push("c", 1);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(seen, ["a"]);
  outbox.acknowledge();
  await handled;
  assertEquals(seen, ["a", "b"]);
});

Deno.test("Outbox.push() lets 4 MiB wait, and anything when nothing is under way", () => {
  const { outbox, batches } = createOutbox();
  assertEquals(outbox.push("alone", 100 * MIB), true);
  let accepted = 0;
  while (outbox.push(`${accepted}`, MIB / 8)) accepted++;
  assertEquals(accepted, 31);
  // What must not be lost goes its way, and counts.
  outbox.force("forced", 4 * MIB);
  assertEquals(outbox.push("small", 0), false);
  outbox.acknowledge();
  assertEquals(batches[1]?.length, 32);
  let small = 0;
  for (let i = 0; i < 50_000; i++) if (outbox.push("small", 0)) small++;
  assertEquals(small, 41_943);
});

Deno.test("Outbox.publish() counts what is missed, by scope and in its place", () => {
  const { outbox, batches } = createOutbox();
  outbox.push("first", 0);
  outbox.publish("k", "k1", 3 * MIB, 1);
  outbox.publish("k", "k2", MIB, 1);
  outbox.publish("k", "3 of k", MIB, 3);
  outbox.publish(7, "w1", MIB, 1);
  // There is room for what is smaller, after what is missed.
  outbox.publish("k", "k4", 0, 1);
  outbox.publish("k", "k5", MIB, 1);
  outbox.force("other", 0, "other");
  outbox.force("end", 0, "k");
  outbox.publish("k", "k6", MIB, 1);
  outbox.publish("k", "k7", MIB, 1);
  assertEquals(batches, [["first"]]);
  outbox.acknowledge();
  assertEquals(batches[1], [
    ...["k1", "4 of k", "k4", "other", "1 of k", "end"],
    ...["1 of 7", "2 of k"],
  ]);
  outbox.acknowledge();
  assertEquals(batches.length, 2);
});

Deno.test("Outbox.publish() sums up for each scope, whatever comes", () => {
  const { outbox, batches } = createOutbox();
  const sent: Record<string, number> = {};
  for (let i = 0; i < 20_000; i++) {
    const scope = `${i % 3}`;
    const count = i % 7 === 0 ? i % 5 + 1 : 1;
    sent[scope] = (sent[scope] ?? 0) + count;
    outbox.publish(scope, `${count} of ${scope}`, i * 997 % 200_000, count);
    if (i % 271 === 0) outbox.acknowledge();
    if (i % 503 === 0) outbox.force(`0 of ${scope}`, 10, scope);
  }
  for (let i = 0; i < 3; i++) outbox.acknowledge();
  const found: Record<string, number> = {};
  for (const item of batches.flat()) {
    const [count, scope] = item.split(" of ");
    found[scope!] = (found[scope!] ?? 0) + Number(count);
  }
  assertEquals(found, sent);
});
