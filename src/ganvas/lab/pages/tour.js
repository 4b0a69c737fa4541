// @ts-check
// The tour: eight short chapters from the game to one's own data, each with something to do and something to see.

import { el } from "./dom.js";
import { SETUPS } from "./guide.js";
import { navigation } from "./navigation.js";
import { toCopy } from "./panels.js";
import { texts } from "./texts.js";

/** Of each chapter its command. */
const COMMANDS = [
  "ganvas lab --sandbox game",
  "ganvas lab --sandbox optimal-discriminator",
  "ganvas lab --sandbox vanishing-gradient",
  "ganvas lab --sandbox mode-collapse",
  "ganvas lab --sandbox mode-collapse-both",
  "ganvas train cgan --lab",
  "ganvas eval runs/cgan",
  "ganvas train --data my-pictures --minutes 10 --lab",
];

/** @param {HTMLElement} page */
export function tourPage(page) {
  const said = texts.tour;
  document.title = `${said.title} · ${texts.lab}`;
  page.replaceChildren(
    el("header.top", {}, el("h1", {}, texts.lab), navigation("tour"), el("span.soft", {}, said.lead)),
    el("main.tour", {}, ...COMMANDS.map((command, at) => {
      const chapter = said.chapters[at], setup = SETUPS[at];
      return el("article.card", { id: `chapter-${at + 1}` }, el("h2", {}, `${at + 1}. ${chapter.title}`), ...chapter.text.map((each) => el("p", {}, each)),
        el("p", {}, el("strong", {}, `${said.try} `), chapter.try), el("p", {}, el("strong", {}, `${said.see} `), chapter.see),
        el("div.buttons", {}, setup ? el("a.button", { href: `#sandbox=${setup}.${at + 1}` }, said.open) : null, toCopy(command)));
    })));
  return () => {};
}
