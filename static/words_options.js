import { format } from "./both_languages.js";

/** @typedef {import("./both_languages.js").Both} Both */

/** @typedef {import("./parameters.js").Parameter} Parameter */

/** @typedef {Omit<Parameter, "name"> & { name?: string }} Accepted */

const englishList = new Intl.ListFormat("en", { type: "disjunction" });
const chineseList = new Intl.ListFormat("zh-CN", { type: "disjunction" });

/** @type {(ranges?: readonly import("./close_code.js").Range[]) => Both} */
function either(ranges = []) {
  const choices = ranges.map(([first, last]) =>
    first === last ? `${first}` : `${first}–${last}`
  );
  return [englishList.format(choices), chineseList.format(choices)];
}

/** @type {Readonly<Record<string, string>>} The server names them in English. */
const chineseUnits = {
  ms: "毫秒",
  messages: "条消息",
  characters: "个字符",
  bytes: "字节",
  "bytes/s": "字节/秒",
  s: "秒",
  times: "次",
};

/**
 * What the pattern of a parameter takes: the server says it in English.
 * @type {Readonly<Record<string, string>>}
 */
const chineseForms = {
  watch: "至少 8 个，只含 `A-Z a-z 0-9 _ -`",
  auth: "格式为“用户名:密码”",
  location: "只限 `ASCII`：路径，或 `ws`、`wss`、`http`、`https` 地址",
};

/** @type {(accepted: Accepted) => Both} What a parameter accepts, for its hint. */
function range({ name = "", kind, min = 0, max, unit = "", ranges, expected }) {
  if (kind === "code") return either(ranges);
  if (max === undefined) return ["", ""];
  const number = `${format(max)}${unit === "%" ? "" : " "}`;
  const most = `${number}${unit}`.trimEnd();
  const chineseMost = `${number}${chineseUnits[unit] ?? unit}`.trimEnd();
  if (kind === "integer") {
    return [`${format(min)} to ${most}`, `${format(min)} 至 ${chineseMost}`];
  }
  if (kind !== "text") return ["", ""];
  const isUtf8 = unit === "bytes";
  const form = chineseForms[name] ?? expected;
  return [
    expected ?? `up to ${most}${isUtf8 ? " of UTF-8" : ""}`,
    `最多 ${chineseMost}${isUtf8 ? "（UTF-8）" : ""}${
      form === undefined ? "" : `，${form}`
    }`,
  ];
}

/** @type {(accepted: Accepted) => Both} What to enter instead of a wrong value. */
function expected(accepted) {
  const [limits, marked] = range(accepted);
  const chineseLimits = marked.replaceAll("`", "");
  switch (accepted.kind) {
    case "integer":
      return limits === ""
        ? ["A whole number", "须为整数"]
        : [`A whole number from ${limits}`, `须为整数：${chineseLimits}`];
    case "text": {
      const verb = accepted.expected ? "Enter" : "Text of";
      return [`${verb} ${limits}`, chineseLimits];
    }
    case "code":
      return [limits, `须为 ${chineseLimits}`];
    case "flag":
      return ["0 or 1", "须为 0 或 1"];
    default:
      return [limits, chineseLimits];
  }
}

/**
 * The options of a connection.
 * @satisfies {import("./both_languages.js").BothWords}
 */
