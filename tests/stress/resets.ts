import { handshakeRequest } from "../support/raw_client.ts";
import { ResetSocket } from "../support/reset_socket.ts";
import { until } from "../support/wait.ts";
import { retry, untilServed, watchNewcomers } from "./bystander.ts";
import { inParallel } from "./parallel.ts";
import { atMost, type Part, scale } from "./part.ts";

/** Resets at a time. */
const WIDTH = 32;
/** Descriptors that the service may have afterwards. */
const DESCRIPTORS = 150;

/** Resets during the handshake: the platform loses a descriptor to each. */
export const resets: Part = {
  name: "resets",
  summary: "3,000 resets right after the request, with 1,024 descriptors",
  // The platform does not end what it has leaked.
  service: { maxFiles: 1_024, args: ["--grace", "1"] },
  expects: ["lost", "recycled"],
  async run(stage, size) {
    const { service } = stage;
    const count = scale(3_000, size);
    const endNewcomers = watchNewcomers(service.port);
    await inParallel(count, WIDTH, async () => {
      const socket = await retry(() => ResetSocket.open(service.port));
      await socket.write(handshakeRequest());
      await socket.reset();
    });
    const start = performance.now();
    const afterwards = await untilServed(service.port);
    await until(
      () => service.descriptors() < DESCRIPTORS,
      "the descriptors are given back",
    );
    const seconds = (performance.now() - start) / 1_000;
    stage.maxLeaked = DESCRIPTORS - stage.descriptors;
    const longest = Math.max(await endNewcomers(), afterwards);
    return [
      atMost(2_000, longest, "longest wait of a newcomer, ms"),
      atMost(10, seconds, `seconds until below ${DESCRIPTORS} descriptors`),
    ];
  },
};
