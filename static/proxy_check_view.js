import { copyBy } from "./buttons.js";
import { byId, create } from "./dom.js";
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
 * Offers the proxy check: it runs in a dialog, for the URL in the form.
 * @param {import("./session.js").Session} session
 * @param {import("./connection_form.js").ConnectionForm} form
 */
export function offerProxyCheck(session, form) {
  /** @type {AbortController | undefined} Of the check that runs. */
  let running;
  byId("check", HTMLElement).addEventListener("click", () => {
    if (!form.check()) return;
    dialog.showModal();
    run();
  });
  toggle.addEventListener("click", () => running ? running.abort() : run());
  byId("check-close", HTMLElement)
    .addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => running?.abort());
  copy.addEventListener("click", () => {
    copyBy(copy, describe(), () => words.check.copy);
  });

  async function run() {
    const own = running = new AbortController();
    const { server, prefix } = session;
    let { url } = form;
    // The service's own parameters would change its replies.
    for (const { name } of server?.parameters ?? []) {
      url = writeParameter(url, name, "");
    }
    const subprotocol = form.protocols[0] ?? server?.subprotocols[0] ??
      "wsecho.check";
    const target = { url, prefix, subprotocol, idle: () => Number(idle.value) };
    address.textContent = url;
    copy.hidden = true;
    copy.textContent = words.check.copy;
    toggle.textContent = words.stop;
    summary.textContent = words.check.running;
    list.replaceChildren(
      ...stepNames.map((name) => createItem(name, { state: "waiting" })),
    );
    await checkProxy(target, (name, result) => {
      // One that was stopped may still be about to end.
      if (running !== own) return;
      list.querySelector(`[data-step="${name}"]`)
        ?.replaceWith(createItem(name, result));
    }, own.signal);
    if (running !== own) return;
    running = undefined;
    copy.hidden = false;
    toggle.textContent = words.check.again;
    summary.textContent = words.check.summary((state) =>
      list.querySelectorAll(`[data-state="${state}"]`).length
    );
  }
}

/** @type {(name: string, result: Result) => HTMLElement} A step, and what is to be said about it. */
function createItem(name, { state, took, seconds, notes = [], size }) {
  const bytes = size ?? sizes[name];
  const title = bytes === undefined
    ? words.check.steps[name]
    : words.check.block(bytes);
  const time = seconds !== undefined
    ? ` · ${Math.floor(seconds)} s`
    : took === undefined
    ? ""
    : ` · ${formatMilliseconds(took)}`;
  const heading = create("strong", "", `${title}${time}`);
  const lines = notes.map((note) => create("p", "hint", note));
  const word = create("span", "", words.check.states[state]);
  const item = create("li", "", word, create("div", "", heading, ...lines));
  item.dataset.step = name;
  item.dataset.state = state;
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
