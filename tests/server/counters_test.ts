import { assertEquals } from "@std/assert";
import { Counters, SERIES } from "../../handlers/server/counters.ts";

Deno.test("Counters adds up all threads, and groups the codes that clients choose", () => {
  const memory = Counters.create(2);
  const [one, other] = [new Counters(memory, 0), new Counters(memory, 1)];
  one.opened();
  other.opened();
  one.message("in", 5_000_000_000);
  other.message("in", 3);
  other.message("out", 0);
  for (const code of [999, 1000, 1015, 1016, 2999, 3000, 3999, 4999, 5000]) {
    one.closed(code);
  }
  other.closed(1006, 7);
  other.closed(1006, 0);
  for (const status of [200, 503, 599, 503]) other.refused(status);
  one.recycled();

  const totals = one.totals();
  assertEquals(totals, other.totals());
  assertEquals(
    SERIES.flatMap(({ name, value = "" }, index) =>
      totals[index] === 0 ? [] : [`${name} ${value}: ${totals[index]}`]
    ),
    [
      "opened : 2",
      "closed 1000: 1",
      "closed 1006: 7",
      "closed 1015: 1",
      "closed 3xxx: 2",
      "closed 4xxx: 1",
      "closed other: 4",
      "refused 200: 1",
      "refused 503: 2",
      "refused 599: 1",
      "messages receive: 2",
      "messages transmit: 1",
      "bytes receive: 5000000003",
      "recycled : 1",
    ],
  );
});
