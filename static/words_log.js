import { count, format } from "./both_languages.js";
import { closeName } from "./close_code.js";
import { formatSize } from "./payload.js";

/** @typedef {import("./both_languages.js").Both} Both */

/**
 * The log, its rows and its events.
 * @satisfies {import("./both_languages.js").BothWords}
 */
// deno-fmt-ignore
export const logWords = {
  log: ["Log", "日志"],
  filterPlaceholder: ["Filter by text", "按文本筛选"],
  direction: ["Direction", "方向"],
  all: ["All", "全部"],
  directions: {
    sent: ["sent", "发送"],
    received: ["received", "接收"],
    event: ["event", "事件"],
    replied: ["replied", "已回复"],
  },
  pairs: ["Pairs", "成对"],
  pairsTitle: ["A message and its reply share a row", "消息与其回复显示在同一行"],
  events: ["Events", "事件"],
  export: ["Export", "导出"],
  exportTitle: ["Save all rows of the log as a JSON file", "将全部日志保存为 JSON 文件"],
  clear: ["Clear", "清空"],
  columns: {
    time: ["Time", "时间"],
    size: ["Size", "大小"],
    roundTrip: ["RTT", "往返"],
    preview: ["Content", "内容"],
  },
  types: {
    binary: ["binary", "二进制"],
    connecting: ["connecting", "连接中"],
    open: ["open", "已连接"],
    closing: ["closing", "关闭中"],
    closed: ["closed", "已关闭"],
    failed: ["failed", "失败"],
    joined: ["open", "已连接"],
    refused: ["refused", "已拒绝"],
    left: ["closed", "已关闭"],
    lost: ["closed", "已关闭"],
    missed: ["missed", "遗漏"],
    error: ["error", "错误"],
  },
  empty: ["Nothing has happened yet. This server sends back what it receives, to test WebSocket clients, networks and proxies. Try it:",
    "还没有任何记录。服务器会把收到的内容原样发回，用来测试 WebSocket 客户端、网络和代理。试一试："],
  examples: {
    hello: ["Say hello", "打个招呼"],
    slow: ["Slow", "慢速回复"],
    push: ["Talks by itself", "主动推送"],
    close: ["Closes after three", "三条后关闭"],
    refuse: ["Refuses", "拒绝连接"],
    info: ["What my proxy sends", "代理发来了什么"],
  },
  cleared: ["The log is empty.", "日志是空的。"],
  noMatch: ["No row matches the filter.", "没有符合筛选条件的行。"],
  /** @param {number} n */
  entries: (n) => [count(n, "entry", "entries"), `${format(n)} 条`],
  /** @type {(shown: number, n: number) => Both} */
  entriesShown: (shown, n) => [`${format(shown)} of ${count(n, "entry", "entries")}`,
    `显示 ${format(shown)} / ${format(n)} 条`],
  /** @param {number} n */
  dropped: (n) => [`${count(n, "older message")} dropped`, `已丢弃较早的 ${format(n)} 条消息`],
  /** @param {number} n */
  follow: (n) =>
    n === 0
      ? ["Jump to the latest", "回到末尾"]
      : [`Jump to the latest · ${format(n)} new`, `回到末尾 · 新增 ${format(n)} 条`],
  emptyMessage: ["(empty)", "（空）"],
  copy: ["Copy", "复制"],
  copied: ["Copied", "已复制"],
  copyFailed: ["Could not copy", "复制失败"],
  again: ["Send again", "再次发送"],
  save: ["Save as file", "保存为文件"],
  view: ["View", "显示方式"],
  json: ["JSON", "JSON"],
  /** @param {number} bytes */
  more: (bytes) => [`Show more (${formatSize(bytes)} left)`,
    `显示更多（还有 ${formatSize(bytes)}）`],
  difference: {
    expected: ["Expected", "应为"],
    received: ["Received", "实收"],
    /** @type {(difference: import("./difference.js").Difference) => Both} */
    at: ({ at, unit }) => [`Differs from ${unit === "bytes" ? "byte" : "character"} ${format(at)} on, counted from 0`,
      `从第 ${format(at)} 个${unit === "bytes" ? "字节" : "字符"}起不同（从 0 计）`],
    /** @type {(difference: import("./difference.js").Difference) => Both} */
    lengths: ({ expected, received, unit }) => [`${format(received.length)} ${unit} instead of ${format(expected.length)}`,
      `长度为 ${format(received.length)}，应为 ${format(expected.length)} ${unit === "bytes" ? "字节" : "个字符"}`],
    /** @param {boolean} isText What was expected. */
    types: (isText) => isText
      ? ["Type: binary instead of text", "类型为二进制，应为文本"]
      : ["Type: text instead of binary", "类型为文本，应为二进制"],
  },

  /** @param {{ url: string, protocols: readonly string[] }} of */
  connectingTo: ({ url, protocols }) =>
    protocols.length === 0
      ? [url, url]
      : [`${url} offering ${protocols.join(", ")}`, `${url}，请求子协议 ${protocols.join(", ")}`],
  /** @type {(name: string, took: string) => Both} */
  opened: (name, took) =>
    name === ""
      ? [`No subprotocol, handshake ${took}`, `无子协议，握手用时 ${took}`]
      : [`Subprotocol ${name}, handshake ${took}`, `子协议 ${name}，握手用时 ${took}`],
  /** @type {(code: number, reason: string) => Both} */
  closing(code, reason) {
    const named = `${code} ${closeName(code)}`;
    return reason === ""
      ? [named, named]
      : [`${named}, “${reason}”`, `${named}，“${reason}”`];
  },
  /** @param {{ code: number, reason: string, wasClean: boolean }} of */
  closed({ code, reason, wasClean }) {
    const named = `${code} ${closeName(code)}`;
    return [`${named}, ${reason === "" ? "no reason" : `“${reason}”`}, ${wasClean ? "clean" : "not clean"}`,
      `${named}，${reason === "" ? "无原因" : `“${reason}”`}，${wasClean ? "正常关闭" : "非正常关闭"}`];
  },
  /** @type {Record<number, Both>} */
  closeMeaning: {
    1000: ["The connection has done its work.", "正常结束。"],
    1001: ["The server is stopping, the page was left, or the connection was idle for too long.",
      "服务器正在停止、页面已关闭，或连接空闲过久。"],
    1002: ["One side violated the protocol.", "有一方违反了协议。"],
    1003: ["One side received a data type that it cannot accept.", "收到了无法接受的数据类型。"],
    1005: ["The close frame had no code.", "关闭帧中没有关闭码。"],
    1006: ["The connection ended without a close frame: often a crash, a lost network or a proxy’s idle timeout.",
      "连接未收到关闭帧就中断了：常见于程序崩溃、网络中断或代理的空闲超时。"],
    1007: ["The data did not match its type, such as text that is not UTF-8.",
      "数据与类型不符，例如文本不是有效的 UTF-8。"],
    1008: ["A message violated a policy of the other side.", "消息违反了对方的策略。"],
    1009: ["A message was larger than the other side accepts.", "消息超过了对方能接受的大小。"],
    1010: ["The server did not accept an extension that the client needs.",
      "服务器没有接受客户端必需的扩展。"],
    1011: ["An unexpected error occurred on the server.", "服务器发生了意外错误。"],
    1012: ["The server is restarting.", "服务器正在重启。"],
    1013: ["The server is overloaded: too much data is unread or waiting to be sent.",
      "服务器过载：未读取或等待发送的数据过多。"],
    1014: ["A gateway received an invalid response from the server behind it.",
      "网关从上游服务器收到了无效响应。"],
    1015: ["The TLS handshake failed.", "TLS 握手失败。"],
  },
  /** @param {string} range */
  noMeaning: (range) => [`${range}: the protocol gives this code no meaning.`,
    `${range}：协议没有规定它的含义。`],
};
