// @ts-check
import { copyBy } from "./buttons.js";
import { appendVisible, byId, create } from "./dom.js";
import { withWords, words } from "./language.js";
import { writeParameter } from "./parameters.js";
import { checkProxy, sizes, stepNames } from "./proxy_check.js";
import { formatMilliseconds } from "./statistics.js";
import { escapeInvisible } from "./visible_text.js";

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
    copy.addEventListener(
      "click",
      () => copyBy(copy, this.#describe(), () => words.check.copy),
    );
    withWords(() => this.#show());
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
          ?.replaceWith(this.#createItem(name, result));
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
    summary.textContent = isRunning ? words.check.running : this.#count();
    list.replaceChildren(
      ...Array.from(this.#results, (one) => this.#createItem(...one)),
    );
  }

  /** @type {(name: string, result: Result) => HTMLElement} */
  #createItem(name, result) {
    const item = create("li");
    item.dataset.step = name;
    item.dataset.state = result.state;
    const content = create("div");
    const [title, ...lines] = this.#lines(name, result);
    content.append(create("strong", undefined, title));
    for (const line of lines) {
      appendVisible(content.appendChild(create("p", "hint")), line);
    }
    item.append(create("span", "", words.check.states[result.state]), content);
    return item;
  }

  /**
   * The step, and what is to be said about it.
   * @type {(name: string, result: Result) => string[]}
   */
  #lines(name, result) {
    const { took, fault, failure, headers, seconds = 0, ping = 0 } = result;
    const size = result.size ?? sizes[name];
    const title = [
      size === undefined ? words.check.steps[name] : words.check.block(size),
    ];
    if (seconds > 0) title.push(`${Math.floor(seconds)} s`);
    else if (took !== undefined) title.push(formatMilliseconds(took));
    const lines = [title.join(" · ")];
    if (headers?.length === 0) lines.push(words.check.unchanged);
    lines.push(...headers?.map(words.check.header) ?? []);
    if (took !== undefined && ping > 0 && ping < seconds) {
      lines.push(words.check.pings(ping));
    }
    if (fault !== undefined) lines.push(words.check.fault(fault));
    if (failure !== undefined) lines.push(words.failure(failure));
    else if (fault !== undefined) {
      lines.push(words.check.causes[causes[name] ?? name] ?? "");
    }
    return lines.filter((line) => line !== "");
  }

  #count() {
    const states = Array.from(this.#results.values(), ({ state }) => state);
    return words.check.summary((wanted) =>
      states.filter((state) => state === wanted).length
    );
  }

  /** The result as text. */
  #describe() {
    const steps = Array.from(this.#results, ([name, result]) => {
      const lines = this.#lines(name, result).map(escapeInvisible);
      return `${words.check.states[result.state]}: ${lines.join("\n  ")}`;
    });
    return [
      `${words.check.title}: ${address.textContent}`,
      `${new Date().toISOString()} · ${navigator.userAgent}`,
      this.#count(),
      ...steps,
      "",
    ].join("\n");
  }
}
