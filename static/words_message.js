import { count, format } from "./both_languages.js";
import { formatSize } from "./payload.js";
import { formatSeconds } from "./statistics.js";

/** @typedef {import("./both_languages.js").Both} Both */

/** @type {(outcome: import("./burst.js").Outcome) => Both} */
function verdict(outcome) {
  const { sent, back, lost, isCut, altered, repeated, inOrder } = outcome;
  const took = formatSeconds(outcome.took);
  /** @type {Both[]} */
  const parts = [
    [`${format(sent)} sent`, `已发送 ${format(sent)} 条`],
    [`${format(back)} back`, `返回 ${format(back)} 条`],
  ];
  if (repeated > 0) {
    parts.push([
      `${format(repeated)} repeated`,
      `重复 ${format(repeated)} 条`,
    ]);
  }
  if (altered !== undefined) {
    const [missing, chineseMissing] = isCut
      ? ["not waited for", "未等待回复"]
      : ["lost", "丢失"];
    parts.push(
      [`${format(lost)} ${missing}`, `${chineseMissing} ${format(lost)} 条`],
      [`${format(altered)} altered`, `被改动 ${format(altered)} 条`],
    );
  }
  if (inOrder === true) parts.push(["in order", "顺序正确"]);
  if (inOrder === false) parts.push(["out of order", "顺序错乱"]);
  parts.push([took, took]);
  return [
    parts.map(([english]) => english).join(", "),
    parts.map(([, chinese]) => chinese).join("，"),
  ];
}

/**
 * The message to send, and the traffic.
 * @satisfies {import("./both_languages.js").BothWords}
 */
// deno-fmt-ignore
export const messageWords = {
  message: ["Message", "消息"],
  messageType: ["Message type", "消息类型"],
  text: ["Text", "文本"],
  hex: ["Hex", "十六进制"],
  file: ["File", "文件"],
  textLabel: ["Text to send", "要发送的文本"],
  hexLabel: ["Bytes to send, in hexadecimal", "要发送的字节（十六进制）"],
  textPlaceholder: ["Type a message", "输入消息"],
  hexPlaceholder: ["48 65 6c 6c 6f", "48 65 6c 6c 6f"],
  /** @param {string} key */
  keys: (key) => [`${key} sends · ↑ recalls earlier messages`, `${key} 发送 · 按 ↑ 调出历史消息`],
  placeholders: ["`{n}`, `{time}` and `{random}` are filled in",
    "`{n}`、`{time}`、`{random}` 会自动填入"],
  chooseFile: ["Choose a file", "选择文件"],
  orDrop: ["or drop or paste one anywhere on this page", "或将文件拖放、粘贴到页面任意位置"],
  asText: ["Send as text", "作为文本发送"],
  notText: ["This file is not valid UTF-8, so it cannot go as text",
    "文件不是有效的 UTF-8，不能作为文本发送"],
  noFile: ["No file chosen", "未选择文件"],
  forget: ["Forget", "清除历史"],
  forgetTitle: ["Remove the messages that this tab remembers, drafts as well",
    "删除本标签页记住的消息和草稿"],
  clearAfter: ["Clear after sending", "发送后清空"],
  copies: ["Copies", "次数"],
  pause: ["Pause (ms)", "间隔（毫秒）"],
  send: ["Send", "发送"],
  /** @param {number} n */
  sendMany: (n) => [`Send ${format(n)}`, `发送 ${format(n)} 次`],
  stop: ["Stop", "停止"],
  sendAnyway: ["Send anyway", "仍然发送"],
  /** @type {(done: number, all: number) => Both} */
  progress: (done, all) => [`${format(done)} of ${format(all)} sent`,
    `已发送 ${format(done)} / ${format(all)}`],
  verdict,
  /** @param {number} bytes */
  size: (bytes) =>
    bytes < 1024
      ? [count(bytes, "byte"), `${bytes} 字节`]
      : [`${formatSize(bytes)} (${format(bytes)} bytes)`,
        `${formatSize(bytes)}（${format(bytes)} 字节）`],
  /** @param {import("./payload.js").HexFault} fault */
  hexFault: ({ at, found }) =>
    found === undefined
      ? [`Half a byte at position ${at}: two digits make a byte`,
        `第 ${at} 个字符处只有半个字节：每个字节要写两位`]
      : [`“${found}” at position ${at} is not a hexadecimal digit`,
        `第 ${at} 个字符“${found}”不是十六进制数字`],
  /** @type {(size: number, limit: number) => Both} */
  tooBig: (size, limit) => [`${formatSize(size)} is above the message limit of the server (${formatSize(limit)}): it would close with 1009`,
    `${formatSize(size)} 超过服务器的消息大小上限（${formatSize(limit)}），服务器会以 1009 关闭连接`],
  fileGone: ["Cannot read the file: choose it again", "文件已无法读取，请重新选择"],

  picture: ["Traffic", "流量"],
  messages: ["Messages", "消息数"],
  bytes: ["Bytes", "字节数"],
  sent: ["Sent", "发送"],
  received: ["Received", "接收"],
  roundTrip: ["Round trip", "往返时间"],
  minimum: ["Min", "最小"],
  median: ["Median", "中位数"],
  p95: ["95th pct.", "P95"],
  maximum: ["Max", "最大"],
  /** @param {number} n */
  number: (n) => [format(n), format(n)],
  /** @param {number} n */
  lastReplies: (n) => [n === 0 ? "last 200 replies" : `last ${count(n, "reply", "replies")}`,
    `最近 ${n === 0 ? 200 : n} 条回复`],
  queued: ["Includes queueing: messages were sent while others were still under way",
    "含排队时间：发送时还有其他消息尚未得到回复"],
  roundTripsOff: ["Not measured: it is not known which message a reply answers, because of `drop`, a `size` below 8, `repeat` on another server, or too many messages without a reply",
    "未测量：由于 `drop`、小于 8 的 `size`、在其他服务器上使用 `repeat`，或过多消息没有回复，无法确定回复对应哪条消息"],
  /** @type {(sent: number, received: number) => Both} For a screen reader. */
  announceTraffic: (sent, received) => [`${format(sent)} sent, ${format(received)} received`,
    `已发送 ${format(sent)} 条，已接收 ${format(received)} 条`],
  /** @param {string} text */
  announceReply: (text) => [`Received: ${text}`, `收到：${text}`],
};
