import { format } from "./both_languages.js";
import { formatSize } from "./payload.js";
import { logWords } from "./words_log.js";

/** @typedef {import("./both_languages.js").Both} Both */

/**
 * The proxy check.
 * @satisfies {import("./both_languages.js").BothWords}
 */
// deno-fmt-ignore
export const checkWords = {
  title: ["Proxy check", "代理检查"],
  intro: ["Tests what lies between this browser and the server, by a few connections of its own.",
    "另建几个连接，逐项测试浏览器与服务器之间的网络和代理。"],
  idle: ["Seconds of silence (0: skip)", "静默秒数（0 表示跳过）"],
  again: ["Run again", "重新检查"],
  copy: ["Copy result", "复制结果"],
  running: ["Running …", "正在检查…"],
  states: {
    waiting: ["waiting", "等待"],
    running: ["running", "进行中"],
    passed: ["passed", "通过"],
    failed: ["failed", "失败"],
    skipped: ["skipped", "跳过"],
  },
  /** @type {Record<string, Both>} */
  steps: {
    handshake: ["Handshake", "握手"],
    headers: ["Headers of the handshake", "握手请求头"],
    text: ["Text comes back", "文本回显"],
    binary: ["Binary comes back", "二进制回显"],
    empty: ["Empty message comes back", "空消息回显"],
    subprotocol: ["Subprotocol is agreed", "协商子协议"],
    clientClose: ["Close code of the client", "客户端的关闭码"],
    serverClose: ["Close code and reason of the server", "服务器的关闭码和原因"],
    idle: ["Connection survives silence", "静默后连接仍可用"],
  },
  /** @param {number} size */
  block: (size) => [`${formatSize(size)} comes back`, `${formatSize(size)} 消息回显`],
  unchanged: ["As the browser sends them.", "与浏览器发送的一致。"],
  /** @type {(change: import("./browser_headers.js").HeaderChange) => Both} */
  header: ({ change, name, sent, received }) => change === "added"
    ? [`added: ${name}: ${received}`, `增加：${name}: ${received}`]
    : change === "removed"
    ? [`removed: ${name}`, `删除：${name}`]
    : [`changed: ${name}: ${received}, sent as ${sent}`,
      `修改：${name}: ${received}，原为 ${sent}`],
  /** @param {number} seconds */
  pings: (seconds) => [`The server sent a ping every ${format(seconds)} s meanwhile: a timeout that is longer than that was not put to the test.`,
    `其间服务器每 ${format(seconds)} 秒发送一次 ping，因此比这更长的空闲超时并未受到检验。`],
  faults: {
    unopened: ["The connection did not open.", "连接未能建立。"],
    /** @param {number} seconds */
    silent: (seconds) => [`Nothing came within ${seconds} s.`,
      `${seconds} 秒内没有收到任何数据。`],
    /** @type {(seconds: number, code: number, reason: string) => Both} */
    closed(seconds, code, reason) {
      const after = seconds.toFixed(1);
      const [closing, chineseClosing] = logWords.closing(code, reason);
      return [`Closed after ${after} s with ${closing}.`, `${after} 秒后关闭：${chineseClosing}。`];
    },
    different: ["The reply is not what was sent.", "收到的回复与发送的内容不同。"],
    /** @param {string} agreed */
    subprotocol: (agreed) => agreed === ""
      ? ["No subprotocol was agreed.", "没有选定子协议。"]
      : [`“${agreed}” was agreed instead.`, `选定的是另一个子协议“${agreed}”。`],
    description: ["The first message does not describe the handshake.",
      "第一条消息不是对握手的描述。"],
  },
  /** @type {Record<string, Both>} The usual one of each failed step. */
  causes: {
    headers: ["This is another service, or something in between does the handshake itself.",
      "这可能是其他服务，或者中间设备自行完成了握手。"],
    text: ["Reverse proxies pass frames on unread. What holds or changes them reads them: a web application firewall, a virus scanner, a company’s proxy that opens TLS, or a gateway with its own message handling.",
      "反向代理只转发帧，不读取内容。会滞留或修改帧的是读取内容的设备：Web 应用防火墙、杀毒软件、会解密 TLS 的企业代理，或自行处理消息的网关。"],
    binary: ["Gateways with their own message handling may take only text: AWS API Gateway closes with 1003.",
      "自行处理消息的网关可能只接受文本：AWS API Gateway 会以 1003 关闭连接。"],
    empty: ["Reverse proxies pass empty messages on; gateways with their own message handling may drop them.",
      "反向代理会转发空消息；自行处理消息的网关可能将其丢弃。"],
    large: ["nginx and HAProxy do not limit messages: client_max_body_size has no effect on them. Gateways that read them do: AWS API Gateway allows 32 KB per frame and 128 KB per message, Spring Cloud Gateway 64 KiB per frame unless max-frame-payload-length says otherwise. On a slow line, a timeout may strike first.",
      "nginx 和 HAProxy 不限制消息大小，client_max_body_size 对消息不起作用。会读取消息的网关则有限制：AWS API Gateway 每帧 32 KB、每条消息 128 KB；Spring Cloud Gateway 默认每帧 64 KiB，可用 max-frame-payload-length 调整。线路较慢时，也可能先触发超时。"],
    subprotocol: ["Sec-WebSocket-Protocol is lost on its way, or the server knows other subprotocols only. nginx and HAProxy pass it on unless told otherwise (proxy_set_header, proxy_hide_header, http-request del-header); Amazon CloudFront needs it in the origin request policy, as in AllViewer.",
      "Sec-WebSocket-Protocol 头在途中丢失，或服务器只支持其他子协议。nginx 和 HAProxy 默认会转发此头，除非另有设置（proxy_set_header、proxy_hide_header、http-request del-header）；Amazon CloudFront 的源请求策略须包含此头，例如 AllViewer。"],
    close: ["nginx and HAProxy pass close frames on. Another code comes from what ends WebSockets itself, such as an API gateway; 1006 means that the TCP connection was cut before the close frame arrived.",
      "nginx 和 HAProxy 会转发关闭帧。关闭码不同，说明有设备（例如 API 网关）自行终止了 WebSocket；1006 表示关闭帧到达之前 TCP 连接已被切断。"],
    idle: ["An idle timeout: nginx proxy_read_timeout (60 s by default), HAProxy timeout tunnel (without it, timeout client and timeout server), AWS ALB idle timeout (60 s by default), Cloudflare (100 s); firewalls and NAT drop connections silently. Raise it, or lower the server’s --idle-timeout: it pings at half of that.",
      "通常是空闲超时：nginx 的 proxy_read_timeout（默认 60 秒）、HAProxy 的 timeout tunnel（未设置时为 timeout client 和 timeout server）、AWS ALB 的空闲超时（默认 60 秒）、Cloudflare（100 秒）；防火墙和 NAT 会直接丢弃连接而不通知。请延长超时，或减小服务器的 --idle-timeout：服务器每过其一半时间发送一次 ping。"],
  },
  /** @param {(state: "passed" | "failed" | "skipped") => number} count */
  summary: (count) => [`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
    `通过 ${count("passed")} 项，失败 ${count("failed")} 项，跳过 ${count("skipped")} 项`],
};
