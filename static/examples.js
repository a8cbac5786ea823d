// @ts-check
import { byId, create } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";

/** What to try: the URL's parameters, and how many messages to send. */
const examples = /** @type {const} */ ([
  { name: "hello", query: "", copies: 1 },
  { name: "slow", query: "?delay=2000", copies: 1 },
  { name: "push", query: "?push=1000", copies: 0 },
  {
    name: "close",
    query: "?close=4000&reason=three%20replies&after=3",
    copies: 3,
  },
  { name: "refuse", query: "?status=503&retry=30", copies: 0 },
  { name: "info", query: "?info=1", copies: 0 },
]);

const place = byId("examples", HTMLElement);

/** What can be tried with one click, as long as the log is empty. */
export class Examples {
  #session;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./connection_form.js").ConnectionForm} form
   * @param {import("./composer.js").Composer} composer
   */
  constructor(session, form, composer) {
    this.#session = session;
    const buttons = examples.map(({ name, query, copies }) => {
      const button = create("button");
      button.type = "button";
      button.addEventListener("click", () => {
        form.setUrl(`${webSocketOrigin(location)}${this.#path}${query}`);
        if (copies > 0) composer.say("hello", copies);
        else form.connect();
        // The button goes away.
        composer.focus();
      });
      return { button, name };
    });
    const watch = create("a");
    watch.id = "to-watch";
    watch.href = "#watch";
    place.append(...buttons.map(({ button }) => button), watch);
    withWords(() => {
      for (const { button, name } of buttons) {
        button.textContent = words.examples[name];
      }
      watch.textContent = words.examples.watch;
    });
    for (const change of /** @type {const} */ (["row", "state"])) {
      session.on(change, () => this.#show());
    }
    byId("clear", HTMLElement).addEventListener("click", () => this.#show());
  }

  #show() {
    const { connection: { state }, log } = this.#session;
    const idle = state === "idle" || state === "closed";
    place.hidden = !idle || log.rows.length > 0;
  }

  get #path() {
    const { choices } = this.#session;
    const echo = choices.find(({ name }) => name === "echo");
    return (echo ?? choices[0])?.path ?? "/";
  }
}
