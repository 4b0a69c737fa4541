// @ts-check
// The doors of the lab, and its languages.

import { el } from "./dom.js";
import { choose, language, languages, texts } from "./texts.js";

/** @param {"runs" | "sandbox" | "tour" | ""} here */
export function navigation(here) {
  const list = /** @type {HTMLSelectElement} */ (el("select.language", { "aria-label": texts.language, onchange: () => choose(list.value) },
    ...Object.entries(languages).map(([name, each]) => el("option", { value: name, lang: name }, each.name))));
  list.value = language;
  return el("nav", { "aria-label": texts.lab },
    el("a", { href: "#runs", "aria-current": here === "runs" ? "page" : null }, texts.runs),
    el("a", { href: "#sandbox", "aria-current": here === "sandbox" ? "page" : null }, texts.sandbox.title),
    el("a", { href: "#tour", "aria-current": here === "tour" ? "page" : null }, texts.tour.title), list);
}
