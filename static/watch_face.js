// @ts-check
import { clientCode, KINDS } from "./client_code.js";
import { byId, copyText, create, setMarked } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";
import { WatchClients } from "./watch_clients.js";

/** @typedef {import("./watch_session.js").WatchSession} WatchSession */

const endpoint = byId("watch-endpoint", HTMLSelectElement);
const address = byId("watch-url", HTMLOutputElement);
const kinds = byId("watch-kinds", HTMLFieldSetElement);
const code = byId("watch-code", HTMLElement);
const how = byId("watch-how", HTMLDetailsElement);
const badge = byId("watch-state", HTMLElement);
const detail = byId("watch-detail", HTMLElement);
const failure = byId("watch-failure", HTMLElement);
const composer = byId("composer", HTMLFormElement);

/** The page as it watches clients, instead of connecting itself. */
export class WatchFace {
  #session;
  #timer = 0;
  /** The clients of the list when the code was shown or hidden. */
  #known = 0;
  /** To whom a message goes, or why it does not. */
  #target = create("p", "hint target");
  /** @type {import("./watch_session.js").Unsent | undefined} */
  #unsent;

  /** @param {WatchSession} session */
  constructor(session) {
    this.#session = session;
    document.body.classList.add("watching");
    byId("watch", HTMLElement).hidden = false;
    for (const id of ["connection", "picture"]) {
      byId(id, HTMLElement).hidden = true;
    }
    new WatchClients(session);
    this.#target.role = "status";
    composer.append(this.#target);
    // Before the composer's own listener: no other connection would help.
    composer.addEventListener("submit", (event) => {
      if (session.targets.length > 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.#unsent = "nobody";
      this.#showTarget();
    }, { capture: true });
    composer.addEventListener("input", () => this.#forget());

    kinds.append(...KINDS.map(({ kind, label }, i) => {
      const radio = create("input");
      radio.type = "radio";
      radio.name = "watch-kind";
      radio.value = kind;
      radio.checked = i === 0;
      const choice = create("label");
      choice.append(radio, create("span", undefined, label));
      return choice;
    }));
    for (const field of [endpoint, kinds]) {
      field.addEventListener("change", () => this.#showAddress());
    }
    copies("watch-copy", () => address.value);
    copies("watch-copy-code", () => code.textContent ?? "");

    session.on("state", () => this.#show());
    session.on("clients", () => {
      // Who has connected knows how; the log needs the room.
      if (this.#known === 0 && session.clients.all.length > 0) how.open = false;
      this.#known = session.clients.all.length;
    });
    session.on("unsent", (why) => {
      this.#unsent = why;
      this.#showTarget();
    });
    withWords(() => this.#show());
  }

  /** Shows where a client is to connect, as the server has said what it is. */
  #showAddress() {
    const { choices, key } = this.#session;
    if (endpoint.length !== choices.length) {
      endpoint.replaceChildren(
        ...choices.map(({ name, path }) =>
          new Option(`${name} · ${path}`, path)
        ),
      );
      // The root is easily lost on the way through a program.
      const named = choices.find(({ path }) => !path.endsWith("/"));
      if (named !== undefined) endpoint.value = named.path;
    }
    const url = `${webSocketOrigin(location)}${endpoint.value}?watch=${key}`;
    address.value = url;
    const kind = KINDS.find(({ kind }) =>
      kinds.querySelector("input:checked")?.getAttribute("value") === kind
    );
    code.textContent = kind === undefined ? "" : clientCode(kind.kind, url, []);
  }

  #show() {
    const { link, clients } = this.#session;
    badge.dataset.state = link.state;
    badge.textContent = words.states[link.state];
    const n = clients.open.length;
    const title = link.state === "open" && n > 0
      ? words.watch.count(n)
      : badge.textContent;
    document.title = `${title} · wsecho`;
    this.#tick();
    clearInterval(this.#timer);
    if (link.state === "waiting") {
      this.#timer = setInterval(() => this.#tick(), 1_000);
    }
    this.#showFailure();
    this.#forget();
  }

  #tick() {
    const { link, clients, ending } = this.#session;
    const parts = [];
    if (link.state === "open") {
      const n = clients.open.length;
      parts.push(n === 0 ? words.watch.waiting : words.watch.count(n));
    }
    if (link.state === "waiting") {
      const left = Math.max(0, link.retry.at - performance.now()) / 1_000;
      parts.push(words.nextTry(Math.ceil(left), link.retry.attempt));
      if (ending) parts.push(words.closed(ending));
    }
    const text = parts.join(" · ");
    if (detail.textContent !== text) detail.textContent = text;
  }

  #showFailure() {
    const { failure: found, key } = this.#session;
    const isPossible = found === undefined || found.kind === "handshake";
    for (const id of ["watch-client", "clients", "composer", "log"]) {
      byId(id, HTMLElement).hidden = !isPossible;
    }
    if (isPossible) this.#showAddress();
    failure.hidden = found === undefined;
    switch (found?.kind) {
      case "off":
        return setMarked(failure, words.watch.off);
      case "key":
        failure.textContent = words.watch.badKey(
          key,
          words.expected(found.parameter).replaceAll("`", ""),
        );
        return;
      case "handshake": {
        const text = [words.failedTitle, words.failure(found.failure)];
        if (found.failure.kind === "refused") {
          text.push(words.watch.notOwn(location.origin));
        }
        failure.textContent = text.join(" · ");
      }
    }
  }

  /** What was not sent is another matter now. */
  #forget() {
    this.#unsent = undefined;
    this.#showTarget();
  }

  #showTarget() {
    const { targets, selected } = this.#session;
    const why = this.#unsent;
    const text = why !== undefined
      ? words.watch[why]
      : targets.length === 0
      ? ""
      : selected === undefined
      ? words.watch.toAll(targets.length)
      : words.watch.toOne(selected.id);
    if (this.#target.textContent !== text) this.#target.textContent = text;
    this.#target.classList.toggle("fault", why !== undefined);
  }
}

/**
 * Makes a button copy a text, and say so for a while.
 * @param {string} id
 * @param {() => string} text
 */
function copies(id, text) {
  const button = byId(id, HTMLButtonElement);
  button.addEventListener("click", async () => {
    const done = await copyText(text());
    button.textContent = done ? words.copied : words.copyFailed;
    setTimeout(() => {
      button.textContent = words.copy;
    }, 2_000);
  });
}
