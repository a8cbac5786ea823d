import { count, format } from "./both_languages.js";
import { formatSize } from "./payload.js";
import { connectionWords } from "./words_connection.js";
import { logWords } from "./words_log.js";

/** @typedef {import("./both_languages.js").Both} Both */

/**
 * The part of the page that watches a client.
 * @satisfies {import("./both_languages.js").BothWords}
 */
// deno-fmt-ignore
export const watchWords = {
  console: ["Console", "控制台"],
  title: ["Watch my client", "观察我的客户端"],
  endpoint: ["Endpoint of your client", "客户端使用的端点"],
  address: ["Address for your client", "客户端要连接的地址"],
  how: ["How your client connects", "客户端的连接方法"],
  waiting: ["waiting for a client: it appears here as soon as it connects",
    "正在等待客户端：一旦连接就会显示在这里"],
  /** @param {number} n */
  count: (n) => [`${count(n, "client")} open`, `${format(n)} 个客户端已连接`],
  off: ["This server lets nobody watch: it was started with `--no-watch` or, in a program, with no path of `watch`. Start it without that.",
    "这个服务器不允许观察：启动时使用了 `--no-watch`，或程序中没有给 `watch` 路径。请去掉该设置后重新启动。"],
  /** @type {(key: string, expected: string) => Both} */
  badKey: (key, expected) => [`“${key}” cannot be a key: ${expected}. The link “Watch my client” above makes a new one.`,
    `“${key}”不能用作密钥：${expected}。点上面的“观察我的客户端”可生成新的密钥。`],
  /** @param {string} origin */
  notOwn: (origin) => [` If the proxy changes the header Host, the server takes this page for a foreign one, which may not watch: start it with --allow-origin ${origin}.`,
    `如果代理更改了 Host 头，服务器会把本页当作外来网页，不允许观察：请用 --allow-origin ${origin} 启动服务器。`],
  clients: ["Clients", "客户端"],
  all: ["All clients", "全部客户端"],
  handshake: ["Handshake", "握手"],
  replies: ["Replies", "回复方式"],
  auto: ["Automatic", "自动"],
  manual: ["By hand", "手动"],
  close: ["Close", "关闭"],
  /** @type {(n: number, id: number | undefined) => Both} */
  target: (n, id) =>
    id === undefined
      ? [`Goes to ${count(n, "client")}`, `将发给 ${format(n)} 个客户端`]
      : [`Goes to #${id}`, `将发给 #${id}`],
  nobody: ["No client is open that this could be sent to", "没有可以接收这条消息的客户端"],
  large: ["Too large: from here, a message travels as JSON, which has to be within the server’s message limit",
    "消息太大：从这里发送的消息以 JSON 形式传输，不能超过服务器的消息大小上限"],
  by: {
    client: ["by the client", "由客户端关闭"],
    server: ["by the server", "由服务器关闭"],
    network: ["the network failed", "网络中断"],
  },
  lost: ["ended while nobody watched", "在无人观察时结束"],
  /** @type {(event: import("./watch_events.js").WatchRowEvent) => Both} */
  event(event) {
    switch (event.name) {
      case "joined": {
        const { path, remote, subprotocol } = event;
        const [agreed, chineseAgreed] = connectionWords.agreed(subprotocol ?? "");
        return [`${path} from ${remote}, ${agreed}`, `${path}，来自 ${remote}，${chineseAgreed}`];
      }
      case "refused": {
        const refusal = `${event.status} ${event.message}`;
        return [refusal, refusal];
      }
      case "left": {
        const { code, reason, by, error = "" } = event;
        const [closing, chineseClosing] = logWords.closing(code, reason);
        const [who, chineseWho] = watchWords.by[by];
        return [`${closing}, ${who} ${error}`.trimEnd(),
          `${chineseClosing}，${chineseWho} ${error}`.trimEnd()];
      }
      case "lost":
        return watchWords.lost;
      case "missed":
        return [`${count(event.count, "event")} lost here: this page or its network is too slow`,
          `此处丢失了 ${format(event.count)} 个事件：本页或网络太慢`];
      case "error":
        return [event.message, event.message];
    }
  },
  /** @param {number} bytes */
  isCut: (bytes) => [`only the first ${formatSize(bytes)} are shown`,
    `只显示开头的 ${formatSize(bytes)}`],
};
