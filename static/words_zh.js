// @ts-check
import { closeName, formatRanges } from "./close_code.js";
import { formatSize } from "./payload.js";
import { formatSeconds } from "./statistics.js";

const format = new Intl.NumberFormat("zh-CN").format;

const list = new Intl.ListFormat("zh-CN", { type: "disjunction" });
const either = (/** @type {string[]} */ choices) => list.format(choices);

/** @type {Readonly<Record<string, string>>} */
const units = {
  ms: "毫秒",
  messages: "条消息",
  characters: "个字符",
  bytes: "字节",
  "bytes/s": "字节/秒",
  s: "秒",
  times: "次",
};

/**
 * @param {number} n
 * @param {string} [unit] As the server names it.
 */
function withUnit(n, unit = "") {
  return `${format(n)}${unit === "%" ? "" : " "}${units[unit] ?? unit}`
    .trimEnd();
}

/**
 * The words of the page in Simplified Chinese.
 * @type {import("./words_en.js").Words}
 */
export const chinese = {
  code: "zh-CN",
  number: format,

  tagline: "WebSocket 测试控制台",
  skip: "跳到日志",
  faces: "本页的用途",
  otherLanguage: "English",
  otherLanguageCode: "en",

  connection: "连接",
  endpoints: "端点",
  copyAs: "复制为",
  url: "地址",
  options: "选项",
  optionsSet: "已设置的选项",
  remove: (what) => `移除 ${what}`,
  connect: "连接",
  disconnect: "断开",
  cancel: "取消",
  closeWith: "关闭码与原因",
  closeCode: "关闭码",
  closeReason: "原因",
  states: {
    idle: "未连接",
    connecting: "连接中",
    open: "已连接",
    closing: "关闭中",
    closed: "已关闭",
    waiting: "等待重连",
  },
  agreed: (name) => name === "" ? "未使用子协议" : `子协议 ${name}`,
  nextTry: (seconds, attempt) =>
    `${
      seconds < 10 ? seconds.toFixed(1) : Math.ceil(seconds)
    } 秒后第 ${attempt} 次重试`,
  tryNow: "立即重试",
  changed: "地址已更改：断开后再连接才会使用新地址",
  urlFaults: {
    empty: "请输入以 ws:// 或 wss:// 开头的地址",
    scheme: "WebSocket 地址须以 ws:// 或 wss:// 开头",
    syntax: "这不是完整的地址",
    fragment: "WebSocket 地址不能带片段（#…）",
    mixed: "通过 https 打开的页面只能连接 wss://",
  },
  blockedPort: (port) => `浏览器禁止连接端口 ${port}：它属于其他协议`,
  strayPage:
    "本页的路径不是服务器的端点，因此选用了另一个端点。如果前面有代理，代理可能需要去掉自己的路径前缀。",
  optionsFault: "请先改正下面标出的选项",

  parametersTitle: "写入地址的选项",
  pageTitle: "浏览器设置",
  groups: {
    replies: "每条回复",
    pushes: "服务器主动",
    close: "服务器关闭连接",
    handshake: "握手",
  },
  parameters: {
    prefix: { label: "开头加上", hint: "仅限文本" },
    drop: { label: "丢失的比例为", hint: "随机丢失" },
    repeat: { label: "共发送", hint: "内容相同" },
    delay: { label: "先等待", hint: "保持顺序" },
    jitter: { label: "再随机等待，最多", hint: "加在延迟上" },
    rate: { label: "的发送速率为", hint: "模拟慢速线路" },
    mute: { label: "不再发出，满", hint: "连接保持打开" },
    seed: {
      label: "所用的随机种子为",
      hint: "使 `drop`、`jitter`、`odds` 可重现",
    },
    push: { label: "推送消息，每隔", hint: "内容为序号和时间" },
    size: { label: "每条消息的长度为", hint: "改为二进制消息" },
    close: { label: "使用关闭码", hint: "连接后立即，或稍后" },
    reason: { label: "给出原因", hint: "写入关闭帧" },
    after: { label: "在回复满", hint: "0 表示连接后立即关闭" },
    idle: { label: "在空闲满", hint: "只能比服务器的更短" },
    info: { label: "内容由服务器发回", hint: "第一条消息，JSON 格式" },
    watch: {
      label: "之后可凭密钥观察",
      hint: "`/watch?key=…`",
      form: "至少 8 个，只含 `A-Z a-z 0-9 _ -`",
    },
    auth: {
      label: "需要用户名和密码",
      hint: "`HTTP Basic`，不符则为 401",
      form: "格式为“用户名:密码”",
    },
    status: { label: "被拒绝，状态码为", hint: "由服务器返回" },
    location: {
      label: "被重定向到",
      hint: "用于 301、302、303、307、308",
      form: "只限 `ASCII`：路径，或 `ws`、`wss`、`http`、`https` 地址",
    },
    retry: { label: "被拒绝后，可重试的时间为", hint: "`Retry-After` 头" },
    odds: { label: "被拒绝的比例为", hint: "随机拒绝" },
  },
  unit: (unit) => units[unit] ?? unit,
  needs: (name) => `需要 \`${name}\``,
  range({ name = "", kind, min = 0, max, unit, ranges = [], expected }) {
    if (kind === "code") return either(formatRanges(ranges));
    if (max === undefined) return "";
    const most = withUnit(max, unit);
    if (kind === "integer") return `${format(min)} 至 ${most}`;
    if (kind !== "text") return "";
    const form = chinese.parameters[name]?.form ?? expected;
    return `最多 ${most}${unit === "bytes" ? "（UTF-8）" : ""}${
      form === undefined ? "" : `，${form}`
    }`;
  },
  expected(accepted) {
    const range = chinese.range(accepted).replaceAll("`", "");
    switch (accepted.kind) {
      case "integer":
        return range === "" ? "须为整数" : `须为整数：${range}`;
      case "code":
        return `须为 ${range}`;
      case "flag":
        return "须为 0 或 1";
      default:
        return range;
    }
  },
  repeated: "该参数在地址中重复出现",
  target: "这个重定向状态码需要参数 location",
  subprotocols: "子协议",
  subprotocolsHint: "用逗号分隔",
  reconnect: "断开后自动重连",
  reconnectHint: "间隔逐次加长",
  pageCodeFault: (ranges) => `浏览器只能发送 ${either(formatRanges(ranges))}`,
  reasonNeedsCode: "填写原因时须先填写关闭码",
  subprotocolFault: (name) => `“${name}”不是有效的子协议名称，或重复出现`,

  message: "消息",
  messageType: "消息类型",
  text: "文本",
  hex: "十六进制",
  file: "文件",
  textLabel: "要发送的文本",
  hexLabel: "要发送的字节（十六进制）",
  textPlaceholder: "输入消息",
  hexPlaceholder: "48 65 6c 6c 6f",
  keys: (key) => `${key} 发送 · 按 ↑ 调出历史消息`,
  placeholders: "`{n}`、`{time}`、`{random}` 会自动填入",
  chooseFile: "选择文件",
  orDrop: "或将文件拖放、粘贴到页面任意位置",
  asText: "作为文本发送",
  notText: "文件不是有效的 UTF-8，不能作为文本发送",
  noFile: "未选择文件",
  forget: "清除历史",
  forgetTitle: "删除本标签页记住的消息和草稿",
  clearAfter: "发送后清空",
  copies: "次数",
  pause: "间隔（毫秒）",
  send: "发送",
  sendMany: (n) => `发送 ${format(n)} 次`,
  stop: "停止",
  sendAnyway: "仍然发送",
  progress: (done, all) => `已发送 ${format(done)} / ${format(all)}`,
  verdict: ({ sent, back, lost, isCut, altered, repeated, inOrder, took }) =>
    [
      `已发送 ${format(sent)} 条`,
      `返回 ${format(back)} 条`,
      ...repeated > 0 ? [`重复 ${format(repeated)} 条`] : [],
      ...altered === undefined ? [] : [
        `${isCut ? "未等待回复" : "丢失"} ${format(lost)} 条`,
        `被改动 ${format(altered)} 条`,
      ],
      ...inOrder === undefined ? [] : [inOrder ? "顺序正确" : "顺序错乱"],
      formatSeconds(took),
    ].join("，"),
  size: (bytes) =>
    bytes < 1024
      ? `${bytes} 字节`
      : `${formatSize(bytes)}（${format(bytes)} 字节）`,
  hexFault: (fault) =>
    fault.found === undefined
      ? `第 ${fault.at} 个字符处只有半个字节：每个字节要写两位`
      : `第 ${fault.at} 个字符“${fault.found}”不是十六进制数字`,
  notConnected: "尚未连接：请先点“连接”",
  tooBig: (size, limit) =>
    `${formatSize(size)} 超过服务器的消息大小上限（${
      formatSize(limit)
    }），服务器会以 1009 关闭连接`,
  fileGone: "文件已无法读取，请重新选择",

  picture: "流量",
  messages: "消息数",
  bytes: "字节数",
  sent: "发送",
  received: "接收",
  roundTrip: "往返时间",
  minimum: "最小",
  median: "中位数",
  p95: "P95",
  maximum: "最大",
  lastReplies: (n) => `最近 ${n === 0 ? 200 : n} 条回复`,
  queued: "含排队时间：发送时还有其他消息尚未得到回复",
  roundTripsOff:
    "未测量：由于 `drop`、小于 8 的 `size`、在其他服务器上使用 `repeat`，或过多消息没有回复，无法确定回复对应哪条消息",

  log: "日志",
  filterPlaceholder: "按文本筛选",
  direction: "方向",
  all: "全部",
  directions: {
    sent: "发送",
    received: "接收",
    event: "事件",
    replied: "已回复",
  },
  pairs: "成对",
  pairsTitle: "消息与其回复显示在同一行",
  events: "事件",
  export: "导出",
  exportTitle: "将全部日志保存为 JSON 文件",
  clear: "清空",
  columns: {
    time: "时间",
    direction: "方向",
    size: "大小",
    roundTrip: "往返",
    preview: "内容",
  },
  types: {
    text: "文本",
    binary: "二进制",
    connecting: "连接中",
    open: "已连接",
    closing: "关闭中",
    closed: "已关闭",
    failed: "失败",
    joined: "已连接",
    refused: "已拒绝",
    left: "已关闭",
    lost: "已关闭",
    missed: "遗漏",
    error: "错误",
  },
  empty:
    "还没有任何记录。服务器会把收到的内容原样发回，用来测试 WebSocket 客户端、网络和代理。试一试：",
  examples: {
    hello: "打个招呼",
    slow: "慢速回复",
    push: "主动推送",
    close: "三条后关闭",
    refuse: "拒绝连接",
    info: "代理发来了什么",
  },
  cleared: "日志是空的。",
  noMatch: "没有符合筛选条件的行。",
  entries: (n) => `${format(n)} 条`,
  entriesShown: (shown, n) => `显示 ${format(shown)} / ${format(n)} 条`,
  dropped: (n) => `已丢弃较早的 ${format(n)} 条消息`,
  follow: (n) => n === 0 ? "回到末尾" : `回到末尾 · 新增 ${format(n)} 条`,
  emptyMessage: "（空）",
  forgotten: "（内容已不在内存中）",
  forgottenWhy: "日志只保留最近 128 MiB 的内容，这条消息更早。",
  copy: "复制",
  copied: "已复制",
  copyFailed: "复制失败",
  again: "再次发送",
  save: "保存为文件",
  view: "显示方式",
  json: "JSON",
  more: (bytes) => `显示更多（还有 ${formatSize(bytes)}）`,
  difference: {
    expected: "应为",
    received: "实收",
    at: ({ at, unit }) =>
      `从第 ${format(at)} 个${
        unit === "bytes" ? "字节" : "字符"
      }起不同（从 0 计）`,
    lengths: ({ expected, received, unit }) =>
      `长度为 ${format(received.length)}，应为 ${format(expected.length)} ${
        unit === "bytes" ? "字节" : "个字符"
      }`,
    types: (expected, received) => `类型为${received}，应为${expected}`,
  },

  connectingTo: ({ url, protocols }) =>
    protocols.length === 0 ? url : `${url}，请求子协议 ${protocols.join(", ")}`,
  opened: (name, took) =>
    `${name === "" ? "无子协议" : `子协议 ${name}`}，握手用时 ${took}`,
  closing: (code, reason) =>
    `${code} ${closeName(code)}${reason === "" ? "" : `，“${reason}”`}`,
  closed: ({ code, reason, wasClean }) =>
    `${code} ${closeName(code)}，${reason === "" ? "无原因" : `“${reason}”`}，${
      wasClean ? "正常关闭" : "非正常关闭"
    }`,
  closeMeaning: {
    1000: "正常结束。",
    1001: "服务器正在停止、页面已关闭，或连接空闲过久。",
    1002: "有一方违反了协议。",
    1003: "收到了无法接受的数据类型。",
    1005: "关闭帧中没有关闭码。",
    1006:
      "连接未收到关闭帧就中断了：常见于程序崩溃、网络中断或代理的空闲超时。",
    1007: "数据与类型不符，例如文本不是有效的 UTF-8。",
    1008: "消息违反了对方的策略。",
    1009: "消息超过了对方能接受的大小。",
    1010: "服务器没有接受客户端必需的扩展。",
    1011: "服务器发生了意外错误。",
    1012: "服务器正在重启。",
    1013: "服务器过载：未读取或等待发送的数据过多。",
    1014: "网关从上游服务器收到了无效响应。",
    1015: "TLS 握手失败。",
  },
  noMeaning: (range) => `${range}：协议没有规定它的含义。`,

  failedTitle: "握手失败",
  failure(failure) {
    switch (failure.kind) {
      case "rejected":
        return `浏览器拒绝发起连接：${failure.message}`;
      case "unreachable":
        return "服务器没有响应：它没有运行，或者网络不通。";
      case "redirected":
        return `对这个地址的普通请求被重定向到${
          failure.url === "" ? "另一个来源" : ` ${failure.url}`
        }；浏览器的 WebSocket 不跟随重定向。`;
      case "status":
        return `对同一地址的普通请求得到了 HTTP 状态码 ${failure.status}，握手很可能也是如此。`;
      case "otherServer":
        return "这个地址有响应，但不是本服务：可能是代理或其他服务器。";
      case "origin":
        return `服务器不允许来源为 ${failure.origin} 的网页连接（403）：启动时用 --allow-origin 指定了其他来源。`;
      case "path":
        return `“${failure.path}”不是这个服务器的端点（404）。`;
      case "parameter":
        return `服务器不接受参数“${failure.parameter}”的这个值（400）。`;
      case "requested":
        return `服务器按照参数“${failure.parameter}”的要求拒绝了这次握手。`;
      case "full":
        return `服务器目前不接受新连接（503）：${failure.refusal}`;
      case "subprotocol":
        return `服务器没有接受所请求的任何子协议，浏览器因此必须中止连接。服务器支持：${
          failure.known.join("、")
        }。`;
      case "refused":
        return "服务器在运行，也会接受这次握手，因此很可能是中间的代理没有转发 Upgrade 头。nginx 需要“proxy_http_version 1.1”、“proxy_set_header Upgrade $http_upgrade”和“proxy_set_header Connection upgrade”。浏览器不会把响应告诉网页：请查看开发者工具的“网络”面板，或服务器日志中写明原因的“refused”一行。";
      case "tls":
        return failure.secure
          ? "本页是通过 http 打开的，这个端口很可能不使用 TLS：请把 wss:// 换成 ws://。"
          : "本页是通过 https 打开的，这个端口使用 TLS：请把 ws:// 换成 wss://。";
      case "hidden":
        return "与其他服务器的握手为何失败，浏览器不会告诉网页。请查看那台服务器的日志或开发者工具的“网络”面板。";
    }
  },
  askServer: "在终端里查看服务器的响应：",

  watch: {
    console: "控制台",
    title: "观察我的客户端",
    endpoint: "客户端使用的端点",
    address: "客户端要连接的地址",
    how: "客户端的连接方法",
    waiting: "正在等待客户端：一旦连接就会显示在这里",
    count: (n) => `${format(n)} 个客户端已连接`,
    off:
      "这个服务器不允许观察：启动时使用了 `--no-watch`，或程序中没有给 `watch` 路径。请去掉该设置后重新启动。",
    badKey: (key, expected) =>
      `“${key}”不能用作密钥：${expected}。点上面的“观察我的客户端”可生成新的密钥。`,
    notOwn: (origin) =>
      `如果代理更改了 Host 头，服务器会把本页当作外来网页，不允许观察：请用 --allow-origin ${origin} 启动服务器。`,
    clients: "客户端",
    all: "全部客户端",
    handshake: "握手",
    replies: "回复方式",
    auto: "自动",
    manual: "手动",
    close: "关闭",
    target: (n, id) =>
      id === undefined ? `将发给 ${format(n)} 个客户端` : `将发给 #${id}`,
    nobody: "没有可以接收这条消息的客户端",
    large:
      "消息太大：从这里发送的消息以 JSON 形式传输，不能超过服务器的消息大小上限",
    by: { client: "由客户端关闭", server: "由服务器关闭", network: "网络中断" },
    lost: "在无人观察时结束",
    event(event) {
      switch (event.name) {
        case "joined":
          return `${event.path}，来自 ${event.remote}，${
            chinese.agreed(event.subprotocol ?? "")
          }`;
        case "refused":
          return `${event.status} ${event.message}`;
        case "left": {
          const { code, reason, by, error = "" } = event;
          const end = `${chinese.closing(code, reason)}，${
            chinese.watch.by[by]
          }`;
          return `${end} ${error}`.trimEnd();
        }
        case "lost":
          return chinese.watch.lost;
        case "missed":
          return `此处丢失了 ${format(event.count)} 个事件：本页或网络太慢`;
        case "error":
          return event.message;
      }
    },
    isCut: (bytes) => `只显示开头的 ${formatSize(bytes)}`,
  },

  check: {
    title: "代理检查",
    intro: "另建几个连接，逐项测试浏览器与服务器之间的网络和代理。",
    idle: "静默秒数（0 表示跳过）",
    again: "重新检查",
    copy: "复制结果",
    running: "正在检查…",
    states: {
      waiting: "等待",
      running: "进行中",
      passed: "通过",
      failed: "失败",
      skipped: "跳过",
    },
    steps: {
      handshake: "握手",
      headers: "握手请求头",
      text: "文本回显",
      binary: "二进制回显",
      empty: "空消息回显",
      subprotocol: "协商子协议",
      clientClose: "客户端的关闭码",
      serverClose: "服务器的关闭码和原因",
      idle: "静默后连接仍可用",
    },
    block: (size) => `${formatSize(size)} 消息回显`,
    unchanged: "与浏览器发送的一致。",
    header: ({ change, name, sent, received }) =>
      change === "added"
        ? `增加：${name}: ${received}`
        : change === "removed"
        ? `删除：${name}`
        : `修改：${name}: ${received}，原为 ${sent}`,
    pings: (seconds) =>
      `其间服务器每 ${
        format(seconds)
      } 秒发送一次 ping，因此比这更长的空闲超时并未受到检验。`,
    fault(fault) {
      switch (fault.kind) {
        case "handshake":
          return "连接未能建立。";
        case "rejected":
          return chinese.failure(fault);
        case "silent":
          return `${fault.seconds} 秒内没有收到任何数据。`;
        case "closed":
          return `${fault.seconds.toFixed(1)} 秒后关闭：${
            chinese.closing(fault.code, fault.reason)
          }。`;
        case "different":
          return "收到的回复与发送的内容不同。";
        case "subprotocol":
          return fault.agreed === ""
            ? "没有选定子协议。"
            : `选定的是另一个子协议“${fault.agreed}”。`;
        case "description":
          return "第一条消息不是对握手的描述。";
      }
    },
    causes: {
      headers: "这可能是其他服务，或者中间设备自行完成了握手。",
      text:
        "反向代理只转发帧，不读取内容。会滞留或修改帧的是读取内容的设备：Web 应用防火墙、杀毒软件、会解密 TLS 的企业代理，或自行处理消息的网关。",
      binary:
        "自行处理消息的网关可能只接受文本：AWS API Gateway 会以 1003 关闭连接。",
      empty: "反向代理会转发空消息；自行处理消息的网关可能将其丢弃。",
      large:
        "nginx 和 HAProxy 不限制消息大小，client_max_body_size 对消息不起作用。会读取消息的网关则有限制：AWS API Gateway 每帧 32 KB、每条消息 128 KB；Spring Cloud Gateway 默认每帧 64 KiB，可用 max-frame-payload-length 调整。线路较慢时，也可能先触发超时。",
      subprotocol:
        "Sec-WebSocket-Protocol 头在途中丢失，或服务器只支持其他子协议。nginx 和 HAProxy 默认会转发此头，除非另有设置（proxy_set_header、proxy_hide_header、http-request del-header）；Amazon CloudFront 的源请求策略须包含此头，例如 AllViewer。",
      close:
        "nginx 和 HAProxy 会转发关闭帧。关闭码不同，说明有设备（例如 API 网关）自行终止了 WebSocket；1006 表示关闭帧到达之前 TCP 连接已被切断。",
      idle:
        "通常是空闲超时：nginx 的 proxy_read_timeout（默认 60 秒）、HAProxy 的 timeout tunnel（未设置时为 timeout client 和 timeout server）、AWS ALB 的空闲超时（默认 60 秒）、Cloudflare（100 秒）；防火墙和 NAT 会直接丢弃连接而不通知。请延长超时，或减小服务器的 --idle-timeout：服务器每过其一半时间发送一次 ping。",
    },
    summary: (count) =>
      `通过 ${count("passed")} 项，失败 ${count("failed")} 项，跳过 ${
        count("skipped")
      } 项`,
  },

  announceTraffic: (sent, received) =>
    `已发送 ${format(sent)} 条，已接收 ${format(received)} 条`,
  announceReply: (text) => `收到：${text}`,
};
