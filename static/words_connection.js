/** @typedef {import("./both_languages.js").Both} Both */

/** @typedef {import("./handshake_failure.js").Failure} Failure */

/** @type {{ [Kind in Failure["kind"]]: (of: Extract<Failure, { kind: Kind }>) => Both }} */
// deno-fmt-ignore
const failures = {
  rejected: ({ message }) => [`The browser did not try to connect: ${message}`,
    `浏览器拒绝发起连接：${message}`],
  unreachable: () => ["The server does not respond: it is not running, or this page cannot reach it.",
    "服务器没有响应：它没有运行，或者网络不通。"],
  redirected: ({ url }) => [`A plain request for this URL is redirected to ${url || "another origin"}; browsers do not follow redirects for WebSockets.`,
    `对这个地址的普通请求被重定向到${url === "" ? "另一个来源" : ` ${url}`}；浏览器的 WebSocket 不跟随重定向。`],
  status: ({ status }) => [`A plain request for the same URL got HTTP status ${status}, and the handshake probably did as well.`,
    `对同一地址的普通请求得到了 HTTP 状态码 ${status}，握手很可能也是如此。`],
  otherServer: () => ["Something responds at this URL, but it is not this service: probably a proxy or another server.",
    "这个地址有响应，但不是本服务：可能是代理或其他服务器。"],
  origin: ({ origin }) => [`The server does not allow pages of the origin ${origin} to connect (403): its --allow-origin names other origins.`,
    `服务器不允许来源为 ${origin} 的网页连接（403）：启动时用 --allow-origin 指定了其他来源。`],
  path: ({ path }) => [`“${path}” is not an endpoint of this server (404).`,
    `“${path}”不是这个服务器的端点（404）。`],
  parameter: ({ parameter }) => [`The server does not accept this value of the parameter “${parameter}” (400).`,
    `服务器不接受参数“${parameter}”的这个值（400）。`],
  requested: ({ parameter }) => [`The server refuses this handshake because the parameter “${parameter}” asks it to.`,
    `服务器按照参数“${parameter}”的要求拒绝了这次握手。`],
  full: ({ refusal }) => [`The server is not accepting new connections (503): ${refusal}.`,
    `服务器目前不接受新连接（503）：${refusal}`],
  subprotocol: ({ known }) => [`The server accepted none of the subprotocols offered, and a browser must then fail the connection. The server supports: ${known.join(", ")}.`,
    `服务器没有接受所请求的任何子协议，浏览器因此必须中止连接。服务器支持：${known.join("、")}。`],
  refused: () => ["The server is running and would accept this handshake, so a proxy in between probably does not forward the header Upgrade; nginx needs “proxy_http_version 1.1”, “proxy_set_header Upgrade $http_upgrade” and “proxy_set_header Connection upgrade” for that. Browsers hide the response from pages: the developer tools show it, under Network, and a line “refused” in the server’s log names the reason.",
    "服务器在运行，也会接受这次握手，因此很可能是中间的代理没有转发 Upgrade 头。nginx 需要“proxy_http_version 1.1”、“proxy_set_header Upgrade $http_upgrade”和“proxy_set_header Connection upgrade”。浏览器不会把响应告诉网页：请查看开发者工具的“网络”面板，或服务器日志中写明原因的“refused”一行。"],
  tls: ({ secure }) => secure
    ? ["This page was loaded over http, so this port probably does not use TLS: try ws:// instead of wss://.",
      "本页是通过 http 打开的，这个端口很可能不使用 TLS：请把 wss:// 换成 ws://。"]
    : ["This page was loaded over https, so this port uses TLS: try wss:// instead of ws://.",
      "本页是通过 https 打开的，这个端口使用 TLS：请把 ws:// 换成 wss://。"],
  hidden: () => ["Browsers do not tell pages why a handshake with another server failed. See that server’s log, or the developer tools, under Network.",
    "与其他服务器的握手为何失败，浏览器不会告诉网页。请查看那台服务器的日志或开发者工具的“网络”面板。"],
};

/**
 * The page, its connection, and why a handshake failed.
 * @satisfies {import("./both_languages.js").BothWords}
 */
// deno-fmt-ignore
export const connectionWords = {
  code: ["en", "zh-CN"],
  tagline: ["WebSocket test console", "WebSocket 测试控制台"],
  skip: ["Skip to the log", "跳到日志"],
  faces: ["What this page does", "本页的用途"],
  otherLanguage: ["中文", "English"],
  otherLanguageCode: ["zh-CN", "en"],

  connection: ["Connection", "连接"],
  endpoints: ["Endpoints", "端点"],
  copyAs: ["Copy as", "复制为"],
  url: ["URL", "地址"],
  connect: ["Connect", "连接"],
  disconnect: ["Disconnect", "断开"],
  cancel: ["Cancel", "取消"],
  closeWith: ["Close with", "关闭码与原因"],
  closeCode: ["Close code", "关闭码"],
  closeReason: ["Reason", "原因"],
  states: {
    idle: ["Not connected", "未连接"],
    connecting: ["Connecting", "连接中"],
    open: ["Open", "已连接"],
    closing: ["Closing", "关闭中"],
    closed: ["Closed", "已关闭"],
    waiting: ["Waiting", "等待重连"],
  },
  /** @param {string} name */
  agreed: (name) =>
    name === ""
      ? ["no subprotocol agreed", "未使用子协议"]
      : [`subprotocol ${name}`, `子协议 ${name}`],
  /** @type {(seconds: number, attempt: number) => Both} */
  nextTry(seconds, attempt) {
    const wait = seconds < 10 ? seconds.toFixed(1) : Math.ceil(seconds);
    return [`Attempt ${attempt} in ${wait} s`, `${wait} 秒后第 ${attempt} 次重试`];
  },
  tryNow: ["Try now", "立即重试"],
  changed: ["the URL has changed: disconnect and connect to use it",
    "地址已更改：断开后再连接才会使用新地址"],
  /** @type {Record<string, Both>} */
  urlFaults: {
    empty: ["Enter a URL that starts with ws:// or wss://", "请输入以 ws:// 或 wss:// 开头的地址"],
    scheme: ["A WebSocket URL starts with ws:// or wss://",
      "WebSocket 地址须以 ws:// 或 wss:// 开头"],
    syntax: ["This is not a complete URL", "这不是完整的地址"],
    fragment: ["A WebSocket URL cannot have a fragment (#…)", "WebSocket 地址不能带片段（#…）"],
    mixed: ["A page loaded over https may open wss:// only",
      "通过 https 打开的页面只能连接 wss://"],
  },
  /** @param {string} port */
  blockedPort: (port) => [`Browsers block port ${port}: it belongs to another protocol`,
    `浏览器禁止连接端口 ${port}：它属于其他协议`],
  strayPage: ["The path of this page is not an endpoint of the server, so another endpoint is selected. A proxy in front of the server may have to strip its path prefix.",
    "本页的路径不是服务器的端点，因此选用了另一个端点。如果前面有代理，代理可能需要去掉自己的路径前缀。"],
  notConnected: ["Not connected: press Connect first", "尚未连接：请先点“连接”"],

  failedTitle: ["The handshake failed", "握手失败"],
  /** @param {Failure} of */
  failure: (of) => /** @type {(of: Failure) => Both} */ (failures[of.kind])(of),
  askServer: ["See the server’s response in a terminal:", "在终端里查看服务器的响应："],
};
