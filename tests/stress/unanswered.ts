import { assertStringIncludes } from "@std/assert";
import { RawClient } from "../support/raw_client.ts";
import { until } from "../support/wait.ts";
import { untilServed } from "./bystander.ts";
import { atMost, type Part } from "./part.ts";

const PLACES = 50;

/** Clients that keep their places by not answering the close frame. */
export const unanswered: Part = {
  name: "unanswered",
  summary: "clients that never answer the close frame take all places",
  service: { args: ["--max-connections", `${PLACES}`] },
  async run({ service: { port } }) {
    using clients = new DisposableStack();
    // The bystander has a place.
    for (let i = 1; i < PLACES; i++) {
      clients.use(await RawClient.connect(port, "/?close=1000"));
    }
    // A place is taken when a connection opens, just after its handshake.
    await until(async () => {
      try {
        clients.use(await RawClient.connect(port));
        return false;
      } catch (error) {
        assertStringIncludes(`${error}`, "status 503");
        return true;
      }
    }, "a newcomer is refused");
    const seconds = await untilServed(port) / 1_000;
    return [atMost(12, seconds, "seconds until a newcomer is served")];
  },
};
