import { splitVisible } from "./visible_text.js";

/**
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) {
    throw new Error(`Cannot find element: "${id}" as ${type.name}`);
  }
  return element;
}

/**
 * Invisible characters of text are escaped.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {(string | Node | undefined)[]} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function create(tag, className = "", ...content) {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  for (const part of content) {
    if (typeof part === "string") appendVisible(element, part);
    else if (part !== undefined) element.append(part);
  }
  return element;
}

/** @type {(element: Element, text: string) => void} Between backticks, it becomes code. */
export function setMarked(element, text) {
  const parts = text.split("`");
  element.replaceChildren(
    ...parts.map((part, i) => i % 2 === 0 ? part : create("code", "", part)),
  );
}

/**
 * Appends text of unknown origin to an element, with its invisible characters
 * escaped, until there are `most` escapes; returns how much of the text it appended.
 * Line breaks are shown like other controls, or as breaks, with a mark or none. The
 * mark comes from the style sheet: what is selected and copied has only the break.
 * @type {(element: Element, text: string, breaks?: "escaped" | "marked" | "plain", most?: number) => number}
 */
export function appendVisible(
  element,
  text,
  breaks = "escaped",
  most = Infinity,
) {
  let plain = "";
  let end = 0;
  for (const part of splitVisible(text)) {
    if (most <= 0) break;
    end += part.text.length;
    const isBreak = part.text === "\n" && breaks !== "escaped";
    if (part.escape === undefined || (isBreak && breaks === "plain")) {
      plain += part.text;
      continue;
    }
    const span = create("span", isBreak ? "break" : "escape");
    span.textContent = isBreak ? part.text : part.escape;
    element.append(plain, span);
    plain = "";
    most--;
  }
  if (plain !== "") element.append(plain);
  return end;
}

/** @type {(element: Element, text: string) => void} What is written anew is announced anew. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Shows a fault, if any, where the field's `aria-describedby` says, and marks the field
 * as invalid; `text` is shown where other fields share the place.
 * @type {(field: HTMLElement, place: HTMLElement, fault: string, text?: string) => void}
 */
export function showFault(field, place, fault, text = fault) {
  setText(place, text);
  if (fault === "") field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
}

/** @type {(name: string, time: string, extension: string, data: Blob) => void} The time as in ISO 8601. */
export function saveFile(name, time, extension, data) {
  const link = create("a");
  link.download = `${name}-${time.replace(/[:.]/g, "-")}.${extension}`;
  link.href = URL.createObjectURL(data);
  link.click();
  // A download that has begun no longer needs the URL.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
