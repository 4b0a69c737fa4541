// @ts-check
// The words of the sandbox: a short explanation of each, behind a button where it is used, and all of them in one card.

import { el } from "./dom.js";
import { folded } from "./panels.js";
import { texts } from "./texts.js";

/** @param {string} word  of texts.sandbox.words */
const list = (word) => el("dl", {}, ...texts.sandbox.words[word].entries.flatMap(([name, meaning]) => [el("dt", {}, name), el("dd", {}, meaning)]));

/** A button that explains a word. @param {string} word  of texts.sandbox.words */
export const info = (word) => el("button.info", { type: "button", popovertarget: `word-${word}`, "aria-label": texts.sandbox.whatIs(texts.sandbox.words[word].title), title: texts.sandbox.whatIs(texts.sandbox.words[word].title) }, "?");

/** What the buttons open. */
export const explanations = () => el("div", {}, ...Object.entries(texts.sandbox.words).map(([word, { title }]) => el("section.word", { id: `word-${word}`, popover: "auto", "aria-label": title },
  el("h2", {}, title), list(word), el("div.buttons", {}, el("button", { type: "button", popovertarget: `word-${word}`, popovertargetaction: "hide" }, texts.sandbox.close)))));

/** All words. */
export const glossary = () => folded("words", texts.sandbox.glossary, el("div.entries", {}, ...Object.entries(texts.sandbox.words).map(([word, { title }]) => el("div", {}, el("h3", {}, title), list(word)))));
