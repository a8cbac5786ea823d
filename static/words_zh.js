// @ts-check
import { closeName, formatRanges } from "./close_code.js";
import { formatSize } from "./payload.js";

const format = new Intl.NumberFormat("zh-CN").format;

const list = new Intl.ListFormat("zh-CN", {
  type: "disjunction",
});
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
  otherLanguage: "English",
  otherLanguageCode: "en",

  connection: "连接",
  endpoint: "端点",
  otherUrl: "其他地址",
  url: "地址",
  options: "选项",
  optionsSet: (n) => `已设置 ${n} 个选项`,
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
    `${seconds < 10 ? seconds.toFixed(1) : seconds} 秒后第 ${attempt} 次重试`,
  changed: "地址已更改：断开后再连接才会使用新地址",
  urlFaults: {
    empty: "请输入以 ws:// 或 wss:// 开头的地址",
    scheme: "WebSocket 地址须以 ws:// 或 wss:// 开头",
    syntax: "这不是完整的地址",
    fragment: "WebSocket 地址不能带片段（#…）",
    mixed: "通过 https 打开的页面只能连接 wss://",
  },
  strayPage:
    "本页的路径不是服务器的端点，因此选用了另一个端点。如果前面有代理，代理可能需要去掉自己的路径前缀。",
  optionsFault: "请先改正下面标出的选项",

  parametersTitle: "URL 参数",
  pageTitle: "浏览器设置",
  groups: {
    replies: "回复",
    pushes: "推送",
    close: "关闭",
    handshake: "握手",
  },
  parameters: {
    prefix: { label: "文本回复的前缀", hint: "二进制回复不加前缀" },
    drop: { label: "丢弃的回复", hint: "随机丢弃" },
    repeat: { label: "每条回复发送的次数", hint: "内容相同" },
    delay: { label: "每条回复的延迟", hint: "保持顺序" },
    jitter: { label: "延迟抖动", hint: "随机，加在延迟上" },
    rate: { label: "回复的速率", hint: "模拟慢速线路" },
    mute: { label: "回复多少条后沉默", hint: "连接保持打开" },
    seed: { label: "随机种子", hint: "使 `drop`、`jitter`、`odds` 可重现" },
    push: { label: "主动推送的间隔", hint: "推送序号和时间" },
    size: { label: "推送消息的大小", hint: "改为二进制消息" },
    close: { label: "服务器关闭码", hint: "由服务器关闭连接" },
    reason: { label: "服务器关闭原因", hint: "写入关闭帧" },
    after: { label: "回复多少条后关闭", hint: "0 表示连接后立即关闭" },
    idle: { label: "空闲超时", hint: "只能比服务器的更短" },
    info: { label: "发送连接信息", hint: "第一条消息，JSON 格式" },
    watch: {
      label: "观察密钥",
      hint: "在 `/watch?key=…` 观察",
      form: "至少 8 个，只含 `A-Z a-z 0-9 _ -`",
    },
    auth: {
      label: "用户名和密码",
      hint: "`HTTP Basic`，不符则为 401",
      form: "格式为“用户名:密码”",
    },
    status: { label: "状态码", hint: "拒绝握手" },
    location: {
      label: "重定向目标",
      hint: "用于 301、302、303、307、308",
      form: "只限 `ASCII`：路径，或 `ws`、`wss`、`http`、`https` 地址",
    },
    retry: { label: "多久后重试", hint: "`Retry-After` 头" },
    odds: { label: "拒绝的比例", hint: "占握手的比例" },
  },
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
  keys: (key) => `${key} 发送 · 输入框为空时按 ↑ 调出历史消息`,
  placeholders: "`{n}`、`{time}`、`{random}` 会自动填入",
  chooseFile: "选择文件",
  orDrop: "或将文件拖到页面任意位置",
  noFile: "未选择文件",
  copies: "次数",
  pause: "间隔（毫秒）",
  send: "发送",
  sendMany: (n) => `发送 ${format(n)} 次`,
  stop: "停止",
  sendAnyway: "仍然发送",
  progress: (done, all) => `已发送 ${format(done)} / ${format(all)}`,
  verdict: ({ sent, back, lost, altered, repeated, inOrder, seconds }) =>
    [
      `已发送 ${format(sent)} 条`,
      `返回 ${format(back)} 条`,
      ...repeated > 0 ? [`重复 ${format(repeated)} 条`] : [],
      ...altered === undefined
        ? []
        : [`丢失 ${format(lost)} 条`, `被改动 ${format(altered)} 条`],
      ...inOrder === undefined ? [] : [inOrder ? "顺序正确" : "顺序错乱"],
      `${seconds.toFixed(1)} 秒`,
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
    "未测量：由于 `drop`、小于 8 的 `size`，或在其他服务器上使用 `repeat`，无法确定回复对应哪条消息",
  chartLabel: ({ minimum, median, p95, maximum, n }) =>
    `最近 ${n} 条回复的往返时间：最小 ${minimum}，中位数 ${median}，P95 ${p95}，最大 ${maximum}`,
  chartEmpty: "往返时间：暂无数据",

  log: "日志",
  filterPlaceholder: "按文本筛选",
  direction: "方向",
  all: "全部",
  directions: { sent: "发送", received: "接收", event: "事件" },
  events: "事件",
  export: "导出",
  exportTitle: "将全部日志保存为 JSON 文件",
  clear: "清空",
  columns: {
    time: "时间",
    direction: "方向",
    type: "类型",
    size: "大小",
    roundTrip: "往返时间",
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
  },
  empty:
    "这里还没有内容。先连接，再发送一条消息：每条消息和每个连接事件都会在这里显示为一行。",
  cleared: "日志是空的。",
  noMatch: "没有符合筛选条件的行。",
  rows: (n) => `${format(n)} 行`,
  rowsShown: (shown, n) => `显示 ${format(shown)} / ${format(n)} 行`,
  dropped: (n) => `已丢弃较早的 ${format(n)} 行`,
  follow: (n) => n === 0 ? "回到末尾" : `回到末尾 · 新增 ${format(n)} 行`,
  emptyMessage: "（空）",
  copy: "复制",
  copied: "已复制",
  copyFailed: "复制失败",
  again: "再次发送",
  save: "保存为文件",
  view: "显示方式",
  json: "JSON",
  more: (bytes) => `显示更多（还有 ${formatSize(bytes)}）`,

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
  copyCommand: "复制命令",

  announceTraffic: (sent, received) =>
    `已发送 ${format(sent)} 条，已接收 ${format(received)} 条`,
  announceReply: (text) => `收到：${text}`,
};
