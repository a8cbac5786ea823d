export interface ProxyOptions {
  /** Where it mounts the service; it takes that off again. Default: "" */
  prefix?: string;
  /** A header line that it does not pass on. */
  dropped?: string;
  /** What it answers itself, with 301. */
  redirects?: { from: string; to: string }[];
}

/** A proxy in front of a service. */
export function startProxy(
  target: number,
  { prefix = "", dropped, redirects = [] }: ProxyOptions,
) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const encoder = new TextEncoder();
  const write = async (to: Deno.Conn, bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) {
      at += await to.write(bytes.subarray(at));
    }
  };
  const forward = (
    head: string,
    client: Deno.Conn,
    server: Deno.Conn,
  ) => {
    const redirect = redirects.find(({ from }) => head.includes(` ${from} `));
    if (redirect !== undefined) {
      const answer =
        `HTTP/1.1 301 Moved Permanently\r\nLocation: ${redirect.to}\r\nContent-Length: 0\r\n\r\n`;
      return write(client, encoder.encode(answer));
    }
    const passed = head.replace(prefix, "").replace(`${dropped}\r\n`, "");
    return write(server, encoder.encode(passed));
  };
  const pipe = async (from: Deno.Conn, to: Deno.Conn) => {
    const decoder = new TextDecoder("latin1");
    const buffer = new Uint8Array(65_536);
    try {
      for (let n; (n = await from.read(buffer)) !== null;) {
        const bytes = buffer.subarray(0, n);
        const text = decoder.decode(bytes);
        if (/^(?:GET|HEAD) \//.test(text)) await forward(text, from, to);
        else await write(to, bytes);
      }
    } catch {
      // The other side has gone.
    }
    for (const connection of [from, to]) {
      if (connections.delete(connection)) connection.close();
    }
  };
  (async () => {
    for await (const client of listener) {
      try {
        const server = await Deno.connect({
          hostname: "127.0.0.1",
          port: target,
        });
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
