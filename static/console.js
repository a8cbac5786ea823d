// @ts-check
import { Announcer } from "./announcer.js";
import { CloseForm } from "./close_form.js";
import { Composer } from "./composer.js";
import { ConnectionForm } from "./connection_form.js";
import { byId } from "./dom.js";
import { switchLanguage, translate, withWords, words } from "./language.js";
import { LogView } from "./log_view.js";
import { Picture } from "./picture.js";
import { ProxyCheckView } from "./proxy_check_view.js";
import { Session } from "./session.js";
import { StatusLine } from "./status_line.js";

withWords(() => {
  document.documentElement.lang = words.code;
  translate(document);
  const button = byId("language", HTMLElement);
  button.textContent = words.otherLanguage;
  button.lang = words.otherLanguageCode;
});
byId("language", HTMLElement).addEventListener("click", switchLanguage);

const session = new Session();
const form = new ConnectionForm(session);
const closeForm = new CloseForm();
const composer = new Composer(session);
new StatusLine(session, form);
new Picture(session);
new LogView(session);
new Announcer(session);
new ProxyCheckView(session, form);

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
  if (state === "closing") return;
  if (state === "connecting" || state === "waiting") connection.disconnect();
  else if (state === "open") {
    // Enter in a field of the next connection must not close this one.
    const field = document.activeElement?.id ?? "";
    if (!["connect", "close-code", "close-reason"].includes(field)) return;
    const close = closeForm.read();
    if (close !== undefined) session.close(close.code, close.reason);
  } else form.connect();
});
// The second click of a double click would disconnect again.
byId("connect", HTMLElement).addEventListener("click", (event) => {
  if (event.detail > 1) event.preventDefault();
});

session.introduce().finally(() => {
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
