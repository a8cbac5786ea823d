import { curlCommand, quoteForShell } from "./endpoint.js";

/** What other clients are written in, or called: the names need no translation. */
export const KINDS = {
  wscat: "wscat",
  websocat: "websocat",
  python: "Python · websockets",
  go: "Go · coder/websocket",
  browser: "JavaScript",
  node: "Node.js · ws",
  curl: "curl",
};

/**
 * What opens the same connection elsewhere: a command for a POSIX shell, or a
 * program that sends "hello" and prints what comes.
 * @param {string} kind One of KINDS.
 * @param {string} url A WebSocket URL; a valid one is written in ASCII, as not
 * every client encodes the rest.
 * @param {readonly string[]} protocols The subprotocols to offer.
 */
export function clientCode(kind, url, protocols) {
  const href = URL.canParse(url) ? new URL(url).href : url;
  const word = quoteForShell(href);
  // Python, Go and JavaScript read the escapes of JSON alike.
  const literal = JSON.stringify(href);
  const list = protocols.map((name) => JSON.stringify(name)).join(", ");
  const offer = protocols.length > 0;
  switch (kind) {
    case "wscat": {
      const options = protocols.map((name) => ` -s ${quoteForShell(name)}`);
      return `wscat -c ${word}${options.join("")}`;
    }
    case "websocat": {
      const option = ` --protocol=${quoteForShell(protocols.join(", "))}`;
      return `websocat${offer ? option : ""} ${word}`;
    }
    case "python":
      return `from websockets.sync.client import connect

with connect(${literal}${offer ? `, subprotocols=[${list}]` : ""}) as ws:
    ws.send("hello")
    for message in ws:
        print(message)
`;
    case "go": {
      const options = offer
        ? `&websocket.DialOptions{Subprotocols: []string{${list}}}`
        : "nil";
      return `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/coder/websocket"
)

func main() {
	ctx := context.Background()
	conn, _, err := websocket.Dial(ctx, ${literal}, ${options})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()
	if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		log.Fatal(err)
	}
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(data))
	}
}
`;
    }
    case "browser":
      return `const socket = new WebSocket(${literal}${
        offer ? `, [${list}]` : ""
      });
socket.onopen = () => socket.send("hello");
socket.onmessage = ({ data }) => console.log(data);
socket.onclose = ({ code, reason }) => console.log("closed", code, reason);
`;
    case "node":
      return `import WebSocket from "ws";

const socket = new WebSocket(${literal}${offer ? `, [${list}]` : ""});
socket.on("open", () => socket.send("hello"));
socket.on("message", (data) => console.log(data.toString()));
socket.on("close", (code, reason) => console.log("closed", code, \`\${reason}\`));
socket.on("error", console.error);
`;
    default:
      return curlCommand(href, protocols);
  }
}
