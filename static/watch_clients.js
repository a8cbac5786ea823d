import { appendVisible, byId, create, setText } from "./dom.js";
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

/**
 * The clients: a choice of one or all, and what can be done with them.
 * @param {import("./watch_session.js").WatchSession} session
 * @param {import("./close_form.js").CloseForm} closeForm
 */
export function showClients(session, closeForm) {
  /** @type {Map<Client | undefined, ReturnType<typeof createItem>>} */
  const items = new Map();
  let frame = 0;
  session.on("state", () => {
    // Many may come at once.
    frame ||= requestAnimationFrame(draw);
  });
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
    items.clear();
    list.replaceChildren();
    draw();
  });

  function draw() {
    frame = 0;
    const { clients, isOpen, mode, selected } = session;
    const shown = [undefined, ...clients.all];
    for (const [client, { item }] of items) {
      if (shown.includes(client)) continue;
      item.remove();
      items.delete(client);
    }
    for (const client of shown) {
      let entry = items.get(client);
      if (entry === undefined) {
        entry = createItem(client);
        items.set(client, entry);
        const select = () => session.select(client);
        entry.radio.addEventListener("change", select);
        // Below the choice of all, the newest comes first.
        list.insertBefore(entry.item, list.children[1] ?? null);
      }
      const { item, radio, state, end } = entry;
      radio.checked = client === selected;
      if (client === undefined) continue;
      const { latest } = client;
      const { name } = latest;
      const byHand = name === "joined" && client.mode === "manual";
      const mark = byHand ? ` · ${words.watch.manual}` : "";
      item.dataset.state = name;
      setText(state, words.types[name] + mark);
      // How it ended, or why it was refused.
      const about = name === "joined" ? "" : words.watch.event(latest);
      setText(end, escapeInvisible(about));
    }
    modes[mode].checked = true;
    close.disabled = !isOpen;
  }
}

/** @param {Client} [client] Without one: all of them. */
function createItem(client) {
  const radio = create("input");
  radio.type = "radio";
  radio.name = "client";
  const state = create("span", "client-state");
  const end = create("p", "client-end");
  const item = create("li", "client");
  if (client === undefined) {
    item.append(create("label", "", radio, words.watch.all));
  } else {
    const { id, at, handshake: { name: _, ...handshake } } = client;
    const { path, remote } = handshake;
    const time = new Date(at).toLocaleTimeString(words.code);
    const facts = `${words.watch.handshake} · ${time} · ${remote}`;
    const pre = create("pre");
    appendVisible(pre, JSON.stringify(handshake, null, 2), "plain");
    // It can be scrolled.
    pre.tabIndex = 0;
    item.append(
      create("label", "", radio, `#${id} ${path}`, state),
      end,
      create("details", "", create("summary", "hint", facts), pre),
    );
  }
  return { item, radio, state, end };
}
