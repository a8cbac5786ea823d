// @ts-check
import { reasonLimit } from "./close_code.js";
import { byId, create, showFault } from "./dom.js";
import { withWords, words } from "./language.js";
import { findFault } from "./parameters.js";
import { byteLength } from "./payload.js";
import { createHandshake } from "./watch_handshake.js";

/** @typedef {import("./watch_events.js").Client} Client */
/** @typedef {import("./watch_session.js").WatchSession} WatchSession */

const list = byId("client-list", HTMLUListElement);
const none = byId("no-client", HTMLElement);
const modes = byId("reply-mode", HTMLFieldSetElement);
const closing = byId("client-closing", HTMLFormElement);
const code = byId("client-code", HTMLInputElement);
const reason = byId("client-reason", HTMLInputElement);
const fault = byId("client-fault", HTMLElement);

/** The clients: a choice of one or all, and what can be done with them. */
export class WatchClients {
  #session;
  /** @type {Map<Client | undefined, HTMLElement>} */
  #items = new Map();
  #isWaiting = false;

  /** @param {WatchSession} session */
  constructor(session) {
    this.#session = session;
    session.on("clients", () => this.#update());
    session.on("state", () => this.#update());
    modes.addEventListener("change", ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      session.setMode(target.value === "manual" ? "manual" : "auto");
    });
    closing.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#showFaults()) {
        session.close(Number(code.value), reason.value);
      } else if (code.matches("[aria-invalid]")) code.focus();
      else reason.focus();
    });
    closing.addEventListener("input", () => this.#showFaults());
    withWords(() => {
      // They are made again, in the other language.
      this.#items.clear();
      list.replaceChildren();
      if (fault.textContent !== "") this.#showFaults();
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
    const { all } = clients;
    none.hidden = all.length > 0;
    for (const [client, item] of this.#items) {
      if (client === undefined || all.includes(client)) continue;
      item.remove();
      this.#items.delete(client);
    }
    /** @type {(Client | undefined)[]} */
    const shown = all.length > 0 ? [undefined, ...all] : [];
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
    const chosen = modes.querySelector(`input[value="${mode}"]`);
    if (chosen instanceof HTMLInputElement) chosen.checked = true;
    const button = byId("client-close", HTMLButtonElement);
    button.disabled = targets.length === 0;
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
      label.append(create("span", "client-name", words.watch.all));
      return item;
    }
    const name = create("span", "client-name", `#${client.id} ${client.path}`);
    label.append(name, create("span", "client-state"));
    const time = new Date(client.at).toLocaleTimeString(words.code);
    const facts = [time, client.remote];
    if (client.protocol !== "") facts.push(client.protocol);
    const handshake = create("details");
    handshake.append(create("summary", undefined, words.watch.handshake));
    handshake.addEventListener("toggle", () => {
      if (handshake.children.length > 1) return;
      const { refusal, ...known } = client;
      handshake.append(createHandshake(
        refusal === undefined ? known : {
          path: client.path,
          remote: client.remote,
          headers: client.headers,
        },
      ));
    });
    item.append(
      create("p", "hint", facts.join(" · ")),
      create("p", "client-end"),
      handshake,
    );
    return item;
  }

  /** @returns {boolean} Whether there are any. */
  #showFaults() {
    const accepted = this.#session.server?.parameters.find(({ name }) =>
      name === "close"
    );
    const given = new URLSearchParams({ close: code.value });
    const codeFault = accepted && findFault(accepted, given) !== undefined
      ? words.expected(accepted)
      : "";
    const reasonFault = byteLength(reason.value) <= reasonLimit
      ? ""
      : words.expected({ kind: "text", max: reasonLimit, unit: "bytes" });
    showFault(reason, fault, reasonFault);
    showFault(code, fault, codeFault || reasonFault);
    if (codeFault === "") code.removeAttribute("aria-invalid");
    return codeFault !== "" || reasonFault !== "";
  }
}

/**
 * @param {HTMLElement} item
 * @param {Client} client
 */
function showState(item, { state, mode, close, refusal }) {
  const { clientStates, byHand, left, lost } = words.watch;
  item.dataset.state = state;
  const end = refusal !== undefined
    ? `${refusal.status} ${refusal.message}`
    : close !== undefined
    ? left(close)
    : state === "lost"
    ? lost
    : mode === "manual"
    ? byHand
    : "";
  for (
    const [place, text] of [
      ["client-state", clientStates[state]],
      ["client-end", end],
    ]
  ) {
    const element = item.querySelector(`.${place}`);
    if (element && element.textContent !== text) {
      element.textContent = text ?? "";
    }
  }
}
