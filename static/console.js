// @ts-check
import { Announcer } from "./announcer.js";
import { CloseForm } from "./close_form.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { ConnectionForm } from "./connection_form.js";
import { byId } from "./dom.js";
import {
  curlCommand,
  defaultEndpoints,
  guessPrefix,
  listChoices,
  mountPrefix,
  parseServerInfo,
  webSocketOrigin,
} from "./endpoint.js";
import { explainFailure } from "./handshake_failure.js";
import { switchLanguage, translate, withWords, words } from "./language.js";
import { Log } from "./log.js";
import { LogView } from "./log_view.js";
import { repliesMatch } from "./parameters.js";
import { byteLength } from "./payload.js";
import { Picture } from "./picture.js";
import { ReplyMatcher, Statistics } from "./statistics.js";
import { StatusLine } from "./status_line.js";

/** @typedef {import("./endpoint.js").ServerInfo} ServerInfo */

withWords(() => {
  document.documentElement.lang = words.code;
  translate(document);
  const button = byId("language", HTMLElement);
  button.textContent = words.otherLanguage;
  button.lang = words.otherLanguageCode;
});
byId("language", HTMLElement).addEventListener("click", switchLanguage);

/** @type {ServerInfo | undefined} */
let server;
let prefix = guessPrefix(location.pathname);

const log = new Log();
const statistics = new Statistics();
const matcher = new ReplyMatcher();
const announcer = new Announcer();
const form = new ConnectionForm();
const closeForm = new CloseForm();

const connection = new Connection({
  changed() {
    status.show();
    composer.connectionChanged();
  },
  attempting() {
    matcher.reset();
    const { url, protocols } = connection;
    log.addEvent({ name: "connecting", url, protocols });
    view.update();
  },
  opened(handshake) {
    const { protocol } = connection;
    status.setFailure(undefined);
    status.setClose(undefined);
    log.addEvent({ name: "open", protocol, handshake });
    view.update();
    announcer.say(words.states.open);
    // After pressing Connect, the next step is to write a message.
    if (byId("connection", HTMLElement).contains(document.activeElement)) {
      composer.focus();
    }
  },
  received(data, at) {
    const size = byteLength(data);
    const roundTrip = measured ? matcher.received(at) : undefined;
    statistics.count("received", size, roundTrip);
    log.addMessage("received", data, size, roundTrip);
    announcer.received(data);
    view.update();
    picture.update();
  },
  closed({ code, reason, wasClean, handshakeFailed }) {
    const close = { code, reason, wasClean };
    log.addEvent({ name: "closed", ...close, handshakeFailed });
    view.update();
    status.setClose(close);
    const title = handshakeFailed ? words.failedTitle : words.states.closed;
    announcer.say(`${title}: ${words.closed(close)}`);
    if (handshakeFailed) explain();
  },
  rejected(message) {
    showFailure({ kind: "rejected", message });
  },
});
let measured = true;

const status = new StatusLine(connection);
const picture = new Picture(statistics);
const view = new LogView(
  log,
  ({ payload, size }) => {
    if (connection.state !== "open") return false;
    send(payload, size);
    return true;
  },
  () => ({
    url: connection.url,
    sent: statistics.sent,
    received: statistics.received,
  }),
);
const composer = new Composer({
  isOpen: () => connection.state === "open",
  limit: () =>
    connection.url.startsWith(`${webSocketOrigin(location)}/`)
      ? server?.limits.maxMessageSize
      : undefined,
  buffered: () => connection.bufferedAmount,
  send,
});

/**
 * @param {string | ArrayBuffer} payload
 * @param {number} size In bytes.
 */
function send(payload, size) {
  if (measured) matcher.sent(performance.now());
  connection.send(payload);
  statistics.count("sent", size);
  log.addMessage("sent", payload, size);
  announcer.sent();
  view.update();
  picture.update();
}

byId("connection", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const { state } = connection;
  if (state === "closing") return;
  if (state === "connecting" || state === "waiting") {
    connection.disconnect();
  } else if (state === "open") {
    // Enter in a field of the next connection must not close this one.
    const field = document.activeElement?.id ?? "";
    if (!["connect", "close-code", "close-reason"].includes(field)) return;
    const close = closeForm.read();
    if (close === undefined) return;
    // A close frame without a code is reported as 1005.
    log.addEvent({ name: "closing", ...close, code: close.code ?? 1005 });
    view.update();
    connection.disconnect(close.code, close.reason);
  } else connect();
});
// The second click of a double click would disconnect again.
byId("connect", HTMLElement).addEventListener("click", (event) => {
  if (event.detail > 1) event.preventDefault();
});
for (const type of ["input", "change"]) {
  byId("connection", HTMLElement).addEventListener(type, () => {
    status.setUrlChanged(form.url !== connection.url);
    if (!failureApplies()) status.setFailure(undefined);
  });
}
byId("reconnect", HTMLInputElement).addEventListener("change", () => {
  connection.reconnect = form.reconnect;
});

/** Whether the last failure is about the URL and subprotocols in the form. */
function failureApplies() {
  const { state, url, protocols } = connection;
  if (state !== "closed") return true;
  return form.url === url && String(form.protocols) === String(protocols);
}

function connect() {
  status.setFailure(undefined);
  const target = form.read();
  if (target === undefined) return;
  status.setClose(undefined);
  statistics.reset();
  measured = repliesMatch(target.url);
  picture.setMeasured(measured);
  connection.reconnect = form.reconnect;
  connection.connect(target.url, target.protocols);
  status.setUrlChanged(false);
}

async function explain() {
  const { url, protocols } = connection;
  const failure = await explainFailure(url, protocols, prefix);
  // It may be connected by now, or connecting to another URL.
  if (connection.state === "open" || connection.url !== url) return;
  showFailure(failure);
}

/** @param {import("./handshake_failure.js").Failure} failure */
function showFailure(failure) {
  const { url, protocols } = connection;
  const command = curlCommand(url, protocols, location.origin);
  // Attempts that fail the same way are explained once.
  if (status.shows(failure)) return;
  log.addEvent({ name: "failed", failure, command });
  view.update();
  if (failureApplies()) status.setFailure({ failure, command });
  announcer.say(`${words.failedTitle}. ${words.failure(failure)}`);
}

/** Asks the server for its endpoints, parameters and limits. */
async function introduce() {
  const { pathname } = location;
  form.setEndpoints(listChoices(defaultEndpoints, prefix));
  const guessed = form.url;
  try {
    const { headers } = await fetch(location.href, {
      method: "HEAD",
      cache: "no-store",
    });
    server = parseServerInfo(headers.get("X-Wsecho"));
  } catch {
    return; // The server has just stopped: the defaults remain.
  }
  if (server === undefined) return;
  prefix = mountPrefix(pathname, server.path);
  byId("version", HTMLElement).textContent = server.version;
  // Keeps what was typed during the request.
  const typed = form.url === guessed ? undefined : form.url;
  const choices = listChoices(server.endpoints, prefix);
  form.setServer(choices, server.parameters, typed);
}
introduce().finally(() => {
  document.documentElement.dataset.ready = "";
});

document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  document.body.classList.add("dragging");
});
document.addEventListener("dragleave", ({ relatedTarget }) => {
  // Null: it left the page, and not only one element for another.
  if (relatedTarget === null) document.body.classList.remove("dragging");
});
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dragging");
  const file = event.dataTransfer?.files[0];
  if (file === undefined) return;
  event.preventDefault();
  composer.setFile(file);
});
