// @ts-check
import { appendVisible, byId, create } from "./dom.js";
import { withWords, words } from "./language.js";
import { escapeInvisible } from "./visible_text.js";

/** @typedef {import("./watch_events.js").Client} Client */

const list = byId("client-list", HTMLUListElement);
const modes = byId("reply-mode", HTMLFieldSetElement);
const form = byId("client-closing", HTMLFormElement);

/** The clients: a choice of one or all, and what can be done with them. */
export class WatchClients {
  #session;
  /** @type {Map<Client | undefined, HTMLElement>} */
  #items = new Map();
  #isWaiting = false;

  /**
   * @param {import("./watch_session.js").WatchSession} session
   * @param {import("./close_form.js").CloseForm} closeForm
   */
  constructor(session, closeForm) {
    this.#session = session;
    for (const name of ["clients", "state"]) {
      session.on(name, () => this.#update());
    }
    modes.addEventListener("change", ({ target }) => {
      session.mode = target === choiceOf("manual") ? "manual" : "auto";
    });
    // The same fields, for another side.
    form.prepend(...byId("closing", HTMLElement).children);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      closeForm.ranges = session.server?.parameters
        .find(({ name }) => name === "close")?.ranges ?? closeForm.ranges;
      const close = closeForm.read();
      if (close !== undefined) session.close(close.code, close.reason);
    });
    withWords(() => {
      this.#items.clear();
      list.replaceChildren();
      this.#draw();
    });
  }

  /** Many may come at once. */
  #update() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    requestAnimationFrame(() => {
      this.#isWaiting = false;
      this.#draw();
    });
  }

  #draw() {
    const { clients, selected, mode, targets } = this.#session;
    const shown = [undefined, ...clients.all];
    for (const [client, item] of this.#items) {
      if (shown.includes(client)) continue;
      item.remove();
      this.#items.delete(client);
    }
    for (const client of shown) {
      let item = this.#items.get(client);
      if (item === undefined) {
        item = this.#create(client);
        this.#items.set(client, item);
        list.append(item);
      }
      const radio = item.querySelector("input");
      if (radio) radio.checked = client === selected;
      if (client !== undefined) showState(item, client);
    }
    choiceOf(mode).checked = true;
    byId("client-close", HTMLButtonElement).disabled = targets.length === 0;
  }

  /** @param {Client | undefined} client Without one: all of them. */
  #create(client) {
    const item = create("li", "client");
    const label = create("label");
    const radio = create("input");
    radio.type = "radio";
    radio.name = "client";
    radio.addEventListener("change", () => this.#session.select(client));
    label.append(radio);
    item.append(label);
    if (client === undefined) {
      label.append(words.watch.all);
      return item;
    }
    const { id, at, handshake } = client;
    const title = "path" in handshake ? `#${id} ${handshake.path}` : `#${id}`;
    label.append(title, create("span", "client-state"));
    const facts = [new Date(at).toLocaleTimeString(words.code)];
    if ("remote" in handshake) facts.push(handshake.remote);
    const details = create("details");
    const { name: _, ...shown } = handshake;
    const pre = create("pre");
    appendVisible(pre, JSON.stringify(shown, null, 2), "plain");
    // It can be scrolled.
    pre.tabIndex = 0;
    details.append(create("summary", undefined, words.watch.handshake), pre);
    item.append(
      create("p", "hint", facts.join(" · ")),
      create("p", "client-end"),
      details,
    );
    return item;
  }
}

/** @param {"auto" | "manual"} mode */
function choiceOf(mode) {
  return byId(`reply-${mode}`, HTMLInputElement);
}

/**
 * @param {HTMLElement} item
 * @param {Client} client
 */
function showState(item, { state, close, handshake }) {
  item.dataset.state = state;
  const end = state === "refused"
    ? words.watch.event(handshake)
    : state === "lost"
    ? words.watch.lost
    : close
    ? words.watch.event(close)
    : "";
  for (
    const [name, text] of [
      ["client-state", words.types[state]],
      ["client-end", end],
    ]
  ) {
    const place = item.querySelector(`.${name}`);
    if (place && text !== undefined) place.textContent = escapeInvisible(text);
  }
}
