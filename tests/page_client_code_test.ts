/** What other clients are given: commands and programs, with hostile URLs. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { clientCode, type KINDS } from "../static/client_code.js";
import { quoteForShell } from "../static/endpoint.js";
import { testOnUnix as test } from "./support/platform.ts";

test("quoteForShell() gives a shell the same word", async () => {
  // Arguments cannot hold NUL, nor what is not Unicode.
  const word = fc.string({ unit: "binary" })
    .filter((text) => !text.includes("\0"));
  const words = [...fc.sample(word, 300), "it's", "$(id) `id` $HOME \\'", "!!"];
  const script = `printf '%s\\0' ${words.map(quoteForShell).join(" ")}`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] })
    .output();
  assertEquals(new TextDecoder().decode(stdout).split("\0"), [...words, ""]);
});

Deno.test("clientCode() has the URL in ASCII and the subprotocols", () => {
  const url = "ws://h/é'?reason=it's&prefix=\\\"$(id)你";
  const inShell =
    "'ws://h/%C3%A9'\\''?reason=it%27s&prefix=\\%22$(id)%E4%BD%A0'";
  const inCode = '"ws://h/%C3%A9\'?reason=it%27s&prefix=\\\\%22$(id)%E4%BD%A0"';
  const parts: Record<keyof typeof KINDS, string[]> = {
    wscat: [`wscat -c ${inShell} -s 'a' -s '-b'`],
    websocat: [`websocat --protocol='a, -b' ${inShell}`],
    python: [`connect(${inCode}, subprotocols=["a", "-b"])`],
    go: [`Dial(ctx, ${inCode}, &`, 'Subprotocols: []string{"a", "-b"}'],
    browser: [`new WebSocket(${inCode}, ["a", "-b"])`],
    node: ['from "ws"', `new WebSocket(${inCode}, ["a", "-b"])`],
    curl: [inShell.replace("ws:", "http:"), "Protocol: a, -b'"],
  };
  for (const [kind, expected] of Object.entries(parts)) {
    const code = clientCode(kind, url, ["a", "-b"]);
    for (const part of expected) assertStringIncludes(code, part);
    const bare = clientCode(kind, "ws://h/", []);
    assert(!/protocol|\["|undefined/i.test(bare), bare);
  }
});
