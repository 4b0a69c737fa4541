// @ts-check
// The card beside the plane: what to do and what to see, while a chapter of the tour or a failure of the gallery is open.

import { el } from "./dom.js";
import { texts } from "./texts.js";

export const CHAPTERS = 8;
/** Of each chapter the set-up that it opens, or "". */
export const SETUPS = ["game", "optimal-discriminator", "vanishing-gradient", "mode-collapse", "mode-collapse-both", "", "oscillation-both", ""];

/** Where a chapter begins: in the sandbox, or in the tour. @param {number} chapter */
const linkOf = (chapter) => (SETUPS[chapter - 1] ? `#sandbox=${SETUPS[chapter - 1]}.${chapter}` : "#tour");

/** Whether a game has all settings of a cure. @param {any} side  @param {Record<string, any>} cure */
const isCured = (side, cure) => Object.entries(cure).every(([key, value]) => JSON.stringify(side.changes[key]) === JSON.stringify(value));

export class Guide {
  /** @param {(entry: any) => void} onCure  @param {(entry: any) => void} onTogether */
  constructor(onCure, onTogether) {
    this.onCure = onCure;
    this.onTogether = onTogether;
    /** @type {any[]} */ this.entries = [];
    this.closed = "";
    this.element = el("section.card.guide", { hidden: true, "aria-label": texts.sandbox.guide });
  }

  /** Show what belongs to a label such as "chapter-4#key" or "failure-mode_collapse#key".
   * @param {any} setup  @param {string[]} changed  settings that were changed last
   */
  show(setup, changed) {
    const [, kind, which] = /^(chapter|failure)-(\w+)#/.exec(setup.label) ?? ["", "", ""];
    const content = setup.label === this.closed ? null : kind === "chapter" ? this.chapter(Number(which), setup) : kind ? this.failure(which, setup, changed) : null;
    this.element.hidden = !content;
    this.element.replaceChildren(...(content ?? []));
  }

  /** @param {string} label */
  close(label) {
    return el("button", { type: "button", onclick: () => { this.closed = label; this.element.hidden = true; this.element.dispatchEvent(new Event("close")); } }, texts.sandbox.close);
  }

  /** Buttons of a failure. @param {any} entry  @param {any} setup */
  buttons(entry, setup) {
    const cured = setup.sides.every((/** @type {any} */ side) => isCured(side, entry.cure)), both = setup.sides.length > 1;
    return [
      cured || both ? null : el("button.play", { type: "button", id: "guide-cure", onclick: () => this.onCure(entry) }, texts.sandbox.cure),
      both ? null : el("button", { type: "button", onclick: () => this.onTogether(entry) }, texts.sandbox.together),
    ];
  }

  /** @param {string} name  @param {any} setup  @param {string[]} changed */
  failure(name, setup, changed) {
    const entry = this.entries.find((each) => each.name === name), said = texts.sandbox.failures[name];
    if (!entry || !said) return null;
    const cured = setup.sides.some((/** @type {any} */ side) => isCured(side, entry.cure)), both = setup.sides.length > 1;
    return [
      el("h2", {}, said.title),
      both || !cured ? el("p", {}, el("strong", {}, `${texts.sandbox.watch} `), said.watch) : null,
      el("p", {}, el("strong", {}, `${texts.sandbox.whyIs} `), said.why),
      cured ? el("p", {}, el("strong", {}, `${texts.sandbox.cured} `), said.cure) : null,
      cured ? el("p", {}, el("strong", {}, `${texts.sandbox.watch} `), said.heals) : null,
      cured && changed.length ? el("p", {}, el("strong", {}, `${texts.sandbox.changed} `), changed.join("; ")) : null,
      el("details", {}, el("summary", {}, texts.sandbox.who), el("p", {}, texts.sandbox.lead)),
      el("div.buttons", {}, ...this.buttons(entry, setup), this.close(setup.label)),
    ].filter((each) => each !== null);
  }

  /** @param {number} number  @param {any} setup */
  chapter(number, setup) {
    const chapter = texts.tour.chapters[number - 1], name = SETUPS[number - 1]?.replaceAll("-", "_").replace("_both", "");
    if (!chapter) return null;
    const entry = this.entries.find((each) => each.name === name), next = texts.tour.chapters[number];
    return [
      el("h2", {}, texts.tour.chapter(number, CHAPTERS, chapter.title)),
      el("p", {}, el("strong", {}, `${texts.tour.try} `), chapter.try),
      el("p", {}, el("strong", {}, `${texts.tour.see} `), chapter.see),
      el("details", {}, el("summary", {}, texts.tour.read), ...chapter.text.map((each) => el("p", {}, each))),
      el("div.buttons", {}, ...(entry ? this.buttons(entry, setup).slice(0, 1) : []),
        next ? el("a.button", { href: linkOf(number + 1), id: "next-chapter" }, texts.tour.next(number + 1, next.title)) : null, this.close(setup.label)),
    ];
  }
}
