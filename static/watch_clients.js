// @ts-check
import { appendVisible, byId, create } from "./dom.js";
import { withWords, words } from "./language.js";
import { escapeInvisible } from "./visible_text.js";

/** @typedef {import("./watch_events.js").Client} Client */

const list = byId("client-list", HTMLUListElement);
const form = byId("client-closing", HTMLFormElement);
const close = byId("client-close", HTMLButtonElement);
const modes = {
  auto: byId("reply-auto", HTMLInputElement),
  manual: byId("reply-manual", HTMLInputElement),
};

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
    session.on("clients", () => this.#update());
    session.on("state", () => this.#update());
    byId("reply-mode", HTMLElement).addEventListener("change", () => {
      session.mode = modes.manual.checked ? "manual" : "auto";
    });
    // The same fields, for another side.
    form.prepend(...byId("closing", HTMLElement).children);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      closeForm.ranges = session.parameter("close")?.ranges ?? closeForm.ranges;
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
        // Below the choice of all, the newest comes first.
        list.insertBefore(item, list.children[1] ?? null);
      }
      const [radio] = item.getElementsByTagName("input");
      if (radio) radio.checked = client === selected;
      if (client !== undefined) showState(item, client);
    }
    modes[mode].checked = true;
    close.disabled = targets.length === 0;
  }

  /** @param {Client} [client] Without one: all of them. */
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
    const { id, at, handshake: { name: _, ...handshake } } = client;
    const { path, remote } = handshake;
    label.append(`#${id} ${path}`, create("span", "client-state"));
    const time = new Date(at).toLocaleTimeString(words.code);
    const facts = `${words.watch.handshake} · ${time} · ${remote}`;
    const details = create("details");
    const pre = create("pre");
    appendVisible(pre, JSON.stringify(handshake, null, 2), "plain");
    // It can be scrolled.
    pre.tabIndex = 0;
    details.append(create("summary", "hint", facts), pre);
    item.append(create("p", "client-end"), details);
    return item;
  }
}

/** @type {(item: HTMLElement, client: Client) => void} */
function showState(item, { state, mode, close, handshake }) {
  item.dataset.state = state;
  const end = state === "refused" ? handshake : close;
  const texts = {
    "client-state": state === "joined" && mode === "manual"
      ? `${words.types[state]} · ${words.watch.manual}`
      : words.types[state],
    "client-end": state === "lost"
      ? words.watch.lost
      : end
      ? words.watch.event(end)
      : "",
  };
  for (const [name, text] of Object.entries(texts)) {
    item.getElementsByClassName(name)[0]?.replaceChildren(
      escapeInvisible(text),
    );
  }
}
