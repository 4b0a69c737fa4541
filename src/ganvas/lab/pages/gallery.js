// @ts-check
// "Why did it collapse?": failures to watch, each with its cure.

import { el } from "./dom.js";
import { texts } from "./texts.js";

/** @typedef {{recipe: string, changes: Record<string, any>, seed: number}} Side */

/**
 * @param {any[]} entries
 * @param {(sides: Side[]) => void} onOpen  opens set-ups and plays
 * @param {(changes: Record<string, any>) => void} onCure
 */
export function gallery(entries, onOpen, onCure) {
  const side = (/** @type {any} */ entry, cured = false) => ({ recipe: entry.recipe, changes: cured ? { ...entry.changes, ...entry.cure } : entry.changes, seed: 0 });
  const cards = entries.map((entry) => {
    const said = texts.sandbox.failures[entry.name];
    return el("article", { id: `failure-${entry.name}` }, el("h3", {}, said.title), el("p", {}, said.watch), el("p", {}, said.why), el("p", {}, said.cure),
      el("div.buttons", {},
        el("button", { type: "button", onclick: () => onOpen([side(entry)]) }, texts.sandbox.fail),
        el("button", { type: "button", onclick: () => onCure(entry.cure) }, texts.sandbox.cure),
        el("button", { type: "button", onclick: () => onOpen([side(entry), side(entry, true)]) }, texts.sandbox.together)));
  });
  return el("section.card.gallery", {}, el("h2", {}, texts.sandbox.why), el("p.hint", {}, texts.sandbox.whyHint), el("div.entries", {}, ...cards));
}
