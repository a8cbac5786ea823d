import { copyBy } from "./buttons.js";
import { clientCode, KINDS } from "./client_code.js";
import { byId, create, setMarked, setText } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";
import { escapeInvisible } from "./visible_text.js";
import { showClients } from "./watch_clients.js";

const endpoint = byId("watch-endpoint", HTMLSelectElement);
const address = byId("watch-url", HTMLOutputElement);
const kinds = byId("watch-kinds", HTMLSelectElement);
const code = byId("watch-code", HTMLElement);
const how = byId("watch-how", HTMLDetailsElement);
const badge = byId("watch-state", HTMLElement);
const detail = byId("watch-detail", HTMLElement);
const retrying = byId("watch-retry", HTMLElement);
const failure = byId("watch-failure", HTMLElement);
const composer = byId("composer", HTMLFormElement);

/**
 * The page as it watches clients, instead of connecting itself.
 * @param {import("./watch_session.js").WatchSession} session
 * @param {import("./close_form.js").CloseForm} closeForm
 */
export function showWatchFace(session, closeForm) {
  document.body.classList.add("watching");
  byId("watch", HTMLElement).hidden = false;
  byId("connection", HTMLElement).hidden = true;
  byId("picture", HTMLElement).hidden = true;
  showClients(session, closeForm);
  /** To whom a message goes, or why it does not. */
  const target = create("p", "hint target");
  target.role = "status";
  composer.append(target);
  composer.addEventListener("input", () => showTarget());
  for (const [kind, label] of Object.entries(KINDS)) {
    kinds.append(new Option(label, kind));
  }
  for (const field of [endpoint, kinds]) {
    field.addEventListener("change", showAddress);
  }
  for (const source of [address, code]) {
    const button = byId(`${source.id}-copy`, HTMLButtonElement);
    button.addEventListener("click", () => {
      copyBy(button, source.textContent ?? "");
    });
  }

  session.on("server", showEndpoints);
  session.on("state", show);
  session.on("tooLarge", () => showTarget(words.watch.large));
  setInterval(tick, 1_000);
  withWords(show);

  function showEndpoints() {
    const { choices } = session;
    // A bare slash looks as if there were nothing to choose.
    const named = choices.find(({ path }) => !path.endsWith("/"));
    endpoint.replaceChildren(
      ...choices.map(({ name, path }) =>
        new Option(`${name} · ${path}`, path, false, path === named?.path)
      ),
    );
    showAddress();
  }

  /** Shows where a client is to connect, and how. */
  function showAddress() {
    const url = `${
      webSocketOrigin(location)
    }${endpoint.value}?watch=${session.key}`;
    address.value = url;
    code.textContent = clientCode(kinds.value, url, []);
  }

  function show() {
    const { clients, connection: { state } } = session;
    badge.dataset.state = state;
    setText(badge, words.states[state]);
    document.title = `${words.watch.title} · wsecho`;
    // Who has connected knows how, and the log needs the room.
    if (clients.all.length > 0 && !how.dataset.shut) {
      how.open = false;
      how.dataset.shut = "true";
    }
    tick();
    showFailure();
    showTarget();
  }

  function tick() {
    const { connection: { state, retry }, clients, ending } = session;
    const n = clients.open.length;
    const left = Math.max(0, retry.at - performance.now()) / 1_000;
    const isWaiting = state === "waiting" && ending !== undefined;
    setText(
      detail,
      state === "open"
        ? n === 0 ? words.watch.waiting : words.watch.count(n)
        : isWaiting
        ? escapeInvisible(words.closed(ending))
        : "",
    );
    // Not part of the status, which is announced whenever it changes.
    const nextTry = words.nextTry(Math.ceil(left), retry.attempt);
    setText(retrying, isWaiting ? nextTry : "");
  }

  function showFailure() {
    const { failure: explanation, fault, key } = session;
    const why = fault ?? explanation?.failure;
    for (const id of ["watch-client", "clients", "composer", "log"]) {
      byId(id, HTMLElement).hidden = fault !== undefined;
    }
    failure.hidden = why === undefined;
    if (why === undefined) return;
    const accepted = session.parameter("watch");
    const range = accepted ? words.expected(accepted) : "";
    setMarked(
      failure,
      why === "off"
        ? words.watch.off
        : why === "key"
        ? words.watch.badKey(escapeInvisible(key), range)
        : why.kind === "refused"
        ? words.failure(why) + words.watch.notOwn(location.origin)
        : words.failure(why),
    );
  }

  /** @param {string} [fault] Why a message was not sent. */
  function showTarget(fault = "") {
    const { targets: { length }, selected } = session;
    const whom = length > 0 ? words.watch.target(length, selected?.id) : "";
    setText(target, fault || whom);
    target.classList.toggle("fault", fault !== "");
  }
}
