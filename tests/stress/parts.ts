import { faults } from "./faults.ts";
import { frames } from "./frames.ts";
import { handshakes } from "./handshakes.ts";
import type { Part } from "./part.ts";
import { soak } from "./soak.ts";

/** All parts, in the order in which they run. */
export const PARTS: readonly Part[] = [handshakes, frames, faults, soak];
