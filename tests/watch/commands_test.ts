import { assertEquals } from "@std/assert";
import {
  parseCommand,
  type WatchCommand,
} from "../../handlers/watch/commands.ts";

const buffer = (...bytes: number[]) => Uint8Array.from(bytes).buffer;

const COMMANDS: [text: string, command: WatchCommand][] = [
  ['{"command":"send","text":""}', {
    command: "send",
    id: undefined,
    message: "",
  }],
  [' {"id": 7.0, "text":"a", "command":"send"}\n', {
    command: "send",
    id: 7,
    message: "a",
  }],
  ['{"command":"send","id":0,"base64":"AAH/"}', {
    command: "send",
    id: 0,
    message: buffer(0, 1, 255),
  }],
  ['{"command":"close"}', {
    command: "close",
    id: undefined,
    code: 1000,
    reason: "",
  }],
  [`{"command":"close","id":7,"code":4999,"reason":"${"x".repeat(123)}"}`, {
    command: "close",
    id: 7,
    code: 4999,
    reason: "x".repeat(123),
  }],
  ['{"command":"reply","id":7,"mode":"manual"}', {
    command: "reply",
    id: 7,
    mode: "manual",
  }],
  ['{"command":"reply","mode":"auto"}', {
    command: "reply",
    id: undefined,
    mode: "auto",
  }],
];

Deno.test("parseCommand() reads every command, and keeps its text", () => {
  for (const [text, command] of COMMANDS) {
    assertEquals(parseCommand(text), { source: text, command });
  }
});

const READ = "Cannot read the command: ";
const NAMES = '"send", "close" or "reply"';
const CODES = "expected a code of 1000-1003, 1007-1014 and 3000-4999";

/** What cannot be carried out, and why. */
const ERRORS: [text: string, error: string][] = [
  ["null", `${READ}expected a JSON object, got null`],
  ["7", `${READ}expected a JSON object, got 7`],
  ['"send"', `${READ}expected a JSON object, got "send"`],
  ["[1]", `${READ}expected a JSON object, got an array`],
  ["{}", `${READ}"command" is missing, expected ${NAMES}`],
  ['{"command":"Send"}', `${READ}"command" is "Send", expected ${NAMES}`],
  [
    '{"command":"toString"}',
    `${READ}"command" is "toString", expected ${NAMES}`,
  ],
  ['{"command":{}}', `${READ}"command" is an object, expected ${NAMES}`],
  [
    '{"command":"send"}',
    'Cannot send: "text" and "base64" are both missing, expected one of them',
  ],
  [
    '{"command":"send","text":"","base64":""}',
    'Cannot send: "text" and "base64" are both given, expected one of them',
  ],
  [
    '{"command":"send","text":7}',
    'Cannot send: "text" is 7, expected a string',
  ],
  [
    '{"command":"send","base64":null}',
    'Cannot send: "base64" is null, expected base64 with padding',
  ],
  ...["A", "AA", "AB==", "A_8="].map((base64): [string, string] => [
    `{"command":"send","base64":"${base64}"}`,
    `Cannot send: "base64" is "${base64}", expected base64 with padding`,
  ]),
  ...["-1", "1.5", "true", "null"].map((id): [string, string] => [
    `{"command":"send","id":${id},"text":""}`,
    `Cannot send: "id" is ${id}, expected a whole number`,
  ]),
  [
    '{"command":"close","id":"7"}',
    'Cannot close: "id" is "7", expected a whole number',
  ],
  [
    `{"command":"close","id":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
    'Cannot close: "id" is an array, expected a whole number',
  ],
  ...[999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, '"1000"'].map((
    code,
  ): [string, string] => [
    `{"command":"close","code":${code}}`,
    `Cannot close: "code" is ${code}, ${CODES}`,
  ]),
  [
    `{"command":"close","reason":"${"\u00e4".repeat(62)}"}`,
    `Cannot close: "reason" is "${
      "\u00e4".repeat(62)
    }", expected a string of at most 123 bytes of UTF-8`,
  ],
  [
    '{"command":"close","reason":false}',
    'Cannot close: "reason" is false, expected a string of at most 123 bytes of UTF-8',
  ],
  [
    '{"command":"reply","id":7}',
    'Cannot reply: "mode" is missing, expected "auto" or "manual"',
  ],
  [
    '{"command":"reply","mode":"off"}',
    'Cannot reply: "mode" is "off", expected "auto" or "manual"',
  ],
  [
    '{"command":"reply","mode":"auto","text":""}',
    'Cannot reply: "text" is not a field of it, expected "id" or "mode"',
  ],
  [
    '{"command":"send","text":"","__proto__":1}',
    'Cannot send: "__proto__" is not a field of it, expected "id", "text" or "base64"',
  ],
];

Deno.test("parseCommand() says what is wrong, with the command as it came", () => {
  for (const [source, error] of ERRORS) {
    assertEquals(parseCommand(source), { source, error });
  }
});

Deno.test("parseCommand() repeats the beginning of what it cannot repeat", () => {
  const noJson = `{"command"${"x".repeat(2_000)}`;
  assertEquals(parseCommand(noJson), {
    source: JSON.stringify(noJson.slice(0, 1_024)),
    error: `${READ}expected a JSON object, got ${
      JSON.stringify(`${noJson.slice(0, 100)}…`)
    }, which is not JSON`,
  });
  const message = '"[\\'.repeat(65_536);
  const long = JSON.stringify({ command: "send", text: message });
  assertEquals(parseCommand(long), {
    source: JSON.stringify(long.slice(0, 1_024)),
    command: { command: "send", id: undefined, message },
  });
  const nested = `{"command":"send","text":"\\"",${"[".repeat(65_536)}`;
  assertEquals(parseCommand(nested), {
    source: JSON.stringify(nested.slice(0, 1_024)),
    error:
      `${READ}expected a JSON object, got a text with more than 65536 characters outside of strings`,
  });
  assertEquals(parseCommand(buffer(123, 125)), {
    source: "null",
    error: `${READ}expected a JSON object, got a binary message`,
  });
});
