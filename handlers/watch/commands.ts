import type { Message } from "../handler.ts";
import {
  describeRanges,
  isInRanges,
  MAX_REASON_BYTES,
  SENDABLE_CLOSE_CODES,
} from "../websocket/close_codes.ts";
import { byteLength } from "../websocket/payload.ts";
import { listWords, quote } from "../websocket/text.ts";
import type { ReplyMode } from "./events.ts";

/** What a watcher asks for; without an `id`, of all connections of its key. */
export type WatchCommand =
  | { command: "send"; id: number | undefined; message: Message }
  | {
    command: "close";
    id: number | undefined;
    code: number;
    reason: string;
  }
  | { command: "reply"; id: number | undefined; mode: ReplyMode };

/** A command that was read, or why it could not be. */
export type ParsedCommand =
  & {
    /** The JSON of the command as it came, or of the beginning of its text. */
    source: string;
  }
  & ({ command: WatchCommand } | { error: string });

/** A longer text is not repeated in an error. */
const MAX_SOURCE_CHARACTERS = 65_536;
/** So much is repeated of a text that is too long or is not JSON. */
const SHOWN_CHARACTERS = 1_024;
/**
 * So many characters of a command may stand outside its strings. JSON of many
 * fields, or that is nested deeply, takes seconds to parse.
 */
const MAX_OUTSIDE_STRINGS = 65_536;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A field of a command. */
interface Field {
  /** What is expected, for an error. */
  expected: string;
  /** The value that it stands for; undefined when it is not as expected. */
  read(value: unknown): string | number | ArrayBuffer | undefined;
  /** Its value where the command has none; without it, see `required`. */
  default?: string | number;
  required?: true;
}

const ID: Field = {
  expected: "a whole number",
  read: (value) => isWhole(value) ? value : undefined,
};
const TEXT: Field = {
  expected: "a string",
  read: (value) => typeof value === "string" ? value : undefined,
};

/** The fields of each command. */
const COMMANDS: Record<WatchCommand["command"], Record<string, Field>> = {
  send: {
    id: ID,
    text: TEXT,
    base64: { expected: "base64 with padding", read: readBase64 },
  },
  close: {
    id: ID,
    code: {
      expected: describeRanges(SENDABLE_CLOSE_CODES),
      read: (value) =>
        isWhole(value) && isInRanges(value, SENDABLE_CLOSE_CODES)
          ? value
          : undefined,
      default: 1000,
    },
    reason: {
      expected: `a string of at most ${MAX_REASON_BYTES} bytes of UTF-8`,
      read: (value) =>
        typeof value === "string" && byteLength(value) <= MAX_REASON_BYTES
          ? value
          : undefined,
      default: "",
    },
  },
  reply: {
    id: ID,
    mode: {
      expected: '"auto" or "manual"',
      read: (value) =>
        value === "auto" || value === "manual" ? value : undefined,
      required: true,
    },
  },
};

/** Reads a command. */
export function parseCommand(message: Message): ParsedCommand {
  if (typeof message !== "string") {
    return { source: "null", error: unreadable("a binary message") };
  }
  const beginning = JSON.stringify(message.slice(0, SHOWN_CHARACTERS));
  if (!isMostlyStrings(message)) {
    return {
      source: beginning,
      error: unreadable(
        `a text with more than ${MAX_OUTSIDE_STRINGS} characters outside of strings`,
      ),
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return {
      source: beginning,
      error: unreadable(`${quote(message)}, which is not JSON`),
    };
  }
  const source = message.length > MAX_SOURCE_CHARACTERS ? beginning : message;
  const command = readCommand(value);
  return typeof command === "string"
    ? { source, error: command }
    : { source, command };
}

function isMostlyStrings(json: string): boolean {
  let outside = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === QUOTE) isInString = !isInString;
    else if (!isInString && ++outside > MAX_OUTSIDE_STRINGS) return false;
    // What it escapes may be a quote.
    else if (unit === BACKSLASH) i++;
  }
  return true;
}

/** @returns what is wrong with it, if it is a string */
function readCommand(value: unknown): WatchCommand | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return unreadable(show(value));
  }
  const given = value as Record<string, unknown>;
  const name = given["command"];
  if (!isCommand(name)) {
    return `Cannot read the command: "command" is ${show(name)}, expected ${
      list(Object.keys(COMMANDS))
    }`;
  }
  const fields = COMMANDS[name];
  const wrong = (text: string) => `Cannot ${name}: ${text}`;
  const unknown = Object.keys(given).find((key) =>
    key !== "command" && !Object.hasOwn(fields, key)
  );
  if (unknown !== undefined) {
    return wrong(
      `${quote(unknown)} is not a field of it, expected ${
        list(Object.keys(fields))
      }`,
    );
  }
  const values: Record<string, ReturnType<Field["read"]>> = {};
  for (const [key, field] of Object.entries(fields)) {
    const isGiven = Object.hasOwn(given, key);
    const value = isGiven ? field.read(given[key]) : field.default;
    if (value === undefined && (isGiven || field.required)) {
      return wrong(
        `"${key}" is ${show(given[key])}, expected ${field.expected}`,
      );
    }
    values[key] = value;
  }
  if (name !== "send") return { command: name, ...values } as WatchCommand;
  const { id, text, base64 } = values;
  if ((text === undefined) === (base64 === undefined)) {
    const state = text === undefined ? "missing" : "given";
    return wrong(`"text" and "base64" are both ${state}, expected one of them`);
  }
  return { command: name, id, message: text ?? base64 } as WatchCommand;
}

function isCommand(name: unknown): name is WatchCommand["command"] {
  return typeof name === "string" && Object.hasOwn(COMMANDS, name);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function readBase64(value: unknown): ArrayBuffer | undefined {
  if (typeof value !== "string") return;
  try {
    return Uint8Array.fromBase64(value, { lastChunkHandling: "strict" }).buffer;
  } catch {
    return;
  }
}

function unreadable(found: string): string {
  return `Cannot read the command: expected a JSON object, got ${found}`;
}

function list(names: string[]): string {
  return listWords(names.map((name) => `"${name}"`), "or");
}

/** Shows a value of JSON in a sentence. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : `${value}`;
}
