import { announceConnection, announceTraffic } from "./announcer.js";
import { CloseForm } from "./close_form.js";
import { Composer } from "./composer.js";
import { ConnectionForm } from "./connection_form.js";
import { byId } from "./dom.js";
import { offerExamples } from "./examples.js";
import { switchLanguage, translate, withWords, words } from "./language.js";
import { LogView } from "./log_view.js";
import { showPicture } from "./picture.js";
import { offerProxyCheck } from "./proxy_check_view.js";
import { Session } from "./session.js";
import { showStatus } from "./status_line.js";
import { addUrlMenus } from "./url_menus.js";
import { freshKey, readKey } from "./watch_events.js";
import { showWatchFace } from "./watch_face.js";
import { WatchSession } from "./watch_session.js";

withWords(() => {
  document.documentElement.lang = words.code;
  translate();
  const button = byId("language", HTMLElement);
  button.textContent = words.otherLanguage;
  button.lang = words.otherLanguageCode;
});
byId("language", HTMLElement).addEventListener("click", switchLanguage);

const asked = readKey(location.hash);
const key = asked === "" ? freshKey() : asked;
if (asked === "") history.replaceState(null, "", `#watch=${key}`);
addEventListener("hashchange", () => {
  // Another key, or the URL of another connection, is another page.
  if (readKey(location.hash) !== key || /^#wss?:/i.test(location.hash)) {
    location.reload();
  }
});

const watchSession = key === undefined ? undefined : new WatchSession(key);
const session = watchSession ?? new Session();
const form = new ConnectionForm(session);
const closeForm = new CloseForm();
addUrlMenus(session, form);
const composer = new Composer(session, watchSession ? undefined : connectFirst);
new LogView(session);
announceTraffic(session);
offerProxyCheck(session, form);
const face = byId(watchSession ? "face-watch" : "face-console", HTMLElement);
face.ariaCurrent = "page";
if (watchSession !== undefined) showWatchFace(watchSession, closeForm);
else {
  showStatus(session, form);
  showPicture(session);
  announceConnection(session);
  offerExamples(session, form, composer);
  // It would take the place of the URL in the fragment; the other makes a key.
  face.removeAttribute("href");
}

/** Connects, so that a message can be sent; returns whether it has begun to. */
function connectFirst() {
  const { connection } = session;
  connection.retryNow();
  return connection.state === "connecting" ||
    (connection.state !== "closing" && form.connect());
}

// As a fragment, it would take the place of the key or the URL.
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  byId("log", HTMLElement).focus();
});

session.on("opened", () => {
  // After pressing Connect, the next step is to write a message.
  if (byId("connection", HTMLElement).contains(document.activeElement)) {
    composer.focus();
  }
});

byId("connection", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const { connection } = session;
  const { state } = connection;
  const field = document.activeElement;
  const isEnter = field instanceof HTMLInputElement;
  if (state === "open") {
    // Enter in a field of the next connection must not close this one.
    if (isEnter && !field.id.startsWith("close-")) return;
    const close = closeForm.read();
    if (close !== undefined) session.close(close.code, close.reason);
  } else if (state === "closing") {
    // A server may never answer; Enter in a field is no reason to give it up.
    if (!isEnter) connection.disconnect();
  } else if (state === "connecting" || state === "waiting") {
    connection.disconnect();
  } else form.connect();
});
// The second click of a double click would disconnect again.
byId("connect", HTMLElement).addEventListener("click", (event) => {
  if (event.detail > 1) event.preventDefault();
});

session.introduce().finally(() => {
  document.documentElement.dataset.ready = "";
});
