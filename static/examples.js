import { createButton } from "./buttons.js";
import { byId } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";

/** What to try: the URL's parameters, and how many messages to send. */
const examples = /** @type {const} */ ([
  ["hello", "", 1],
  ["slow", "?delay=2000", 1],
  ["push", "?push=1000", 0],
  ["close", "?close=4000&reason=three%20replies&after=3", 3],
  ["refuse", "?status=503&retry=30", 0],
  ["info", "?info=1", 0],
]);

/**
 * Offers what can be tried with one click, as long as the log is empty.
 * @param {import("./session.js").Session} session
 * @param {import("./connection_form.js").ConnectionForm} form
 * @param {import("./composer.js").Composer} composer
 */
export function offerExamples(session, form, composer) {
  const place = byId("examples", HTMLElement);
  const watch = byId("to-watch", HTMLElement);
  withWords(() => {
    const buttons = examples.map(([name, query, copies]) =>
      createButton(words.examples[name], () => {
        const { choices } = session;
        const echo = choices.find(({ name }) => name === "echo") ?? choices[0];
        form.setUrl(webSocketOrigin(location) + (echo?.path ?? "/") + query);
        if (copies > 0) composer.say("hello", copies);
        else form.connect();
        // The button goes away.
        composer.focus();
      })
    );
    place.replaceChildren(...buttons, watch);
  });
  const show = () => {
    const { connection: { state }, log } = session;
    const idle = state === "idle" || state === "closed";
    const isHidden = !idle || log.rows.length > 0;
    // Setting it costs, and rows come by thousands.
    if (place.hidden !== isHidden) place.hidden = isHidden;
  };
  show();
  session.on("row", show);
  session.on("state", show);
  byId("clear", HTMLElement).addEventListener("click", show);
}
