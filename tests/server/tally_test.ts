import { assertEquals } from "@std/assert";
import { Tally } from "../../handlers/server/tally.ts";

Deno.test("Tally counts for the process and for each thread", () => {
  const buffer = Tally.create(2);
  const [one, other] = [new Tally(buffer, 0), new Tally(buffer, 1)];
  assertEquals([one.nextId(), other.nextId(), one.nextId()], [1, 2, 3]);
  assertEquals(one.isSuspended, false);
  assertEquals(
    [one.add("open", 1), other.add("open", 1), other.add("open", 1)],
    [1, 2, 3],
  );
  one.add("held", 5_000_000_000);
  other.add("held", 10);
  other.add("workers", 1);
  other.noteOpening(4);
  other.noteLeaked(5);
  other.beat();
  assertEquals([one.total("open"), one.total("held")], [3, 5_000_000_010]);
  assertEquals([one.holdsMost(), other.holdsMost()], [true, false]);
  const { open, held } = one.read();
  assertEquals([open, held], [1, 5_000_000_000]);
  assertEquals(other.read(), {
    ...{
      open: 2,
      held: 10,
      responses: 0,
      workers: 1,
      opening: 4,
      leaked: 5,
      beats: 1,
    },
  });

  // The thread has ended: the other's counts stay, and numbers are not reused.
  other.clear();
  assertEquals([one.total("open"), one.total("held"), one.nextId()], [
    1,
    5_000_000_000,
    4,
  ]);
  assertEquals(new Set(Object.values(other.read())), new Set([0]));
});

Deno.test("Tally.isSuspended is seen by all threads", () => {
  const buffer = Tally.create(2);
  const [one, other] = [new Tally(buffer, 0), new Tally(buffer, 1)];
  one.isSuspended = true;
  assertEquals(other.isSuspended, true);
  other.isSuspended = false;
  assertEquals(one.isSuspended, false);
});