// deno-fmt-ignore
export const optionWords = {
  options: ["Options", "选项"],
  optionsSet: ["Options that are set", "已设置的选项"],
  /** @param {string} what */
  remove: (what) => [`Remove ${what}`, `移除 ${what}`],
  optionsFault: ["First correct the options marked below", "请先改正下面标出的选项"],
  parametersTitle: ["By the URL", "写入地址的选项"],
  pageTitle: ["In this browser", "浏览器设置"],
  /** @type {Record<string, Both>} By name. */
  groups: {
    replies: ["Each reply", "每条回复"],
    pushes: ["Unasked, the server", "服务器主动"],
    close: ["The server closes", "服务器关闭连接"],
    handshake: ["The handshake", "握手"],
  },
  /** @type {Record<string, { label: Both, hint: Both }>} By name. */
  parameters: {
    prefix: { label: ["starts with", "开头加上"], hint: ["text only", "仅限文本"] },
    drop: { label: ["is lost in", "丢失的比例为"], hint: ["of all cases, at random", "随机丢失"] },
    repeat: { label: ["is sent", "共发送"], hint: ["identical copies", "内容相同"] },
    delay: { label: ["waits for", "先等待"], hint: ["order is kept", "保持顺序"] },
    jitter: { label: ["waits at random for up to", "再随机等待，最多"], hint: ["besides the delay", "加在延迟上"] },
    rate: { label: ["is sent at", "的发送速率为"], hint: ["a slow line", "模拟慢速线路"] },
    mute: { label: ["no longer comes after", "不再发出，满"], hint: ["the connection stays open", "连接保持打开"] },
    seed: { label: ["is random by the seed", "所用的随机种子为"], hint: ["repeats `drop`, `jitter`, `odds`", "使 `drop`、`jitter`、`odds` 可重现"] },
    push: { label: ["sends a message every", "推送消息，每隔"], hint: ["a number and the time", "内容为序号和时间"] },
    size: { label: ["makes each as long as", "每条消息的长度为"], hint: ["makes them binary", "改为二进制消息"] },
    close: { label: ["with the code", "使用关闭码"], hint: ["once open, or later", "连接后立即，或稍后"] },
    reason: { label: ["with the reason", "给出原因"], hint: ["in the close frame", "写入关闭帧"] },
    after: { label: ["after", "在回复满"], hint: ["0: once open", "0 表示连接后立即关闭"] },
    idle: { label: ["when idle for", "在空闲满"], hint: ["shorter than the server’s", "只能比服务器的更短"] },
    info: { label: ["is shown as the server saw it", "内容由服务器发回"], hint: ["JSON, first message", "第一条消息，JSON 格式"] },
    watch: { label: ["can be watched by the key", "之后可凭密钥观察"], hint: ["`/watch?key=…`", "`/watch?key=…`"] },
    auth: { label: ["needs user and password", "需要用户名和密码"], hint: ["HTTP Basic, else 401", "`HTTP Basic`，不符则为 401"] },
    status: { label: ["is refused with status", "被拒绝，状态码为"], hint: ["of HTTP", "由服务器返回"] },
    location: { label: ["is redirected to", "被重定向到"], hint: ["for 301, 302, 303, 307, 308", "用于 301、302、303、307、308"] },
    retry: { label: ["may be tried again after", "被拒绝后，可重试的时间为"], hint: ["header `Retry-After`", "`Retry-After` 头"] },
    odds: { label: ["is refused in", "被拒绝的比例为"], hint: ["of all cases, at random", "随机拒绝"] },
  },
  /** @param {string} unit As the server names it. */
  unit: (unit) => [unit, chineseUnits[unit] ?? unit],
  /** @param {string} name Of the parameter that another one needs. */
  needs: (name) => [`needs \`${name}\``, `需要 \`${name}\``],
  range,
  expected,
  repeated: ["Given more than once in the URL", "该参数在地址中重复出现"],
  target: ["This redirect needs the parameter location", "这个重定向状态码需要参数 location"],
  subprotocols: ["Subprotocols", "子协议"],
  subprotocolsHint: ["separated by commas", "用逗号分隔"],
  /** @param {string} name */
  subprotocolFault: (name) => [`“${name}” is not a valid subprotocol name, or is listed twice`,
    `“${name}”不是有效的子协议名称，或重复出现`],
  reconnect: ["Reconnect automatically", "断开后自动重连"],
  reconnectHint: ["with increasing delays", "间隔逐次加长"],
  /** @param {readonly import("./close_code.js").Range[]} ranges */
  pageCodeFault(ranges) {
    const [codes, chineseCodes] = either(ranges);
    return [`Browsers may send only ${codes}`, `浏览器只能发送 ${chineseCodes}`];
  },
  reasonNeedsCode: ["A reason needs a close code", "填写原因时须先填写关闭码"],
};
