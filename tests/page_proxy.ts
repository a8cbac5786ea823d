/** A proxy that mounts a service under a prefix and takes that off again. */
export function startProxy(target: number, prefix: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const pipe = async (from: Deno.Conn, to: Deno.Conn, strip: string) => {
    const decoder = new TextDecoder("latin1");
    const buffer = new Uint8Array(65_536);
    try {
      for (let n; (n = await from.read(buffer)) !== null;) {
        const text = decoder.decode(buffer.subarray(0, n));
        const bytes = strip && /^(?:GET|HEAD) \//.test(text)
          ? new TextEncoder().encode(text.replace(strip, ""))
          : buffer.subarray(0, n);
        for (let at = 0; at < bytes.length;) {
          at += await to.write(bytes.subarray(at));
        }
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
      const server = await Deno.connect({
        hostname: "127.0.0.1",
        port: target,
      });
      connections.add(client).add(server);
      pipe(client, server, prefix);
      pipe(server, client, "");
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
