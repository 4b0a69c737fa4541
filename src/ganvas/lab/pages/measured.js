// @ts-check
// The numbers of a moment above the plane: of one game as a line, of two as a table.

import { el, short, whole } from "./dom.js";
import { info } from "./glossary.js";
import { texts } from "./texts.js";

/** A share in percent; a few are not none. @param {number} part */
const percent = (part) => (part > 0 && part < 0.01 ? "< 1 %" : `${Math.round(100 * part)} %`);

/** Of one game, in the order in which they are shown. @param {any} scores  @param {any} side  @returns {[string, string, string][]}  value, label, word of the glossary */
function values(scores, side) {
  const said = texts.sandbox, found = /** @type {[string, string, string][]} */ ([[whole(side?.rounds ?? 0), said.roundsSeen, "round"]]);
  if (scores?.modes !== undefined) found.push([said.modes(scores.modes, scores.of), said.modesFound, "mode"], [percent(scores.quality), said.quality, ""]);
  if (scores) found.push([short(scores.sliced), said.scoreNames.sliced, "distance"], [short(scores.js), said.scoreNames.js, ""]);
  return [...found, [short(side?.slope), said.slope, "gradient"]];
}

/** The buttons stay while the numbers change, so that what they opened stays open. */
export class Measured {
  constructor() {
    this.element = el("div.numbers");
    this.form = "";
    /** @type {HTMLElement[]} */ this.cells = [];
    this.hint = el("p.hint", {}, texts.sandbox.modesHint);
  }

  /** @param {any[]} scores  of each game  @param {any[]} sides  of a frame */
  show(scores, sides) {
    const all = sides.map((side, at) => values(scores[at], side)), form = JSON.stringify(all.map((each) => each.map(([, label]) => label)));
    if (form !== this.form) this.build(all, form);
    const shown = all.length > 1 ? all[0].flatMap((_, place) => all.map((each) => each[place]?.[0] ?? "–")) : all[0].map(([value]) => value);
    this.cells.forEach((cell, at) => { cell.textContent = shown[at]; });
    this.element.querySelectorAll(".score").forEach((each, at) => /** @type {HTMLElement} */ (each).setAttribute("data-modes", String(scores[at]?.modes ?? "")));
    this.hint.hidden = scores[0]?.modes === undefined;
  }

  /** @param {[string, string, string][][]} all  @param {string} form */
  build(all, form) {
    this.form = form;
    const cell = () => el("b"), word = (/** @type {string} */ name) => (name ? info(name) : null);
    if (all.length === 1) {
      this.cells = all[0].map(cell);
      this.element.replaceChildren(el("p.score", {}, ...all[0].map(([, label, name], at) => el("span", {}, this.cells[at], label, word(name)))), this.hint);
      return;
    }
    this.cells = all[0].flatMap(() => all.map(cell));
    this.element.replaceChildren(el("div.scroll", {}, el("table.score-table", {}, el("thead", {}, el("tr", {}, el("td"), ...all.map((_, at) => el("th.score", { scope: "col" }, "AB"[at])))),
      el("tbody", {}, ...all[0].map(([, label, name], place) => el("tr", {}, el("th", { scope: "row" }, label, word(name)), ...all.map((_, at) => el("td", {}, this.cells[place * all.length + at]))))))), this.hint);
  }
}
