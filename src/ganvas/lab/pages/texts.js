// @ts-check
// The texts in the language that was chosen, or else in the first of the browser's languages that there is.

import { chinese } from "./chinese.js";
import { english } from "./english.js";

const KEY = "ganvas-language";
export const languages = /** @type {Record<string, {name: string, texts: typeof english}>} */ ({ en: { name: "English", texts: english }, zh: { name: "中文", texts: chinese } });

/** @returns {string} */
function wanted() {
  let chosen = "";
  try {
    chosen = localStorage.getItem(KEY) ?? "";
  } catch { /* a page from the disk may have no storage */ }
  const known = [chosen, ...navigator.languages.map((each) => each.slice(0, 2))];
  return known.find((each) => each in languages) ?? "en";
}

export const language = wanted();
export const texts = languages[language].texts;

/** Load the page again in this language. @param {string} name */
export function choose(name) {
  localStorage.setItem(KEY, name);
  location.reload();
}
