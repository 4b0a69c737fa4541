// @ts-check
// "Why did it collapse?": failures to watch, each with its cure.

import { el } from "./dom.js";
import { texts } from "./texts.js";

/** The game of a failure, or its cure. @param {any} entry  @param {boolean} [cured] */
export const failureSide = (entry, cured = false) => ({ recipe: entry.recipe, changes: cured ? { ...entry.changes, ...entry.cure } : entry.changes, seed: 0 });

/**
 * @param {any[]} entries
 * @param {(entry: any, both: boolean) => void} onOpen  opens a failure, or it and its cure, and plays
 */
export function gallery(entries, onOpen) {
  const cards = entries.map((entry) => {
    const said = texts.sandbox.failures[entry.name];
    return el("article", { id: `failure-${entry.name}` }, el("h3", {}, said.title), el("p", {}, said.watch), el("p", {}, said.why), el("p", {}, said.cure),
      el("div.buttons", {},
        el("button", { type: "button", onclick: () => onOpen(entry, false) }, texts.sandbox.fail),
        el("button", { type: "button", onclick: () => onOpen(entry, true) }, texts.sandbox.together)));
  });
  return el("section.card.gallery", {}, el("h2", {}, texts.sandbox.why), el("p.hint", {}, texts.sandbox.whyHint), el("div.entries", {}, ...cards));
}
