import { inOne } from "./both_languages.js";
import { checkWords } from "./words_check.js";
import { connectionWords } from "./words_connection.js";
import { logWords } from "./words_log.js";
import { messageWords } from "./words_message.js";
import { optionWords } from "./words_options.js";
import { watchWords } from "./words_watch.js";

const words = {
  ...connectionWords,
  ...optionWords,
  ...messageWords,
  ...logWords,
  watch: watchWords,
  check: checkWords,
};

/** The words of the page in English. */
export const english = inOne(words, 0);

/** The words of the page in Simplified Chinese. */
export const chinese = inOne(words, 1);
