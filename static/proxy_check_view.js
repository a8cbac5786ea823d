// @ts-check
import { copyBy } from "./buttons.js";
import { appendVisible, byId, create } from "./dom.js";
import { words } from "./language.js";
import { writeParameter } from "./parameters.js";
import { checkProxy, sizes, stepNames } from "./proxy_check.js";
import { formatMilliseconds } from "./statistics.js";

/** @typedef {import("./proxy_check.js").Result} Result */

const dialog = byId("check-dialog", HTMLDialogElement);
const address = byId("check-url", HTMLElement);
const idle = byId("check-idle", HTMLInputElement);
const list = byId("check-steps", HTMLOListElement);
const summary = byId("check-summary", HTMLElement);
const toggle = byId("check-toggle", HTMLButtonElement);
const copy = byId("check-copy", HTMLButtonElement);

/**
 * Steps with the usual cause of another, or a common one.
 * @type {Readonly<Record<string, string>>}
 */
const causes = { medium: "large", clientClose: "close", serverClose: "close" };

/** The proxy check: runs in a dialog, for the URL in the form. */
export class ProxyCheckView {
  #session;
  /** @type {{ url: string, protocols: string[] }} */
  #target = { url: "", protocols: [] };
  /** @type {Map<string, Result>} */
  #results = new Map();
  /** @type {AbortController | undefined} Of the check that runs. */
  #running;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./connection_form.js").ConnectionForm} form
   */
  constructor(session, form) {
    this.#session = session;
    byId("check", HTMLElement).addEventListener("click", () => {
      const target = form.read();
      if (target === undefined) return;
      this.#target = target;
      dialog.showModal();
      this.#run();
    });
    toggle.addEventListener("click", () => {
      if (this.#running === undefined) this.#run();
      else this.#running.abort();
    });
    byId("check-close", HTMLElement)
      .addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#running?.abort());
    copy.addEventListener("click", () => {
      copyBy(copy, describe(), () => words.check.copy);
    });
  }

  async #run() {
    // The one that was stopped may still be about to end.
    const running = this.#running = new AbortController();
    this.#results = new Map(
      stepNames.map((name) => [name, { state: "waiting" }]),
    );
    const { server, prefix } = this.#session;
    let { url, protocols } = this.#target;
    // The service's own parameters would change its replies.
    for (const { name } of server?.parameters ?? []) {
      url = writeParameter(url, name, "");
    }
    address.textContent = url;
    this.#show();
    await checkProxy(
      {
        url,
        prefix,
        subprotocol: protocols[0] ?? server?.subprotocols[0] ?? "wsecho.check",
        idle: () => Number(idle.value),
      },
      (name, result) => {
        if (this.#running !== running) return;
        this.#results.set(name, result);
        list.querySelector(`[data-step="${name}"]`)
          ?.replaceWith(createItem(name, result));
      },
      running.signal,
    );
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#show();
  }

  #show() {
    const isRunning = this.#running !== undefined;
    toggle.textContent = isRunning ? words.stop : words.check.again;
    copy.hidden = isRunning;
    copy.textContent = words.check.copy;
    const states = Array.from(this.#results.values(), ({ state }) => state);
    summary.textContent = isRunning
      ? words.check.running
      : words.check.summary((wanted) =>
        states.filter((state) => state === wanted).length
      );
    list.replaceChildren(
      ...Array.from(this.#results, (one) => createItem(...one)),
    );
  }
}

/** @type {(name: string, result: Result) => HTMLElement} A step, and what is to be said about it. */
function createItem(name, result) {
  const { state, took, fault, failure, headers, seconds = 0, ping = 0 } =
    result;
  const item = create("li");
  item.dataset.step = name;
  item.dataset.state = state;
  const size = result.size ?? sizes[name];
  const title = size === undefined
    ? words.check.steps[name]
    : words.check.block(size);
  const time = seconds > 0
    ? ` · ${Math.floor(seconds)} s`
    : took === undefined
    ? ""
    : ` · ${formatMilliseconds(took)}`;
  const lines = headers?.map(words.check.header) ?? [];
  if (headers?.length === 0) lines.push(words.check.unchanged);
  if (took !== undefined && ping > 0 && ping < seconds) {
    lines.push(words.check.pings(ping));
  }
  if (fault !== undefined) {
    const cause = words.check.causes[causes[name] ?? name] ?? "";
    lines.push(words.check.fault(fault));
    lines.push(failure === undefined ? cause : words.failure(failure));
  }
  const content = create("div");
  content.append(create("strong", undefined, `${title}${time}`));
  for (const line of lines) {
    if (line === "") continue;
    appendVisible(content.appendChild(create("p", "hint")), line);
  }
  item.append(create("span", "", words.check.states[state]), content);
  return item;
}

/** The result as text. */
function describe() {
  const steps = Array.from(list.querySelectorAll("li"), ({ innerText }) => {
    const [state, ...lines] = innerText.split(/\n+/);
    return `${state}: ${lines.join("\n  ")}`;
  });
  return [
    `${words.check.title}: ${address.textContent}`,
    `${new Date().toISOString()} · ${navigator.userAgent}`,
    summary.textContent,
    ...steps,
    "",
  ].join("\n");
}
