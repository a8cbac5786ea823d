// @ts-check
import { clientCode, KINDS } from "./client_code.js";
import { byId, copyText, create, setMarked } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";
import { escapeInvisible } from "./visible_text.js";
import { WatchClients } from "./watch_clients.js";

const endpoint = byId("watch-endpoint", HTMLSelectElement);
const address = byId("watch-url", HTMLOutputElement);
const kinds = byId("watch-kinds", HTMLSelectElement);
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
  /** To whom a message goes, or why it does not. */
  #target = create("p", "hint target");

  /**
   * @param {import("./watch_session.js").WatchSession} session
   * @param {import("./close_form.js").CloseForm} closeForm
   */
  constructor(session, closeForm) {
    this.#session = session;
    document.body.classList.add("watching");
    byId("watch", HTMLElement).hidden = false;
    for (const id of ["connection", "picture"]) {
      byId(id, HTMLElement).hidden = true;
    }
    new WatchClients(session, closeForm);
    this.#target.role = "status";
    composer.append(this.#target);
    // Before the composer's own listener: no other connection would help.
    composer.addEventListener("submit", (event) => {
      if (session.targets.length > 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.#showTarget("nobody");
    }, { capture: true });
    composer.addEventListener("input", () => this.#showTarget());

    kinds.append(...KINDS.map(({ kind, label }) => new Option(label, kind)));
    for (const field of [endpoint, kinds]) {
      field.addEventListener("change", () => this.#showAddress());
    }
    onCopy("watch-copy", () => address.value);
    onCopy("watch-copy-code", () => code.textContent ?? "");

    session.on("state", () => this.#show());
    session.on("unsent", (why) => this.#showTarget(why));
    session.on("clients", () => {
      // Who has connected knows how, and the log needs the room.
      if (session.clients.all.length > 0 && !how.dataset.shut) {
        how.open = false;
        how.dataset.shut = "true";
      }
    });
    withWords(() => this.#show());
  }

  /** Shows where a client is to connect, as far as the server is known. */
  #showAddress() {
    const { choices, key } = this.#session;
    if (
      String(Array.from(endpoint.options, ({ value }) => value)) !==
        String(choices.map(({ path }) => path))
    ) {
      endpoint.replaceChildren(
        ...choices.map(({ name, path }) =>
          new Option(`${name} · ${path}`, path)
        ),
      );
      // A bare slash looks as if there were nothing to choose.
      const named = choices.find(({ path }) => !path.endsWith("/"));
      if (named !== undefined) endpoint.value = named.path;
    }
    const url = `${webSocketOrigin(location)}${endpoint.value}?watch=${key}`;
    address.value = url;
    const chosen = KINDS.find(({ kind }) => kind === kinds.value);
    code.textContent = chosen ? clientCode(chosen.kind, url, []) : "";
  }

  #show() {
    const { link: { state } } = this.#session;
    badge.dataset.state = state;
    badge.textContent = words.states[state];
    document.title = `${words.watch.title} · wsecho`;
    this.#tick();
    clearInterval(this.#timer);
    if (state === "waiting") {
      this.#timer = setInterval(() => this.#tick(), 1_000);
    }
    this.#showFailure();
    this.#showTarget();
  }

  #tick() {
    const { link: { state, retry }, clients, ending } = this.#session;
    const n = clients.open.length;
    const left = Math.max(0, retry.at - performance.now()) / 1_000;
    const text = state === "open"
      ? n === 0 ? words.watch.waiting : words.watch.count(n)
      : state === "waiting" && ending
      ? `${words.closed(ending)} · ${
        words.nextTry(Math.ceil(left), retry.attempt)
      }`
      : "";
    if (detail.textContent !== text) detail.textContent = text;
  }

  #showFailure() {
    const { failure: why, key, server } = this.#session;
    const isPossible = typeof why !== "string";
    for (const id of ["watch-client", "clients", "composer", "log"]) {
      byId(id, HTMLElement).hidden = !isPossible;
    }
    if (isPossible) this.#showAddress();
    failure.hidden = why === undefined;
    if (why === undefined) return;
    const accepted = server?.parameters.find(({ name }) => name === "watch");
    setMarked(
      failure,
      why === "off" ? words.watch.off : why === "key"
        ? words.watch.badKey(
          escapeInvisible(key),
          accepted ? words.expected(accepted) : "",
        )
        : `${words.failure(why)}${
          why.kind === "refused" ? words.watch.notOwn(location.origin) : ""
        }`,
    );
  }

  /** @param {import("./watch_session.js").Unsent} [why] */
  #showTarget(why) {
    const { targets, selected } = this.#session;
    const text = why !== undefined
      ? words.watch[why]
      : targets.length === 0
      ? ""
      : words.watch.target(targets.length, selected?.id);
    if (this.#target.textContent !== text) this.#target.textContent = text;
    this.#target.classList.toggle("fault", why !== undefined);
  }
}

/**
 * Makes a button copy a text, and say so for a while.
 * @param {string} id
 * @param {() => string} text
 */
function onCopy(id, text) {
  const button = byId(id, HTMLButtonElement);
  button.addEventListener("click", async () => {
    const done = await copyText(text());
    button.textContent = done ? words.copied : words.copyFailed;
    setTimeout(() => button.textContent = words.copy, 2_000);
  });
}
