/** A proxy in front of a service. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/**
 * Starts a proxy for the port of a service.
 *
 * @param rewrite returns what it passes on of a request's head; a text that
 * begins with "HTTP/" is its own response instead
 * @param limit bytes after which it ends a connection, in either direction
 */
export function startProxy(
  target: number,
  rewrite: (head: string) => string,
  limit = Infinity,
) {
  const address = { hostname: "127.0.0.1", port: 0 };
  const listener = Deno.listen(address);
  const connections = new Set<Deno.Conn>();
  const pipe = async (from: Deno.Conn, to: Deno.Conn) => {
    const buffer = new Uint8Array(65_536);
    let passed = 0;
    try {
      for (let n; passed < limit && (n = await from.read(buffer)) !== null;) {
        passed += n;
        let [bytes, receiver] = [buffer.subarray(0, n), to];
        const text = decoder.decode(bytes);
        if (/^(?:GET|HEAD) \//.test(text)) {
          const head = rewrite(text);
          bytes = encoder.encode(head);
          if (head.startsWith("HTTP/")) receiver = from;
        }
        while (bytes.length > 0) {
          bytes = bytes.subarray(await receiver.write(bytes));
        }
      }
    } catch {
      // The other side has closed.
    }
    for (const one of [from, to]) if (connections.delete(one)) one.close();
  };
  (async () => {
    for await (const client of listener) {
      try {
        const server = await Deno.connect({ ...address, port: target });
        connections.add(client).add(server);
        pipe(client, server);
        pipe(server, client);
      } catch {
        // The service has ended.
        client.close();
      }
    }
  })();
  return {
    port: listener.addr.port,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of connections) connection.close();
      connections.clear();
    },
  };
}
