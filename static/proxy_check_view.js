// @ts-check
import { appendVisible, byId, copyText, create } from "./dom.js";
import { explainFailure } from "./handshake_failure.js";
import { withWords, words } from "./language.js";
import { writeParameter } from "./parameters.js";
import { checkProxy, stepNames } from "./proxy_check.js";
import { formatMilliseconds } from "./statistics.js";
import { escapeInvisible } from "./visible_text.js";

/** @typedef {import("./proxy_check.js").Result} Result */
/** @typedef {import("./session.js").Session} Session */

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
  #form;
  /** @type {{ url: string, protocols: string[] }} */
  #target = { url: "", protocols: [] };
  /** @type {Map<string, Result>} */
  #results = new Map();
  /** What explains that the handshake failed. */
  #explanation = "";
  /** @type {AbortController | undefined} Of the check that runs. */
  #running;

  /**
   * @param {Session} session
   * @param {import("./connection_form.js").ConnectionForm} form
   */
  constructor(session, form) {
    this.#session = session;
    this.#form = form;
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
    copy.addEventListener("click", async () => {
      copy.textContent = await copyText(this.#describe())
        ? words.copied
        : words.copyFailed;
    });
    withWords(() => this.#show());
  }

  async #run() {
    // The one that was stopped may still be about to end.
    const running = this.#running = new AbortController();
    this.#explanation = "";
    this.#results = new Map(
      stepNames.map((name) => [name, { state: "waiting" }]),
    );
    const { protocols } = this.#target;
    const { server, prefix } = this.#session;
    // The service's own parameters would change its replies.
    const url = (server?.parameters ?? []).reduce(
      (url, { name }) => writeParameter(url, name, ""),
      this.#target.url,
    );
    address.textContent = url;
    this.#show();
    await checkProxy(
      {
        url,
        open: (url, protocols) => new WebSocket(url, protocols),
        subprotocol: protocols[0] ?? server?.subprotocols[0] ?? "wsecho.check",
        page: { origin: location.origin, userAgent: navigator.userAgent },
        idle: () => Number(idle.value) || 0,
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
    const failed = this.#results.get("handshake")?.fault?.kind === "handshake";
    if (!failed) return;
    this.#explanation = words.failure(await explainFailure(url, [], prefix));
    this.#show();
  }

  #show() {
    const isRunning = this.#running !== undefined;
    toggle.textContent = isRunning ? words.stop : words.check.again;
    copy.hidden = isRunning;
    copy.textContent = words.check.copy;
    const text = isRunning ? words.check.running : this.#count();
    if (summary.textContent !== text) summary.textContent = text;
    list.replaceChildren(
      ...Array.from(this.#results, (one) => this.#createItem(...one)),
    );
  }

  /**
   * @param {string} name
   * @param {Result} result
   */
  #createItem(name, result) {
    const item = create("li");
    item.dataset.step = name;
    item.dataset.state = result.state;
    const content = create("div");
    const [title, ...lines] = this.#lines(name, result);
    content.append(create("strong", undefined, title));
    for (const line of lines) {
      appendVisible(content.appendChild(create("p")), line);
    }
    const state = words.check.states[result.state];
    item.append(create("span", "check-state", state), content);
    return item;
  }

  /**
   * @param {string} name
   * @param {Result} result
   * @returns {string[]} The step, and what is to be said about it.
   */
  #lines(name, result) {
    const { state, took, fault, headers, seconds = 0, ping = 0 } = result;
    const lines = [words.check.step(name, result.size)];
    if (state === "passed" && took !== undefined && name !== "idle") {
      lines[0] += ` · ${formatMilliseconds(took)}`;
    }
    if (seconds > 0) lines[0] += ` · ${Math.floor(seconds)} s`;
    if (headers?.length === 0) lines.push(words.check.unchanged);
    lines.push(...headers?.map(words.check.header) ?? []);
    if (state === "passed" && ping > 0 && ping < seconds) {
      lines.push(words.check.pings(ping));
    }
    if (fault !== undefined) {
      lines.push(words.check.fault(fault));
      const cause = name === "handshake"
        ? this.#explanation
        : words.check.causes[causes[name] ?? name] ?? "";
      if (cause !== "") lines.push(cause);
    }
    return lines;
  }

  #count() {
    const states = Array.from(this.#results.values(), ({ state }) => state);
    const count = (/** @type {Result["state"]} */ wanted) =>
      states.filter((state) => state === wanted).length;
    return words.check.summary(
      count("passed"),
      count("failed"),
      count("skipped"),
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
