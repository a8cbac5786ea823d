import type { LogOptions } from "../cli/log.ts";
import type { EndOptions } from "../server/running_service.ts";
import type { ServiceOptions } from "../server/service_options.ts";
import type { TallyMemory } from "../server/tally.ts";
import type { HubCall, LinkMessage, MemberCall } from "./watch_link.ts";

/** What the main thread tells a worker. */
export type Command =
  /** The first one: serve, and count in a slot of the tally. */
  | {
    kind: "start";
    service: ServiceOptions;
    log: LogOptions;
    tally: TallyMemory;
    slot: number;
  }
  | { kind: "close the heaviest" }
  | { kind: "end"; options: EndOptions }
  | LinkMessage<MemberCall>;

/** What a worker tells the main thread. */
export type Report =
  | { kind: "listening" }
  /** It cannot start. */
  | { kind: "failed"; message: string }
  /** Lines of the log, without the last line break. */
  | { kind: "lines"; lines: string }
  /** An unexpected error, formatted. */
  | { kind: "error"; text: string }
  /** An error that nothing caught. */
  | { kind: "broken" }
  /** The platform's listener has ended, for want of descriptors. */
  | { kind: "lost" }
  /** All that it served has ended. */
  | { kind: "ended" }
  | LinkMessage<HubCall>;
